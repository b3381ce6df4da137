"""Rules that need more than a sum: statements, pairs, periods, formulas, signs, shares, code lists."""

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import assume, given, settings, strategies as st

from apendata.errors import DataRejected, DefinitionError
from apendata.model import MAX_PLACES, Check, CodeListUse, Dataset, Finding, Origin, RawTable
from apendata.validation import CHECK_WORDS, CODES, check_definition, validate
from apendata.validation.checks.formula import FormulaWrong, read_formula
from apendata.validation.checks.posts import read_terms
from tests.unit.validation.made import Cells, dataset, field, reading, table
from tests.unit.validation.test_checks import cells_of, check, failing, run_one

POSTS: Cells = {
    "aar": ["2022"] * 6 + ["2023"] * 6,
    "post": ["1", "2", "24a", "3", "4", "5"] * 2,
    "beloep_kr": ["-100", "-50", "-7", "-157", "90", "-67", "-10", "0", "0", "-10", "4", "-6"],
}


def statement(**words: Any) -> Any:
    fields = [field("aar", "year"), field("post"), field("beloep_kr", "integer")]
    sums = {"3": "1..2 + 24a", "5": "3 + 4"}
    made = check("statement", value="beloep_kr", post="post", per=["aar"], sums=sums, **words)
    return table("oppstilling", fields, ["aar", "post"], checks=[made])


def test_a_statement_is_recalculated_post_by_post() -> None:
    assert run_one(statement(), POSTS).findings == ()
    wrong = {**POSTS, "beloep_kr": [*POSTS["beloep_kr"][:5], "-68", *POSTS["beloep_kr"][6:]]}
    found = failing(statement(), wrong)
    assert (found.code, cells_of(found), found.samples) == ("statement_differs", ["C10"], ("aar=2022, 5: -68 ≠ -67",))
    assert run_one(statement(within=1, because="avrundet"), wrong).findings == ()


def test_a_sum_post_that_is_missing_is_told_and_a_post_that_a_year_does_not_have_is_nothing() -> None:
    without = {name: [*cells[:2], *cells[3:]] for name, cells in POSTS.items()}
    assert failing(statement(), without).code == "statement_differs"
    no_sum = {name: cells[:5] + cells[6:] for name, cells in POSTS.items()}
    found = failing(statement(), no_sum)
    assert (found.code, found.samples) == ("post_missing", ("aar=2022: 5",))


def test_an_unknown_post_is_never_guessed() -> None:
    hidden = {**POSTS, "beloep_kr": [None, *POSTS["beloep_kr"][1:]]}
    (note,) = run_one(statement(), hidden).findings
    assert (note.code, note.severity, note.count) == ("check_skipped", "info", 1)


@pytest.mark.parametrize("text", ["", "1 2", "..", "1 +", "1..", "a(b)", "1 * 2"])
def test_what_is_no_sum_of_posts_is_refused(text: str) -> None:
    assert read_terms(text) is None


LEDGER: Cells = {
    "aar": ["2022", "2022", "2022", "2023", "2023"],
    "art": ["570", "970", "010", "570", "600"],
    "beloep_kr": ["100", "-100", "5", "70", "-1"],
}


def ledger(*checks: Any) -> Any:
    fields = [field("aar", "year"), field("art"), field("beloep_kr", "integer")]
    return table("ledger", fields, ["aar", "art"], checks=checks)


def test_two_sides_cancel_and_one_that_is_absent_does_not() -> None:
    pair = {"first": {"art": "570"}, "second": {"art": "970"}}
    found = failing(ledger(check("cancels", value="beloep_kr", per=["aar"], **pair)), LEDGER)
    assert (found.code, cells_of(found), found.samples) == ("not_cancelled", ["C8"], ("aar=2023, 70 + 0 ≠ 0",))


def test_a_sign_is_asked_of_the_rows_that_are_meant() -> None:
    expense = check("sign", value="beloep_kr", where={"art": {"from": "010", "to": "590"}}, is_="positive")
    assert run_one(ledger(expense), LEDGER).findings == ()
    income = check("sign", value="beloep_kr", where={"art": ["600", "570"]}, is_="negative")
    found = failing(ledger(income), LEDGER)
    assert (found.code, cells_of(found)) == ("wrong_sign", ["C5", "C8"])


