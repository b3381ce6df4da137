"""Given whole numbers in any bytes: as text, int32, int64, float32, float64 and decimal, packed or not."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import numpy as np

from apendata.disclosure.leaks.binary import BinaryForms
from apendata.disclosure.leaks.inside import parts_of
from apendata.disclosure.leaks.written import WrittenForms


class Needles:
    """Some whole numbers that are looked for in many files; what is made ready for that is made once.

    Numbers of fewer than four digits stand everywhere by chance, so that a hit says nothing; nine digits are meant.
    """

    def __init__(self, numbers: Collection[int]) -> None:
        self._written = WrittenForms(numbers)
        self._binary = BinaryForms(numbers)

    def found_in(self, data: "bytes | memoryview") -> set[int]:
        """Return which of the numbers stand in these very bytes, in whatever form."""
        there = np.frombuffer(data, dtype=np.uint8)
        return self._written.found_in(there) | self._binary.found_in(there)

    def found_inside(self, name: str, data: bytes) -> Mapping[str, set[int]]:
        """Return part of a file → which of the numbers stand in it; a file that is packed is unpacked.

        Raises:
            Sealed: the file cannot be looked into.
        """
        found = ((part, self.found_in(inner)) for part, inner in parts_of(name, data))
        return {part: numbers for part, numbers in found if numbers}


def files_below(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file below a folder with its content, by its path from there."""
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield file.relative_to(folder).as_posix(), file.read_bytes()
