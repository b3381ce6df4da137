"""What the public can see of a dataset, and what keeps it so: exposed, released, held, withdrawn, accepted."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from apendata.lake.acceptance import Acceptance
from apendata.lake.records import broken, read_json, replace_json
from apendata.model import VersionNumber


@dataclass(frozen=True, slots=True)
class Hold:
    """Somebody rolled back: the night leaves the pointer on ``number`` until something new has been built."""

    number: VersionNumber
    because: str
    since: str
    known: tuple[str, ...]
    """Folders of the versions that were there: none of them ends the hold."""
    inputs: str
    """Hash of the sources and the definition of the last version then; a build from the same does not end the hold."""


@dataclass(frozen=True, slots=True)
class Gone:
    """A version, or with no number the whole dataset, was withdrawn."""

    number: VersionNumber | None
    because: str
    at: str
    again: bool = False
    """Somebody said since that its rows may be public again, under another number."""


@dataclass(frozen=True, slots=True)
class State:
    """What the public can see of a dataset."""

    exposed: tuple[VersionNumber, ...] = ()
    """Numbers that stand under ``public/``, or are just being put there: never given to another version."""
    released: Mapping[str, VersionNumber] = field(default_factory=dict)
    """Portal → the version that its pointer names."""
    hold: Hold | None = None
    withdrawn: tuple[Gone, ...] = ()
    """Oldest first. Their numbers stay in ``exposed``: they were seen."""
    accepted: Acceptance | None = None
    """A difference that a steward lets through, until the build that has it is on record."""
    event: Mapping[str, str] | None = None
    """What made the state what it is, as the ledger is told of it next: who comes after a crash tells it instead."""

    @property
    def visible(self) -> tuple[VersionNumber, ...]:
        """Exposed numbers that were not withdrawn."""
        gone = {part.number for part in self.withdrawn}
        return tuple(number for number in self.exposed if number not in gone)

    @property
    def closed(self) -> Gone | None:
        """The withdrawal of the whole dataset, while it lasts."""
        return next((part for part in self.withdrawn if part.number is None), None)


def read_state(file: Path) -> State:
    """Read what is exposed, released and held.

    Raises:
        LakeCorrupt: the file is not what we write.
    """
    record = read_json(file)
    if record is None:
        return State()
    try:
        hold = record["hold"]
        return State(
            exposed=tuple(VersionNumber.parse(number) for number in record["exposed"]),
            released={portal: VersionNumber.parse(number) for portal, number in record["released"].items()},
            hold=None
            if hold is None
            else Hold(**{**hold, "number": VersionNumber.parse(hold["number"]), "known": tuple(hold["known"])}),
            withdrawn=tuple(
                Gone(**{**part, "number": VersionNumber.parse(part["number"]) if part["number"] else None})
                for part in record.get("withdrawn", [])  # a state written before there were withdrawals has none
            ),
            accepted=Acceptance.of(record.get("accepted")),
            event=record.get("event"),  # as above
        )
    except (KeyError, ValueError, TypeError):
        raise broken(file) from None


def write_state(file: Path, state: State) -> None:
    """Replace the state, in one step."""
    hold = None if state.hold is None else {**asdict(state.hold), "number": str(state.hold.number)}
    released = {portal: str(number) for portal, number in state.released.items()}
    withdrawn = [{**asdict(part), "number": str(part.number) if part.number else None} for part in state.withdrawn]
    replace_json(
        file,
        {
            "exposed": [str(number) for number in state.exposed],
            "released": released,
            "hold": hold,
            **({"withdrawn": withdrawn} if withdrawn else {}),
            **({"accepted": state.accepted.as_record()} if state.accepted else {}),
            **({"event": dict(state.event)} if state.event else {}),
        },
    )


def with_exposed(state: State, number: VersionNumber) -> State:
    """Return the state with one more exposed number."""
    return replace(state, exposed=tuple(sorted({*state.exposed, number})))