BOOKED: Cells = {
    "aar": ["2022"] * 5,
    "funksjon": ["880", "870", "870", "880", "180"],
    "art": ["530", "530", "500", "570", "530"],
    "beloep_kr": ["10", "0", "5", "7", "-3"],
}


def booked(**words: Any) -> Any:
    fields = [field("aar", "year"), field("funksjon"), field("art"), field("beloep_kr", "integer", required=False)]
    made = check("only_with", where={"art": "530"}, must={"funksjon": "880"}, **words)
    return table("ledger", fields, ["aar", "funksjon", "art"], checks=[made])


def test_codes_stand_only_with_those_that_they_may() -> None:
    found = failing(booked(), BOOKED)
    assert (found.code, cells_of(found)) == ("stands_not_with", ["B9", "B6"])
    assert found.samples == ("art=530, funksjon=180", "art=530, funksjon=870")
    assert set(CODES[found.code]) <= set(found.params)
    assert (found.params["where"], found.params["must"]) == ("art=530", "funksjon=880")


def test_nothing_that_is_booked_is_booked_wrong_and_what_is_hidden_is_never_guessed() -> None:
    assert cells_of(failing(booked(value="beloep_kr"), BOOKED)) == ["B9"]
    hidden = {**BOOKED, "beloep_kr": ["10", "0", "5", "7", None]}
    (note,) = run_one(booked(value="beloep_kr"), hidden).findings
    assert (note.code, note.severity, note.count) == ("check_skipped", "info", 1)


DATES: Cells = {"dato": ["2018-01-31", "2018-02-28", "2018-04-30"], "antall": ["1", "2", "3"]}


def dated(**words: Any) -> Any:
    made = check("complete", column="dato", **words)
    return table("t", [field("dato", "date"), field("antall", "integer")], ["dato"], checks=[made])


def test_no_period_is_missing_but_those_that_are_named_with_a_reason() -> None:
    found = failing(dated(every="month"), DATES)
    assert (found.code, found.samples) == ("period_missing", ("2018-03-31",))
    assert run_one(dated(every="month", but_not=["2018-03-31"], because="streik"), DATES).findings == ()
    with pytest.raises(DefinitionError, match="say why periods may be missing"):
        check_definition(dataset(dated(every="month", but_not=["2018-03-31"])))


def test_years_are_complete_in_each_group_and_listed_ones_must_be_there() -> None:
    cells: Cells = {"omraade": ["a", "a", "b", "b"], "aar": ["2018", "2020", "2018", "2019"], "antall": ["1"] * 4}
    fields = [field("omraade"), field("aar", "year"), field("antall", "integer")]

    def years(**words: Any) -> Any:
        made = check("complete", column="aar", every="year", per=["omraade"], **words)
        return table("t", fields, ["omraade", "aar"], checks=[made])

    assert failing(years(), cells).samples == ("omraade=a: 2019",)
    listed = failing(years(expected=["2018", "2021"]), cells)
    assert listed.samples == ("omraade=a: 2021", "omraade=b: 2021")


def test_a_formula_is_exact() -> None:
    cells: Cells = {"id": ["1", "2", "3"], "a": ["1", "2", "1"], "b": ["3", "3", None], "c": ["0.3", "0.7", "5"]}
    numbers = [field(name, "number", decimals=1) for name in ("a", "b", "c")]
    made = check("formula", equals="c", is_="a / b", within="0.05", because="én desimal")
    calculated = table("t", [field("id"), *numbers], ["id"], checks=[made])
    assert [f.code for f in run_one(calculated, cells).findings] == ["check_skipped"]
    found = failing(
        table("t", [field("id"), *numbers], ["id"], checks=[check("formula", equals="c", is_="a/b")]), cells
    )
    assert (found.code, found.count) == ("formula_differs", 2)


NUMBERS = st.decimals(-1000, 1000, places=2, allow_nan=False)
LEAVES = st.sampled_from(["a", "b", "c", "2", "0.25"])
FORMULAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda text: f"-{text}"),
    ),
    max_leaves=8,
)


