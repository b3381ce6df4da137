"""Which counts are protected for their own sake, beyond the small ones."""

from decimal import Decimal

import pytest

from apendata.disclosure import protect
from apendata.disclosure.facts import Count
from apendata.disclosure.homogeneous import telling_zeros
from apendata.disclosure.magnitude import Dominance, FewContributors, PPercent, in_whole_units
from apendata.errors import DefinitionError
from apendata.model import Disclosure
from tests.spec.disclosure.crosstabs import dataset, rows, table


def _amounts(*numbers: str) -> list[Decimal]:
    return [Decimal(number) for number in numbers]


@pytest.mark.parametrize(
    ("rule", "is_sensitive", "is_not"),
    [
        (FewContributors(2), _amounts("5", "5"), _amounts("5", "5", "0")),
        (FewContributors(2), _amounts("5"), _amounts()),
        # 81 of 100 is more than 80 per cent, 80 of 100 is not.
        (Dominance(1, Decimal(80)), _amounts("81", "19"), _amounts("80", "20")),
        (Dominance(2, Decimal(80)), _amounts("50", "31", "19"), _amounts("50", "30", "20")),
        # The second knows the total and her own 30: the rest is 9, less than a tenth of 100, or 10, which is not.
        (PPercent(Decimal(10)), _amounts("100", "30", "9"), _amounts("100", "30", "10")),
        (PPercent(Decimal(10)), _amounts("100"), _amounts("0", "0")),
    ],
)
def test_an_amount_is_sensitive_by_the_letter_of_its_rule(
    rule: FewContributors | Dominance | PPercent, is_sensitive: list[Decimal], is_not: list[Decimal]
) -> None:
    assert rule.is_sensitive(is_sensitive)
    assert not rule.is_sensitive(is_not)


def test_amounts_are_whole_in_the_finest_unit_that_any_of_them_has() -> None:
    assert in_whole_units(_amounts("75.9", "24.5", "3")) == 10
    assert in_whole_units(_amounts("7", "12")) == 1


def _staff(group: int, others: int) -> dict[Count, int]:
    cells = {("A", "midlertidig"): group, ("A", "fast"): others, ("B", "midlertidig"): 20, ("B", "fast"): 30}
    return {Count("d", (("omraade", a), ("type", t))): n for (a, t), n in cells.items()}


def test_the_zero_that_says_that_all_of_a_small_group_are_alike_is_protected() -> None:
    (zero,) = telling_zeros(_staff(6, 0), ["type"])
    assert zero.cell == (("omraade", "A"), ("type", "fast"))


@pytest.mark.parametrize(("group", "others"), [(6, 1), (10, 0), (0, 0)])
def test_no_zero_gives_away_a_mixed_a_large_or_an_empty_group(group: int, others: int) -> None:
    assert not list(telling_zeros(_staff(group, others), ["type"]))


def _policy(**changes: object) -> Disclosure:
    known: dict[str, object] = {"people": "ansatte", "threshold": 5, "value": "antall"}
    return Disclosure("suppression", dimensions=("omraade", "type"), per=("dato",), **(known | changes))  # type: ignore[arg-type]


FIELDS = {"dato": "string", "omraade": "string", "type": "string", "antall": "integer", "antall_status": "string"}
STAFF = [("2024", a, t, n, None) for a, t, n in (("A", "m", 6), ("A", "f", 0), ("B", "m", 20), ("B", "f", 30))]


def test_a_table_with_a_sensitive_dimension_hides_that_zero_and_what_it_needs() -> None:
    made = table("stillinger", FIELDS, ("dato", "omraade", "type"), _policy(sensitive=("type",)))
    shown = protect(dataset(made), {"stillinger": rows(made, *STAFF)}, {}).tables["stillinger"].data.to_pylist()
    assert next(row for row in shown if (row["omraade"], row["type"]) == ("A", "f"))["antall"] is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sensitive": ("type",), "threshold": 3}, "`threshold` must be 5 or more"),
        ({"sensitive": ("kjoenn",)}, "«kjoenn» is not among `dimensions`"),
    ],
)
def test_a_sensitive_dimension_asks_for_five_and_must_be_one(changes: dict[str, object], said: str) -> None:
    made = table("stillinger", FIELDS, ("dato", "omraade", "type"), _policy(**changes))
    with pytest.raises(DefinitionError, match=said):
        protect(dataset(made), {"stillinger": rows(made, *STAFF)}, {})
