"""Keeps the ledger at what the lake's files say: told at once, and by whoever comes after where a run died between."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from apendata.lake import ledger, withdrawal as withdrawals
from apendata.lake.memory import Memory
from apendata.lake.records import Head, accepted_of
from apendata.lake.state import State, write_state

Clock = Callable[[], datetime]


def now() -> datetime:
    """Return this moment in UTC."""
    return datetime.now(UTC)


class Journal(Memory):
    """What is remembered of one lake, and the ledger that tells how it came to be so."""

    def __init__(self, root: Path, clock: Clock) -> None:
        super().__init__(root)
        self._clock = clock

    def note(self, dataset_id: str, event: ledger.Event, **facts: str) -> None:
        """Append an event to the dataset's ledger; ``facts`` never hold a cell's value."""
        ledger.append(self.layout.ledger(dataset_id), self._event(event, facts))

    def _change(self, dataset_id: str, state: State, event: ledger.Event, **facts: str) -> None:
        """Give a dataset another state, with the event that makes it so, and tell the ledger."""
        write_state(self.layout.state(dataset_id), replace(state, event=self._event(event, facts)))
        self._note_change(dataset_id)

    def _tell_rest(self, dataset_id: str, head: Head | None) -> None:
        """Tell the ledger of all that a run could not tell itself, because it died."""
        told = {line.get("folder") for line in ledger.read(self.layout.ledger(dataset_id))}
        if head and head.last.folder not in told:
            self._note_commit(dataset_id, head)
        self._note_exposed(dataset_id)
        self._note_withdrawals(dataset_id)
        self._note_acceptance(dataset_id)
        self._note_change(dataset_id)

    def _note_commit(self, dataset_id: str, head: Head) -> None:
        last = head.last
        used = accepted_of(self._folder(dataset_id, last))
        accepted = {"accepted": used.difference} if used else {}
        words = {"version": str(last.number), "folder": last.folder, "build_key": head.build_key}
        self.note(dataset_id, "committed", **words, **accepted)

    def _note_exposed(self, dataset_id: str) -> None:
        """Tell the ledger of the versions that stand in their public place and that it does not know there yet."""
        events = ledger.read(self.layout.ledger(dataset_id))
        told = {line["version"] for line in events if line["event"] == "exposed"}
        for number in self._state(dataset_id).visible:
            if str(number) not in told and self.layout.public_version(dataset_id, number).is_dir():
                self.note(dataset_id, "exposed", version=str(number))

    def _note_withdrawals(self, dataset_id: str) -> None:
        """Tell the ledger of the withdrawals that it does not know yet."""
        events = (line for line in ledger.read(self.layout.ledger(dataset_id)) if line["event"] == "withdrawn")
        told = {(line["because"], line.get("decided", line["at"])) for line in events}
        for numbers, because, at in withdrawals.acts(self._state(dataset_id)):
            if (because, at) not in told:
                self.note(dataset_id, "withdrawn", version=numbers, because=because, decided=at)

    def _note_acceptance(self, dataset_id: str) -> None:
        """Tell the ledger of the acceptance that waits, if it does not know it yet."""
        if (waits := self._state(dataset_id).accepted) is None:
            return
        events = (line for line in ledger.read(self.layout.ledger(dataset_id)) if line["event"] == "accepted")
        if (waits.difference, waits.at) not in {(line["difference"], line["decided"]) for line in events}:
            by = {"by": waits.by} if waits.by else {}
            words = {"difference": waits.difference, "because": waits.because, "decided": waits.at}
            self.note(dataset_id, "accepted", **words, **by)

    def _note_change(self, dataset_id: str) -> None:
        """Tell the ledger of the state's last change, if it does not know it yet."""
        file, told = self.layout.ledger(dataset_id), self._state(dataset_id).event
        if told is not None and told not in list(ledger.read(file)):
            ledger.append(file, told)

    def _event(self, event: ledger.Event, facts: Mapping[str, str]) -> dict[str, str]:
        return {"at": self._stamp(), "event": event, **facts}

    def _stamp(self) -> str:
        return self._clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