@given(FORMULAS, st.fixed_dictionaries(dict.fromkeys("abc", NUMBERS)))
def test_a_formula_says_what_python_says(text: str, values: dict[str, Decimal]) -> None:
    exact = {name: Fraction(value) for name, value in values.items()}
    source = text.replace("0.25", "Fraction('0.25')").replace(" 2", " Fraction(2)").replace("(2", "(Fraction(2)")
    try:
        expected = eval(source, {"Fraction": Fraction, "__builtins__": {}}, exact)  # noqa: S307 (the oracle, of our own text)
    except ZeroDivisionError:
        expected = None
    assert read_formula(text).value(values) == expected


@pytest.mark.parametrize("text", ["", "a +", "(a", "a b", "a ** b", "a.b", "__import__('os')", "a[0]", "-" * 99 + "a"])
def test_what_is_no_formula_is_refused(text: str) -> None:
    with pytest.raises(FormulaWrong):
        read_formula(text)


def test_a_share_that_its_part_does_not_bear_out_is_doubted() -> None:
    cells: Cells = {
        "aar": ["2017", "2018", "2019"],
        "avvik_kr": ["8800000", "7500000", "4800000"],
        "avvik_prosent": ["0.3", "1.4", "1.0"],
    }
    fields = [field("aar", "year"), field("avvik_kr", "integer"), field("avvik_prosent", "number", decimals=1)]
    words: dict[str, Any] = {"share": "avvik_prosent", "of": "avvik_kr", "per": [], "times": 2}
    doubted = check("bears_out", "årsrapportene", "warning", **words)
    (found,) = run_one(table("resultat", fields, ["aar"], checks=[doubted]), cells).findings
    assert (found.code, found.severity, cells_of(found)) == ("share_not_borne_out", "warning", ["C5"])
    assert found.samples == ("2.933e+09 – 5.357e+08",)


AREAS: Cells = {
    "kode": ["01", "01", "02"],
    "navn": ["Oppvekst", "Oppvekst og utdanning", "Helse"],
    "fra": ["2016", "2020", "2016"],
    "til": ["2019", None, None],
}


def of_areas(cells: Cells, **more: Any) -> list[Finding]:
    areas = table(
        "omraader", [field("kode"), field("navn"), field("fra", "year"), field("til", "year")], ["kode", "fra"]
    )
    words = {"table": "omraader", "code": "kode", "name": "navn", "from": "fra", "to": "til"} | more
    made = check("in_code_list", code="omraade", name="omraade_navn", at="aar", list_=words)
    fields = [field("aar", "year"), field("omraade"), field("omraade_navn")]
    mine = table("tall", fields, ["aar", "omraade"], checks=[made])
    return findings_of(dataset(mine, areas), {"tall": cells, "omraader": AREAS})


def findings_of(one: Dataset, tables: dict[str, Cells]) -> list[Finding]:
    try:
        validate(one, reading(tables))
    except DataRejected as error:
        return list(error.findings)
    return []


def test_a_code_is_in_the_list_holds_then_and_is_called_so() -> None:
    right = {"aar": ["2019", "2020", "2021"], "omraade": ["01", "01", "02"]}
    assert of_areas({**right, "omraade_navn": ["Oppvekst", "Oppvekst og utdanning", "Helse"]}) == []
    wrong: Cells = {
        "aar": ["2019", "2020", "2015", "2021"],
        "omraade": ["03", "01", "02", "02"],
        "omraade_navn": ["Kultur", "Oppvekst", "Helse", "Helse"],
    }
    found = of_areas(wrong)
    assert all(set(CODES[f.code]) <= set(f.params) for f in found)
    assert [(f.code, cells_of(f)) for f in found] == [
        ("code_not_in_list", ["B5"]),
        ("code_outside_period", ["B7"]),
        ("code_name_differs", ["C6"]),
    ]


def test_what_stands_in_a_wrong_cell_is_known_however_many_there_are() -> None:
    wrong = MAX_PLACES + 1
    cells: Cells = {"aar": ["2019"] * wrong, "omraade": [f"x{n}" for n in range(wrong)], "omraade_navn": ["a"] * wrong}
    (found,) = of_areas(cells)
    assert (found.code, found.count, len(found.places)) == ("code_not_in_list", wrong, MAX_PLACES)
    assert (found.cells[0], len(found.cells)) == ("x0", MAX_PLACES)


