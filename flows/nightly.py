"""The night: every dataset is built, then published where it may be. `make run` starts this file on the samples."""

import sys
from typing import Any, Literal

from prefect import State, flow
from prefect.states import Failed

from flows.choices import ALL
from flows.steps import build_and_publish, purge, runner

Datasett = Literal[ALL]  # type: ignore[valid-type]  # the folder decides, at import


@flow(name="nightly", task_runner=runner(), persist_result=False)
def nightly(datasett: list[Datasett] = [], eksempeldata: bool = False) -> State[Any]:  # noqa: B006, FBT001, FBT002
    """Bygg og publiser alle datasett.

    Args:
        datasett: Hvilke datasett. Ingen valgt: alle.
        eksempeldata: Les eksempeldataene i stedet for de virkelige uttrekkene. Bare til prøver på egen maskin.
    """
    ended = build_and_publish(tuple(datasett) or ALL, samples=eksempeldata)
    swept = purge(eksempeldata, return_state=True)
    return ended if swept.is_completed() else Failed(message=f"{ended.message} Opprydding feilet.")


if __name__ == "__main__":
    from flows.by_hand import main

    sys.exit(main(nightly, ALL, samples="--sample" in sys.argv[1:]))
