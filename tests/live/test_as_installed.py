"""On a CKAN whose administrator has set nothing that she need not: SQL search is off, as where nobody turns it on.

The other live tests have it on, so that what is withdrawn is looked for there too.
"""

import pytest

from tests.live.test_release import test_the_first_release_is_public_whole_and_says_which_it_is
from tests.live.test_withdrawal import (
    installation,
    test_a_release_after_a_withdrawal_is_whole_again,
    test_a_version_s_own_table_goes_with_it_though_a_form_wiped_its_marks,
    test_nothing_of_a_withdrawn_dataset_answers,
    test_one_version_goes_and_the_archive_and_the_history_lose_it,
)

__all__ = [
    "installation",
    "test_a_release_after_a_withdrawal_is_whole_again",
    "test_a_version_s_own_table_goes_with_it_though_a_form_wiped_its_marks",
    "test_nothing_of_a_withdrawn_dataset_answers",
    "test_one_version_goes_and_the_archive_and_the_history_lose_it",
    "test_the_first_release_is_public_whole_and_says_which_it_is",
]


@pytest.fixture(scope="module", autouse=True)
def as_installed(ckan):
    with ckan.with_setting("ckan.datastore.sqlsearch.enabled", "false"):
        yield


def test_sql_search_is_off(anybody):
    status, answer = anybody.ask("datastore_search_sql", sql="SELECT 1")
    assert (status, "not known" in str(answer)) == (400, True)