PLAN: Cells = {"plan": ["a", "a", "b", "b"], "aar": ["2019", "2020", "2020", "2021"], "kode": ["01"] * 4}
CODES_OF_YEARS: Cells = {
    "kode": ["01", "02", "03", "03"],
    "fra": ["2016", "2020", "2016", "2020"],
    "til": ["2019", None, "2019", None],
    "drift": ["true", "false", "true", "false"],
}


KEY = ["kode", "fra"]


def of_years(cells: Cells, **more: Any) -> list[Finding]:
    listed = table("koder", [field("kode"), field("fra", "year"), field("til", "year"), field("drift", "boolean")], KEY)
    words = {"table": "koder", "code": "kode", "from": "fra", "to": "til"}
    made = check("in_code_list", code="kode", at="aar", list_=words, **more)
    mine = table("tall", [field("plan"), field("aar", "year"), field("kode")], ["plan", "aar"], checks=[made])
    return findings_of(dataset(mine, listed), {"tall": cells, "koder": CODES_OF_YEARS})


def test_a_plan_keeps_the_codes_of_its_first_year() -> None:
    (every,) = of_years(PLAN)
    assert (every.code, cells_of(every)) == ("code_outside_period", ["C6", "C7", "C8"])
    (later,) = of_years(PLAN, or_at_first_of=["plan"])
    assert (later.code, cells_of(later)) == ("code_outside_period", ["C7", "C8"])
    assert later.samples == ("01 (2020)", "01 (2021)")
    assert of_years({**PLAN, "kode": ["01", "02", "02", "02"]}, or_at_first_of=["plan"]) == [], "or of its own year"


def test_only_the_rows_that_are_meant_are_asked() -> None:
    (found,) = of_years(PLAN, where={"plan": "b", "aar": "2020"})
    assert (found.code, cells_of(found)) == ("code_outside_period", ["C7"])
    assert of_years(PLAN, where={"aar": "2019"}) == []


def test_a_code_that_holds_may_be_no_code_for_such_rows() -> None:
    cells: Cells = {"plan": ["a"] * 4, "aar": ["2019", "2020", "2021", "2022"], "kode": ["03", "03", "02", "04"]}
    found = of_years(cells, only={"drift": True})
    assert [(f.code, cells_of(f)) for f in found] == [
        ("code_not_in_list", ["C8"]),
        ("code_not_meant_here", ["C6", "C7"]),
    ]
    assert found[1].params["only"] == "drift=true"
    assert set(CODES["code_not_meant_here"]) <= set(found[1].params)


def test_a_column_that_another_dataset_s_list_does_not_have_is_named() -> None:
    words = {"codelist": "omraader", "code": "kode", "from": "fra"}
    mine = dataset(
        table("tall", [field("omraade")], ["omraade"], checks=[check("in_code_list", code="omraade", list_=words)])
    )
    object.__setattr__(mine, "codelists", {"omraader": CodeListUse("organisasjon", "omraader")})
    listed = RawTable("omraader", pa.table({"kode": ["01"]}), Origin((), {}, pa.table({})))
    with pytest.raises(DefinitionError, match=r"«omraader» has no column «fra»\. It has: kode\."):
        validate(mine, reading({"tall": {"omraade": ["01"]}}), {"omraader": listed})


def test_a_code_list_of_another_dataset_is_looked_into_too() -> None:
    made = check("in_code_list", code="omraade", list_={"codelist": "omraader", "code": "kode"})
    mine = dataset(table("tall", [field("omraade")], ["omraade"], checks=[made]))
    object.__setattr__(mine, "codelists", {"omraader": CodeListUse("organisasjon", "omraader")})
    listed = RawTable("omraader", pa.table({"kode": ["01"]}), Origin((), {}, pa.table({})))
    validate(mine, reading({"tall": {"omraade": ["01"]}}), {"omraader": listed})
    with pytest.raises(DataRejected):
        validate(mine, reading({"tall": {"omraade": ["02"]}}), {"omraader": listed})


def test_figures_that_were_rounded_may_be_half_a_unit_each_apart() -> None:
    cells: Cells = {"aar": ["2022"] * 3, "art": ["010", "020", "800"], "beloep_kr": ["3000", "3000", "-5000"]}

    def rounded(unit: int) -> Any:
        return ledger(check("balances", value="beloep_kr", per=["aar"], rounded_to=unit))

    assert run_one(rounded(1000), cells).findings == ()
    assert failing(rounded(500), cells).code == "not_balanced"


