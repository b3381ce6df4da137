"""What a transform made is screened like an export."""

import pyarrow as pa
import pytest

from apendata.errors import PersonalDataFound, SourceRejected
from apendata.model import Origin, RawTable
from apendata.sources import screen


def tables(*texts: str | None) -> dict[str, RawTable]:
    data = pa.table({"navn": pa.chunked_array([pa.array(texts, pa.string())]), "x": pa.array([1] * len(texts))})
    return {"tabell": RawTable("tabell", data, Origin((), {}, pa.table({})))}


def test_identity_numbers_stop_all() -> None:
    with pytest.raises(PersonalDataFound, match="tabell, column «navn»") as caught:
        screen(tables("a", None, "010101-12377", "01010112377"))
    assert "12377" not in str(caught.value) + repr(caught.value.findings)
    assert not caught.value.findings[0].samples


@pytest.mark.parametrize("text", ["=1+1", " =1+1", "@SUM(1)", "-2+cmd|x", "\u200b=1+1", "a\u202eb"])
def test_texts_that_could_hurt_a_reader_are_refused(text: str) -> None:
    with pytest.raises(SourceRejected, match="navn"):
        screen(tables("a", text))


def test_what_an_export_may_hold_a_transform_may_make() -> None:
    screen(tables("- herav lønn", "+47 72 54 00 00", "-1.5", "", None, "-", "010101.12377"))
    screen(tables("=A"), equals_allowed=True)
