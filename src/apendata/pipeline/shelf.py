"""Where a run's private report is laid: in the lake, or in a folder that the steward names."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from apendata.lake import durable


class Shelf(Protocol):
    """Keeps files that hold cell values, for one account alone."""

    def write_report(self, dataset_id: str, name: str, content: bytes) -> Path:
        """Write one file of a report; return its path."""
        ...


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of her own. One that is not there is made for her account alone; the files are hers alone always."""

    root: Path

    def write_report(self, dataset_id: str, name: str, content: bytes) -> Path:
        """Write one file of a report; return its path."""
        durable.make_folder(self.root.absolute())
        file = self.root.absolute() / f"{dataset_id}-{name}"
        durable.replace_file(file, content)
        return file