LISTED = {"table": "ledger", "code": "art"}
SUMS = {"table": "ledger", "value": "beloep_kr"}


@pytest.mark.parametrize(
    ("kind", "words", "told"),
    [
        ("statement", {"value": "beloep_kr", "post": "art", "per": [], "sums": {"3": "1 *"}}, "sum posts"),
        (
            "cancels",
            {"value": "beloep_kr", "per": [], "first": {"art": {"above": "1"}}, "second": {}},
            "columns of this",
        ),
        ("complete", {"column": "art", "every": "month"}, "or quarter or month"),
        ("complete", {"column": "art", "every": "year"}, "year, where the column holds years"),
        ("complete", {"column": "aar", "every": ["year"]}, "year, where the column holds years"),
        ("formula", {"equals": "beloep_kr", "is": " + ".join(["beloep_kr"] * 3000)}, "a formula of"),
        ("formula", {"equals": "beloep_kr", "is": "1" + "0" * 5000}, "a formula of"),
        ("bears_out", {"share": "beloep_kr", "of": "beloep_kr", "per": [], "times": 0}, "a number of at least 1"),
        ("sum_equals", {"value": "beloep_kr", "per": {"art": "aar"}, "equals": SUMS}, "column of the same type"),
        ("sum_equals", {"value": "beloep_kr", "per": {"art": ["art"]}, "equals": SUMS}, "column of the same type"),
        ("sum_equals", {"value": "beloep_kr", "per": {}, "equals": {**SUMS, "table": ["ledger"]}}, "a table of this"),
        ("in_code_list", {"code": "art", "list": {"codelist": ["x"], "code": "kode"}}, "a table of this dataset"),
        ("in_code_list", {"code": "art", "list": {"table": "ledger", "code": ["art"]}}, "a table of this dataset"),
        ("formula", {"equals": "beloep_kr", "is": "beloep_kr + art"}, "a formula of"),
        ("formula", {"equals": "beloep_kr", "is": "open('x')"}, "a formula of"),
        ("sign", {"value": "beloep_kr", "is": "up"}, "positive or negative"),
        ("bears_out", {"share": "beloep_kr", "of": "beloep_kr", "per": [], "times": 2}, "`because` is missing"),
        ("in_code_list", {"code": "art", "list": {"codelist": "nobody", "code": "kode"}}, "a table of this dataset"),
        ("in_code_list", {"code": "art", "list": LISTED, "only": {"drift": True}}, "columns of the code list"),
        ("only_with", {"where": {"art": "530"}, "must": {}}, "`must` names no column"),
        ("only_with", {"where": {"art": "530"}, "must": {"funksjon": "880"}}, "columns of this table"),
        ("in_code_list", {"code": "art", "list": LISTED, "only": {}}, "columns of the code list"),
        ("in_code_list", {"code": "art", "list": LISTED, "or_at_first_of": ["art"]}, "`or_at_first_of` needs `at`"),
    ],
)
def test_wrong_words_are_refused_by_name(kind: str, words: dict[str, Any], told: str) -> None:
    with pytest.raises(DefinitionError, match=told):
        check_definition(dataset(ledger(Check(kind, words))))  # type: ignore[arg-type]  # kinds by name


WHOLES = st.integers(-(10**6), 10**6)
TENTHS = st.decimals(-1000, 1000, places=1, allow_nan=False)


