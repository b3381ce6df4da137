"""The same work on every portal, whatever fails on one of them."""

from collections.abc import Callable, Mapping

from apendata.errors import ApendataError, InternalError, LakeUnwritable, gravest
from apendata.portals import Portal


def on_each(portals: Mapping[str, Portal], work: Callable[[str, Portal], None]) -> None:
    """Do something on every portal, whatever fails on the others: also a defect, for what it keeps may be people's.

    Raises:
        ApendataError: the gravest of what failed.
        Exception: a defect, where nothing graver failed; its text may hold values, and is for the private report.
    """
    failed: list[ApendataError] = []
    defects: list[Exception] = []
    for name, portal in portals.items():
        try:
            work(name, portal)
        except ApendataError as error:
            failed.append(error)
        except OSError as error:
            where = error.filename or "the lake"
            failed.append(LakeUnwritable(f"{name}: {error.strerror or type(error).__name__}: {where}."))
        except Exception as error:  # noqa: BLE001 (raised below, when the others have been asked)
            defects.append(error)
    worst = gravest((*failed, *(InternalError("") for _ in defects)))
    if isinstance(worst, InternalError) and defects:
        raise defects[0]
    if worst is not None:
        raise worst
