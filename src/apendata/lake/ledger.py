"""What happened to a dataset in the lake, one JSON line per event, only ever appended to."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, get_args

from apendata.errors import LakeCorrupt
from apendata.lake import durable

Event = Literal[
    "committed",
    "kept",
    "exposed",
    "published",
    "rolled_back",
    "held",
    "resumed",
    "withdrawn",
    "emptied",
    "accepted",
    "unaccepted",
    "ended",
]
EVENTS: Final[tuple[str, ...]] = get_args(Event)


def append(ledger: Path, event: Mapping[str, str]) -> None:
    """Append one event: ``at``, ``event`` and its facts; on disk when this returns.

    Facts are words and version numbers, never values of cells.
    """
    durable.append_line(ledger, json.dumps(dict(event), ensure_ascii=False).encode())


def read(ledger: Path) -> Iterator[Mapping[str, str]]:
    """Yield the events, oldest first. A last line without its line feed was torn by a crash and never happened.

    Raises:
        LakeCorrupt: a line is not what we write.
    """
    if not ledger.exists():
        return
    for number, line in enumerate(ledger.read_bytes().split(b"\n")[:-1], start=1):
        yield _event(ledger, number, line)


def _event(ledger: Path, number: int, line: bytes) -> Mapping[str, str]:
    try:
        event = json.loads(line)
    except ValueError:
        event = None
    if not isinstance(event, dict) or event.get("event") not in EVENTS:
        raise LakeCorrupt(
            f"{ledger.parent.name}/{ledger.name}, line {number}: not what apendata wrote. Restore it from a backup."
        )
    return event
