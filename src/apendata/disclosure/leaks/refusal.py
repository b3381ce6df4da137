"""How a leak stops a dataset: which findings there are, and the words of the error that holds them."""

from collections.abc import Iterable
from typing import Final

from apendata.errors import LeakFound
from apendata.model import Finding

SEALED: Final = "disclosure.leak_sealed"
SENTINEL: Final = "disclosure.leak_sentinel"
TWIN: Final = "disclosure.leak_twin"
HASH: Final = "disclosure.leak_hash"
PROFILE: Final = "disclosure.leak_profile"
WAS_HIDDEN: Final = "disclosure.leak_changes"
TOLD: Final = "disclosure.leak_told"


def refuse(dataset_id: str, findings: Iterable[Finding]) -> None:
    """Return where nothing was found.

    Raises:
        LeakFound: something was; it names files, tables and columns, never a value.
    """
    if found := tuple(findings):
        places = "; ".join(dict.fromkeys(_place(finding) for finding in found))
        raise LeakFound(
            f"{dataset_id}: what was about to be published tells of hidden cells, where it must hold nothing of them: "
            f"{places}. Nothing was published. This is a defect in apendata: send the private report to its makers.",
            findings=found,
        )


def _place(finding: Finding) -> str:
    parts = [finding.params.get("file", "a message")]
    parts += [f"table «{finding.table}»"] if finding.table else []
    parts += [f"column «{finding.field}»"] if finding.field else []
    return f"{', '.join(parts)} ({finding.code.partition('leak_')[2].replace('_', ' ')})"
