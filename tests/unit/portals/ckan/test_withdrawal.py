"""The proof that nothing of what was withdrawn answers any more: what does is told as that, and as nothing else."""

import pytest

from apendata.errors import PortalNotEmptied
from apendata.portals.ckan.answers import Unsure
from apendata.portals.ckan.withdrawal import prove
from apendata.report.texts import ERRORS


def asked(*answers):
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
        yield answer


def test_what_still_answers_is_told_as_that_and_not_as_a_release_that_was_put_back() -> None:
    with pytest.raises(PortalNotEmptied, match="datastore_search a; https://ckan/b") as told:
        prove("ansatte", asked("datastore_search a", "https://ckan/b"))
    assert "lagt tilbake" not in ERRORS["nb"][type(told.value).__name__]
    prove("ansatte", asked())


def test_what_is_known_to_answer_is_not_hidden_by_a_question_without_an_answer() -> None:
    with pytest.raises(PortalNotEmptied, match=r"datastore_search a\..* There may be more: down"):
        prove("ansatte", asked("datastore_search a", Unsure("down")))
    with pytest.raises(Unsure):
        prove("ansatte", asked(Unsure("down")))