@given(
    st.sampled_from(["a + b", "a * b - 3", "a / b", "(a - b) * 100 / b", "0.1 * a", "-a"]),
    st.lists(
        st.tuples(st.one_of(WHOLES, TENTHS), st.one_of(WHOLES, TENTHS), st.sampled_from(["0", "0.1", "1", "-0.05"])),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from(["0", "0.05", "0.5"]),
)
def test_whole_columns_and_single_rows_agree(text: str, rows: list[Any], within: str) -> None:
    """Floats may only accept: every row that a fraction refuses is told, wherever the border lies."""
    made = read_formula(text)
    cells: dict[str, list[str | None]] = {"id": [], "a": [], "b": [], "c": []}
    expected = 0
    for number, (a, b, off) in enumerate(rows):
        value = made.value({"a": Decimal(a), "b": Decimal(b)})
        result = (
            (Decimal(value.numerator) / value.denominator).quantize(Decimal("0.1")) + Decimal(off)
            if value is not None
            else Decimal(1)
        )
        result = result.quantize(Decimal("0.01"))
        expected += value is not None and abs(Fraction(result) - value) > Fraction(within)
        for name, cell in zip(cells, (number, a, b, result), strict=True):
            cells[name].append(f"{cell:f}" if isinstance(cell, Decimal) else str(cell))
    numbers = [field(name, "number", decimals=2) for name in ("a", "b", "c")]
    check_ = check("formula", "prøve", equals="c", is_=text, within=within)
    one = table("t", [field("id"), *numbers], ["id"], checks=[check_])
    try:
        run_one(one, cells)
    except DataRejected as error:
        found = sum(f.count for f in error.findings if f.code == "formula_differs")
    else:
        found = 0
    assert found == expected


@pytest.mark.parametrize("every", ["month", "quarter", "year"])
def test_the_last_day_that_there_is_ends_a_series(every: str) -> None:
    """9999-12-31 stands for «no end» in many systems: a check that asked for the month after it never ended."""
    from apendata.validation.checks.periods import _periods

    periods = _periods([date(9998, 12, 31), date(9999, 12, 31)], every)
    assert (periods[0], periods[-1]) == ("9998-12-31", "9999-12-31")


def series(day: int, start: int, months: int, count: int) -> list[date]:
    """Dates at one day of the month, or its last where it has fewer; ``start`` is a number of months."""
    at = [divmod(month, 12) for month in range(start, start + count * months, months)]
    return [date(year, month + 1, min(day, monthrange(year, month + 1)[1])) for year, month in at]


@given(
    st.sampled_from([1, 15, 28, 29, 30, 31]),
    st.integers(2017 * 12, 2024 * 12),
    st.sampled_from([("month", 1), ("quarter", 3), ("year", 12)]),
    st.lists(st.booleans(), min_size=1, max_size=5),
)
def test_a_series_stands_at_one_day_or_at_the_last_of_each_month(
    day: int, start: int, every: tuple[str, int], kept: list[bool]
) -> None:
    whole = series(day, start, every[1], len(kept) + 2)
    there = [one for one, keep in zip(whole, [True, *kept, True], strict=True) if keep]
    only_ends = all((one + timedelta(days=1)).day == 1 for one in there)
    assume(day == 31 or not only_ends)  # 30 April and 30 June may be either: then they are last days
    cells: Cells = {"dato": [str(one) for one in there], "antall": ["1"] * len(there)}
    missing = tuple(str(one) for one in whole if one not in there)
    if missing:
        assert failing(dated(every=every[0]), cells).samples == missing
    else:
        assert run_one(dated(every=every[0]), cells).findings == ()


def test_where_no_row_is_meant_the_check_of_periods_says_so() -> None:
    found = failing(dated(every="month", where={"antall": "7"}), DATES)
    assert (found.code, [place.row for place in found.places]) == ("periods_without_rows", [None]), "the file alone"


ODD = (
    st.none()
    | st.booleans()
    | st.sampled_from(["art", "aar", "ledger", "year", "1..2", "0", "-1", "1e99", "1e-99", "9" * 50, "", "beloep_kr"])
    | st.integers(-3, 3)
    | st.floats()
    | st.sampled_from([[], {}, [[]], ["art"], ["art", 1], {"art": []}, {"art": {"from": []}}, {"art": "art"}])
)
ANYTHING = (
    ODD
    | st.fixed_dictionaries({"table": ODD, "value": ODD})
    | st.fixed_dictionaries({"table": ODD, "code": ODD}, optional={"name": ODD, "from": ODD})
    | st.fixed_dictionaries({"codelist": ODD, "code": ODD})
)


@given(st.sampled_from(sorted(CHECK_WORDS)), st.data())
@settings(max_examples=1000, deadline=None)
def test_whatever_stands_for_a_word_is_refused_by_name_or_can_be_asked(kind: Any, data: st.DataObject) -> None:
    known = {**CHECK_WORDS[kind].required, **CHECK_WORDS[kind].optional}
    words = {word: data.draw(ANYTHING, label=word) for word in known}
    one = Check(kind, words, "prøve")
    try:
        check_definition(dataset(ledger(one)))
        run_one(ledger(one), LEDGER)
    except (DefinitionError, DataRejected):
        pass
