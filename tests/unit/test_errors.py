"""Every error has its place in the drawn tree, an exit code and a gravity; none is forgotten."""

import inspect
import re

import pytest

from apendata import errors

CLASSES = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.ApendataError) and kind.__module__ == errors.__name__
]
GROUPS = {"ApendataError", "AcceptanceError", "SourceError", "LakeError", "PortalError"}
LEAVES = [kind for kind in CLASSES if kind.__name__ not in GROUPS]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda k: k.__name__)
def test_every_error_is_in_the_drawn_tree(kind: type) -> None:
    line = re.search(rf"^.*─ {kind.__name__}\b.*$|^    {kind.__name__}$", errors.__doc__ or "", re.MULTILINE)
    assert line is not None
    assert (" ~ " in line.group()) == issubclass(kind, errors.Transient)


@pytest.mark.parametrize("kind", LEAVES, ids=lambda k: k.__name__)
def test_every_kind_of_failure_has_a_code_of_its_own(kind: type[errors.ApendataError]) -> None:
    code = errors.exit_code(kind("text"))
    assert [k.__name__ for k in LEAVES if errors.exit_code(k("text")) == code] == [kind.__name__]
    assert code not in {errors.EXIT_OK, 1, 2}


def test_of_several_failures_the_gravest_decides() -> None:
    every = [kind("text") for kind in LEAVES]
    assert isinstance(errors.gravest(every), errors.PersonalDataFound)
    assert isinstance(errors.gravest([errors.LakeBusy("a"), errors.DataRejected("b")]), errors.DataRejected)
    assert errors.gravest([]) is None
    assert len({type(errors.gravest([e, errors.UsageError("u")])) for e in every}) == len(LEAVES)


def test_samples_of_cells_stay_out_of_texts() -> None:
    from apendata.model import Finding

    finding = Finding("number_not_readable", samples=("kanarifugl",))
    assert "kanarifugl" not in repr(finding)
    assert "kanarifugl" not in str(errors.DataRejected("text", findings=[finding]))
    assert "kanarifugl" not in repr(errors.DataRejected("text", findings=[finding]))
