"""What python-calamine does not tell of an XLS sheet: error cells, which it gives as "".

XLS is a stream of BIFF8 records in an OLE compound file ([MS-CFB], [MS-XLS]). Only the record heads are walked; a
formula always stores a result there, so «without a value» cannot happen.
"""

import struct
from collections.abc import Iterator
from typing import Final

from apendata.model import Place
from apendata.sources.codes import finding, refuse
from apendata.sources.grid import Kind
from apendata.sources.ooxml import Oddity

MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END: Final = 0xFFFFFFF0
"""Sector numbers from here on are marks: end of chain, free."""
_ERRORS: Final = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_FORMULA, _EOF, _FILEPASS, _BOUNDSHEET, _BOOLERR = 0x06, 0x0A, 0x2F, 0x85, 0x205


def oddities(data: bytes, file: str) -> dict[str, list[Oddity]]:
    """Sheet → its error cells.

    Raises:
        SourceUnreadable: not a compound file with a workbook in it, damaged, or protected by a password.
    """
    try:
        stream = _workbook(data)
        heads = list(_records(stream, 0))
        if any(kind == _FILEPASS for kind, _ in heads):
            refuse([finding("workbook_encrypted", [Place(file)])])
        sheets = [body for kind, body in heads if kind == _BOUNDSHEET]
        return {_name(body): list(_odd_cells(stream, struct.unpack_from("<I", body)[0])) for body in sheets}
    except (struct.error, IndexError, KeyError, UnicodeDecodeError):
        refuse([finding("workbook_damaged", [Place(file)])])
        raise  # not reached: refuse has raised


def _workbook(data: bytes) -> bytes:
    """The workbook's stream, put together from its sectors."""
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    mini_size = 1 << struct.unpack_from("<H", data, 32)[0]
    directory, _, cutoff, mini_fat_at = struct.unpack_from("<IIII", data, 48)

    def sector(number: int) -> bytes:
        return data[(number + 1) * size : (number + 2) * size]

    masters = [number for number in struct.unpack_from("<109I", data, 76) if number < _END]
    extra = struct.unpack_from("<I", data, 68)[0]
    for _ in range(struct.unpack_from("<I", data, 72)[0]):
        *more, extra = struct.unpack(f"<{size // 4}I", sector(extra))
        masters += [number for number in more if number < _END]
    fat = _numbers(b"".join(map(sector, masters)))
    names = {}
    root = b"".join(sector(number) for number in _chain(fat, directory))
    for at in range(0, len(root) - 127, 128):
        length = struct.unpack_from("<H", root, at + 64)[0]
        start, bytes_ = struct.unpack_from("<II", root, at + 116)
        names[root[at : at + max(length - 2, 0)].decode("utf-16-le")] = (start, bytes_)
    start, length = names["Workbook"]
    if length >= cutoff:
        return b"".join(sector(number) for number in _chain(fat, start))[:length]
    mini_fat = _numbers(b"".join(sector(number) for number in _chain(fat, mini_fat_at)))
    minis = b"".join(sector(number) for number in _chain(fat, names["Root Entry"][0]))
    return b"".join(minis[n * mini_size : (n + 1) * mini_size] for n in _chain(mini_fat, start))[:length]


def _numbers(table: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(table) // 4}I", table))


def _chain(table: list[int], number: int) -> Iterator[int]:
    for _ in range(len(table)):  # a chain that bites its tail ends with the table
        if number >= _END:
            return
        yield number
        number = table[number]
    if number < _END:
        raise IndexError


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        if kind == _EOF:
            return
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _name(body: bytes) -> str:
    length, wide = body[6], body[7] & 1
    return body[8 : 8 + length * (2 if wide else 1)].decode("utf-16-le" if wide else "latin-1")


def _odd_cells(stream: bytes, at: int) -> Iterator[Oddity]:
    for kind, body in _records(stream, at):
        if kind == _BOOLERR and body[7]:
            error = body[6]
        elif kind == _FORMULA and body[12:14] == b"\xff\xff" and body[6] == 2:
            error = body[8]
        else:
            continue
        row, column = struct.unpack_from("<HH", body)
        yield row, column, Kind.ERROR, _ERRORS.get(error, "#N/A")
