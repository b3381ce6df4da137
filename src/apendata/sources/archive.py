"""What is wrong with a zip archive, before a library that trusts it opens it.

XLSX and ODS are zip archives. Python's zipfile reads an entry no further than its declared size and checks its CRC, so
a directory that lies about sizes is found as damage; the limits below then hold for what is really unpacked.
"""

import io
import re
import zipfile
import zlib
from typing import Final

from apendata.model import Place
from apendata.sources.codes import finding, refuse
from apendata.sources.identity import has_identity_number

MAX_UNPACKED: Final = 512 * 1024 * 1024
"""A sheet of 1 048 576 rows and 20 columns of codes and amounts unpacks to about 400 MB of XML."""
MAX_RATIO: Final = 200
"""Real exports pack 5 to 40 times, a million equal rows about 100 times; deflate's limit is 1032."""
RATIO_FROM: Final = 8 * 1024 * 1024
"""Small entries of mostly nothing may pack better than any ratio and harm nobody."""
MAX_ENTRIES: Final = 5000
_NESTED: Final = re.compile(r"(?i)\.(zip|xlsx|xlsm|xls|ods|docx|exe|dll|js|vbs)$|vbaProject\.bin$|/embeddings/")
_PROSE: Final = re.compile(r"(?i)(comment|drawing|person)[^/]*\.xml$")

_TAGS: Final = re.compile(r"(?:<[^>]*>\s*)+")


def entries(data: bytes, file: str) -> dict[str, bytes]:
    """Unpack an archive's XML parts within the limits.

    Raises:
        SourceUnreadable: damaged, encrypted, a bomb, archives or programs within, or XML with a document type.
        PersonalDataFound: a national identity number in a comment or a text box.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_directory(archive.infolist(), file)
            parts = {entry.filename: archive.read(entry) for entry in archive.infolist() if not entry.is_dir()}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError):
        refuse([finding("workbook_damaged", [Place(file)])])
        raise  # not reached: refuse has raised
    except RuntimeError:  # zipfile's word for an encrypted entry
        refuse([finding("workbook_encrypted", [Place(file)])])
        raise
    _check_parts(parts, file)
    return {name: part for name, part in parts.items() if name.endswith((".xml", ".rels"))}


def _check_directory(infos: list[zipfile.ZipInfo], file: str) -> None:
    if any(info.flag_bits & 1 for info in infos):
        refuse([finding("workbook_encrypted", [Place(file)])])
    if len(infos) > MAX_ENTRIES or len({info.filename for info in infos}) != len(infos):
        refuse([finding("workbook_bomb", [Place(file)], limit=f"{MAX_ENTRIES} parts of different names")])
    if sum(info.file_size for info in infos) > MAX_UNPACKED:
        refuse([finding("workbook_bomb", [Place(file)], limit=f"{MAX_UNPACKED >> 20} MB")])
    packed = [info for info in infos if info.file_size > RATIO_FROM]
    if any(info.file_size > MAX_RATIO * max(info.compress_size, 1) for info in packed):
        refuse([finding("workbook_bomb", [Place(file)], limit=f"{MAX_RATIO} times its size")])


def _check_parts(parts: dict[str, bytes], file: str) -> None:
    if any(_NESTED.search(name) or part.startswith(b"PK\x03\x04") for name, part in parts.items()):
        refuse([finding("workbook_nested", [Place(file)])])
    xml = {name: part for name, part in parts.items() if name.endswith(".xml")}
    if any(b"\0" in part for part in xml.values()):
        # UTF-16, which no spreadsheet program writes and in which nothing below would find anything.
        refuse([finding("workbook_damaged", [Place(file)])])
    if any(b"<!DOCTYPE" in part or b"<!ENTITY" in part for part in xml.values()):
        # No spreadsheet program writes one; entities are how a small XML text becomes a large one.
        refuse([finding("workbook_bomb", [Place(file)], limit="its own text (XML entities)")])
    prose = [part.decode("utf-8", "replace") for name, part in xml.items() if _PROSE.search(name)]
    # A comment is written in runs of one look each, and a number may lie in two of them.
    if any(has_identity_number(text) for part in prose for text in (part, _TAGS.sub("\n", part), _TAGS.sub("", part))):
        refuse([finding("identity_number", [Place(file)])])
