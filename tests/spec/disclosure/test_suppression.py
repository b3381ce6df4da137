"""What a reader sees of small groups of people: the tables are the specification."""

import pytest

from apendata.disclosure import protect
from apendata.errors import DisclosureRefused
from tests.spec.disclosure.crosstabs import Crosstab, dataset, publish, same


def test_with_threshold_five_all_six_inner_cells_go_and_a_total_of_five_goes_too():
    # Four hidden cells would make nothing exactly computable, but the women of B would be known to be 2 or more. Of the
    # five in C everybody would know that each sex is 1 to 4, since one of the two must be small for both to be hidden.
    left = publish(
        """
             |  K |  M | ALLE
        A    | 18 | 10 |   28
        B    |  3 |  4 |    7
        C    |  4 |  1 |    5
        ALLE | 25 | 15 |   40
        """,
        threshold=5,
    )
    assert left == same(
        """
             |  K |  M | ALLE
        A    |  : |  : |   28
        B    |  : |  : |    :
        C    |  : |  : |    :
        ALLE | 25 | 15 |   40
        """
    )


def test_a_total_that_is_itself_small_goes_and_takes_another_total_with_it():
    left = publish(
        """
             |  K |  M | ALLE
        A    | 18 | 10 |   28
        B    |  3 |  4 |    7
        C    |  1 |  0 |    1
        ALLE | 22 | 14 |   36
        """,
        threshold=5,
    )
    assert left == same(
        """
             |  K |  M | ALLE
        A    |  : |  : |   28
        B    |  : |  : |    :
        C    |  : |  0 |    :
        ALLE | 22 | 14 |   36
        """
    )


def test_one_small_cell_needs_a_rectangle_not_only_its_neighbour():
    left = publish(
        """
             |  K |  M | ALLE
        A    | 12 |  2 |   14
        B    | 20 |  9 |   29
        C    | 15 |  8 |   23
        ALLE | 47 | 19 |   66
        """,
        threshold=3,
    )
    assert left == same(
        """
             |  K |  M | ALLE
        A    |  : |  : |   14
        B    | 20 |  9 |   29
        C    |  : |  : |   23
        ALLE | 47 | 19 |   66
        """
    )


def test_a_single_total_is_enough_to_subtract():
    left = publish(
        """
             |  K
        A    | 31
        B    | 24
        C    |  7
        D    |  2
        ALLE | 64
        """,
        threshold=3,
    )
    assert left == same(
        """
             |  K
        A    | 31
        B    | 24
        C    |  :
        D    |  :
        ALLE | 64
        """
    )


def test_zeros_are_no_safe_place_two_ones_that_sum_to_two_need_a_third_cell():
    # B and C alone would sum to 2, and a reader who thinks that zeros are never hidden would know them both.
    left = publish(
        """
             |  K
        A    | 10
        B    |  1
        C    |  1
        D    |  0
        ALLE | 12
        """,
        threshold=3,
    )
    assert left == same(
        """
             |  K
        A    |  :
        B    |  :
        C    |  :
        D    |  0
        ALLE | 12
        """
    )


def test_a_zero_is_hidden_where_it_alone_makes_room():
    # For A's two women to be none, somebody must be a woman elsewhere and a man fewer there: only C has men to spare.
    left = publish(
        """
             |  K |  M | ALLE
        A    |  2 |  9 |   11
        B    |  9 |  0 |    9
        C    |  0 |  9 |    9
        ALLE | 11 | 18 |   29
        """,
        threshold=3,
    )
    assert left == same(
        """
             |  K |  M | ALLE
        A    |  : |  : |   11
        B    |  : |  : |    9
        C    |  : |  : |    9
        ALLE | 11 | 18 |   29
        """
    )


def test_a_zero_that_cannot_be_otherwise_is_never_a_hiding_place():
    left = publish(
        """
             |  K |  M | ALLE
        A    | 12 |  2 |   14
        B    | 15 |  . |   15
        C    | 20 |  8 |   28
        ALLE | 47 | 10 |   57
        """,
        threshold=3,
    )
    assert left == same(
        """
             |  K |  M | ALLE
        A    |  : |  : |   14
        B    | 15 |  . |   15
        C    |  : |  : |   28
        ALLE | 47 | 10 |   57
        """
    )


def test_without_totals_a_small_cell_takes_another_with_it_since_it_would_stand_alone_as_small():
    left = publish(
        """
          |  K |  M
        A | 12 |  2
        B | 20 |  9
        """,
        threshold=3,
    )
    assert left == same(
        """
          |  K | M
        A |  : | :
        B | 20 | 9
        """
    )


def test_nothing_small_nothing_hidden():
    text = """
             |  K |  M | ALLE
        A    | 12 |  3 |   15
        B    | 20 |  0 |   20
        ALLE | 32 |  3 |   35
        """
    assert publish(text, threshold=3) == same(text)


def test_two_tables_of_the_same_people_hide_and_show_together():
    # By sex, A's total is harmless; by type, A has two small cells and A's total would give one away.
    by_sex = Crosstab(
        """
             |  K |  M | ALLE
        A    | 11 |  2 |   13
        B    | 26 | 13 |   39
        ALLE | 37 | 15 |   52
        """,
        threshold=3,
    )
    by_type = Crosstab(
        """
          | fast | midl
        A |    9 |    4
        B |   29 |   10
        """,
        threshold=3,
        second="ansettelse",
    )
    both = dataset(*by_sex.tables, *by_type.tables)
    left = protect(both, by_sex.valid() | by_type.valid(), {})
    # 9 + 4 gives A's total away, so hiding it would help nobody: the women go, and the same two in B.
    assert by_sex.shown(left) == same(
        """
             |  K |  M | ALLE
        A    |  : |  : |   13
        B    |  : |  : |   39
        ALLE | 37 | 15 |   52
        """
    )
    assert by_type.shown(left) == same(
        """
          | fast | midl
        A |    9 |    4
        B |   29 |   10
        """
    )


def test_two_tables_that_disagree_about_the_same_people_are_refused():
    by_sex = Crosstab("  | K | M\nA | 9 | 4", threshold=3)
    by_type = Crosstab("  | fast | midl\nA | 9 | 5", threshold=3, second="ansettelse")
    with pytest.raises(DisclosureRefused) as refused:
        protect(dataset(*by_sex.tables, *by_type.tables), by_sex.valid() | by_type.valid(), {})
    assert refused.value.findings[0].code == "disclosure.sum_differs"


def test_totals_that_are_not_the_sum_are_refused():
    with pytest.raises(DisclosureRefused) as refused:
        publish("     | K\nA    | 9\nB    | 4\nALLE | 14", threshold=3)
    assert refused.value.findings[0].code == "disclosure.sum_differs"


def test_a_missing_part_may_not_stand_in_a_published_total():
    with pytest.raises(DisclosureRefused) as refused:
        publish("     | K\nA    | 9\nB    | ..\nALLE | 14", threshold=3)
    assert refused.value.findings[0].code == "disclosure.missing_in_sum"


def test_a_missing_part_under_a_missing_total_is_left_as_it_is():
    text = """
             |  K |  M | ALLE
        A    |  9 | .. |   ..
        B    |  4 |  7 |   11
        ALLE | 13 | .. |   ..
        """
    assert publish(text, threshold=3) == same(text)
