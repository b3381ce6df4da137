"""What a dataset is: ``dataset.yaml`` and its schemas as frozen values. It says what, never how.

The words are those of ``schemas/dataset.schema.json``; ``docs/dataset-definition.md`` is the reference for people.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from apendata.model.drift import DriftLimits
from apendata.model.outgoing import AllowedIdentifier, FreeText
from apendata.model.tables import RawTable

Format = Literal["csv", "xlsx", "xls", "ods", "fixed"]
Unit = Literal["NOK", "kNOK", "MNOK", "persons", "fte", "percent", "count", "years", "other"]
Sign = Literal["expense_positive", "income_positive", "as_stated"]
Rhythm = Literal["nightly", "monthly", "quarterly", "annual", "irregular"]
ReleaseMode = Literal["automatic", "reviewed"]
Domain = Literal["organisation", "budget", "staffing", "whistleblowing", "other"]
Transform = Callable[[Mapping[str, RawTable]], Mapping[str, RawTable]]


@dataclass(frozen=True, slots=True)
class Text:
    """A text for people, in Norwegian bokmål and English."""

    nb: str
    en: str


@dataclass(frozen=True, slots=True)
class Condition:
    """When a row is meant, all given parts together. Compared with the cell's text, outer blanks removed."""

    equals: str | None = None
    one_of: tuple[str, ...] = ()
    starts_with: str | None = None
    matches: re.Pattern[str] | None = None
    """Must match the whole text."""
    empty: bool | None = None
    at_least: str | None = None
    """Compared as text, which is right for ISO dates, years and codes of equal length."""
    at_most: str | None = None


Where = Mapping[str, Condition]
"""Column → condition; a row is meant when every condition holds."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What the signs in number cells of one export mean. Nothing here has a default that could change a value."""

    decimal: Literal["comma", "point"] | None = None
    """None: whole numbers only."""
    thousands: tuple[str, ...] = ()
    """The characters themselves: ``" "``, ``"\\u00a0"``, ``"\\u202f"``, ``"."``, ``","``, ``"'"``."""
    minus: tuple[str, ...] = ("-",)
    zero: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    """Status ``..``."""
    hidden: tuple[str, ...] = ()
    """Status ``:``."""
    cannot_occur: tuple[str, ...] = ()
    """Status ``.``."""
    scale_words: Mapping[str, int] = field(default_factory=dict)
    """``{"mill": 1000, "k": 1}``: a word glued to, or after, the number, as a factor of the declared ``unit`` (here
    kNOK); where numbers without a word are kroner (NOK), the same words are 1000000 and 1000."""
    percent_sign: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """How the header row is found: by texts that it must contain, never by its number."""

    contains: tuple[str, ...]
    rows: int = 1
    join: str = " | "
    """Between the texts of stacked header rows; empty parts are left out."""
    fill_right: bool = False
    """Merged header cells: an empty cell takes the text to its left (not in the last header row)."""


@dataclass(frozen=True, slots=True)
class RowRule:
    """A named kind of row that is not data. Every row that it takes is counted and reported."""

    kind: Literal["sum", "note", "blank", "repeated_header", "end"]
    """``sum``: kept aside for ``sums_to``; ``end``: this row and all below it."""
    where: Where = field(default_factory=dict)
    because: str | None = None


@dataclass(frozen=True, slots=True)
class Only:
    """The rows of one export that are wanted, and why the others are not."""

    where: Where
    because: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """A source column that is known and not read. Exactly one of ``column`` and ``pattern`` is given."""

    because: str
    column: str | None = None
    pattern: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class FixedField:
    """One field of a fixed-width record: positions from 1, both ends included; end None: to the end of the line."""

    name: str
    start: int
    end: int | None


@dataclass(frozen=True, slots=True)
class Source:
    """One export, as the system that makes it writes it."""

    name: str
    path: str
    """Relative to the dataset's source folder, or an https URL; ``{name}`` parts are placeholders."""
    placeholders: Mapping[str, Literal["date", "year", "month", "text"]]
    format: Format
    encoding: str | None = None
    """``utf-8``, ``utf-8-sig``, ``windows-1252``, ``utf-16-le`` …; csv and fixed only, and mandatory there."""
    delimiter: str | None = None
    quoted: bool = True
    first_line: str | None = None
    """A technical line before all else, such as ``sep=\\t``; it must stand there exactly."""
    sheet: str | None = None
    columns: str | None = None
    """A block of a sheet, ``B:I``: the other columns belong to somebody else."""
    header: Header | None = None
    """None for ``fixed``, where ``fields`` names the columns."""
    fields: tuple[FixedField, ...] = ()
    marks: Marks = field(default_factory=Marks)
    unit: Unit | None = None
    sign: Sign | None = None
    price_level: int | None = None
    rows: tuple[RowRule, ...] = ()
    only: Only | None = None
    version_column: str | None = None
    """More than one value left in this column after ``only`` stops the dataset."""
    ignore: tuple[Ignored, ...] = ()
    extra_fields: str | None = None
    """Why rows with more fields than the header are kept, cut at the header's width. None: such rows are refused."""
    text_cells_beginning_with_equals: str | None = None
    """Why texts that begin with ``=`` are allowed. None: refused."""
    gone: Mapping[str, str] = field(default_factory=dict)
    """File name → why an export that was read once is gone for good. Any other vanished one stops the dataset."""
    absent: Mapping[str, str] = field(default_factory=dict)
    """Source column → why some periods' exports do not have it; its cells are then missing."""


@dataclass(frozen=True, slots=True)
class CodeListUse:
    """A code list that another dataset owns: read from that dataset's source files, never from its release."""

    dataset: str
    table: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """A value found in a code list: the row of ``codelist`` whose ``match`` equals this table's ``by`` column."""

    codelist: str
    by: str
    match: str
    take: str
    at: str | None = None
    """This table's date or year column; the code list's ``gyldig_fra``/``gyldig_til`` must cover it."""


@dataclass(frozen=True, slots=True)
class Split:
    r"""A part of a cell, ``«3801 Horten»``: ``(?P<kode>\d{4}) (?P<navn>.+)``, which must match the whole cell."""

    pattern: re.Pattern[str]
    part: str


@dataclass(frozen=True, slots=True)
class Column:
    """Where one published column comes from. One origin: header, path, unpivot, constant, lookup or transform."""

    name: str
    header: tuple[str, ...] = ()
    """Accepted spellings; exactly one must be in the export."""
    path: str | None = None
    """A placeholder of the source's path."""
    unpivot: str | None = None
    """A named part of an unpivoted header, or ``value``."""
    constant: str | None = None
    lookup: Lookup | None = None
    transform: bool = False
    """Made by ``transform.py``."""
    split: Split | None = None
    codes: Mapping[str, str] = field(default_factory=dict)
    """Source text → published text; a text that is not here is refused."""
    fill_down: bool = False
    strip: bool = False
    """Remove outer blanks of a text. Without it, such a text is refused by name."""
    pad: int | None = None
    """Left-pad a code that a spreadsheet turned into a number, with zeros to this width; needs ``because``."""
    date_format: str | None = None
    """strptime format of a text date; real date cells of a workbook need none."""
    marks: Marks | None = None
    """Instead of the source's."""
    unit: Unit | None = None
    sign: Sign | None = None
    sign_from: tuple[str, Mapping[str, int]] | None = None
    """(source column, its text → 1 or -1): «mindreforbruk» and «merforbruk» beside positive numbers."""
    text: FreeText | None = None
    """None: the published texts are a code list, or the schema has a pattern for them."""
    allow_identifiers: tuple[AllowedIdentifier, ...] = ()
    because: str | None = None


@dataclass(frozen=True, slots=True)
class Unpivot:
    """Columns that are values of a dimension become rows."""

    pattern: re.Pattern[str]
    """Named groups are the dimensions. A list of headers in the YAML becomes a pattern with one group."""
    row_total: str | None = None
    """Header of a column that must be the sum of the unpivoted ones."""


@dataclass(frozen=True, slots=True)
class Margins:
    """This table holds the totals of another one: every subset of its dimensions summed away, under a total code."""

    of: str
    totals: Mapping[str, str]
    """Dimension column → the code that stands for all of it, ``{"kjoenn": "ALLE"}``."""
    value: str


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag that every row of a kind carries in ``<value>_flagg``."""

    column: str
    flag: Literal["b", "r", "p", "f"]
    where: Where
    because: Text


@dataclass(frozen=True, slots=True)
class Check:
    """A rule over whole rows or tables. ``kind`` names it; the other words are that kind's own (see the reference)."""

    kind: Literal[
        "sums_to_sum_rows",
        "control_total",
        "control_rows",
        "balances",
        "difference",
        "share",
        "not_less",
        "sum_equals",
        "statement",
        "cancels",
        "complete",
        "formula",
        "sign",
        "bears_out",
        "in_code_list",
        "only_with",
    ]
    words: Mapping[str, Any]
    because: str | None = None
    severity: Literal["error", "warning"] = "error"


@dataclass(frozen=True, slots=True)
class ExternalFact:
    """A count of people that somebody else has published; it cannot be hidden, and every reader knows it."""

    date: str
    """The reference date, as the tables have it."""
    cell: Mapping[str, str]
    """Dimension → code; what is left out is summed away."""
    value: int
    source: Text
    """Where it is printed."""


@dataclass(frozen=True, slots=True)
class Signed:
    """Somebody answers for what mandated figures of one year determine together."""

    by: str
    """A name and an office."""
    date: str
    year: int
    cells: tuple[Mapping[str, str], ...]
    """Pairs, dimension → category, of which the figures tell how many are both."""


@dataclass(frozen=True, slots=True)
class MinPerSex:
    """How many of each sex there must be before anything derived is shown by sex."""

    column: str
    """The dimension that is the sex."""
    least: int


@dataclass(frozen=True, slots=True)
class Disclosure:
    """How a table is made safe. Mandatory for every table; nothing has a default."""

    method: Literal["none", "suppression", "follows", "mandated"]
    because: Text | None = None
    """``none``: why nothing needs protection. Public."""
    people: str | None = None
    """``suppression``: the name of the record set; tables of one name count the same people."""
    threshold: int | None = None
    """``suppression``: counts from 1 to threshold − 1 are protected."""
    value: str | None = None
    dimensions: tuple[str, ...] = ()
    """``suppression``: the columns over which the counts add up."""
    per: tuple[str, ...] = ()
    """``suppression``: columns whose values are separate tables (the reference date)."""
    derived: tuple[str, ...] = ()
    """Value columns that are hidden wherever ``value`` is."""
    sensitive: tuple[str, ...] = ()
    """``suppression``: dimensions that say something delicate of a person (a temporary post, sick leave)."""
    min_per_sex: "MinPerSex | None" = None
    """``suppression``: derived values by sex need so many of each."""
    hierarchies: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """``suppression``: dimension → a coarser code → the codes that it is the sum of."""
    max_moves: int | None = None
    """``suppression``: so many people at most come or leave between two reference dates, and readers know it; None:
    they know nothing of the kind."""
    external_facts: tuple["ExternalFact", ...] = ()
    """``suppression``: counts of the same people that are printed elsewhere."""
    table: str | None = None
    """``follows``: the table whose hidden cells hide this one's."""
    on: Mapping[str, str] = field(default_factory=dict)
    """``follows``: this table's column → that table's column."""
    where: Mapping[str, str] = field(default_factory=dict)
    """``follows``: fixed codes in that table, ``{"kjoenn": "ALLE"}``."""
    values: tuple[str, ...] = ()
    """``follows``: this table's value columns."""
    legal_basis: Text | None = None
    """``mandated``: what orders the publication. Public."""
    one_way: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """``mandated``: dimension column → its closed list of values; no two dimensions are ever crossed."""
    known_disclosures: tuple[Text, ...] = ()
    """``mandated``: what the mandated figures give away together, said openly."""
    signed: tuple["Signed", ...] = ()
    """``mandated``: who answers for what the figures determine together. Not public."""


@dataclass(frozen=True, slots=True)
class Revision:
    """Why values that are already public change."""

    because: Text
    where: Where = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """One published table."""

    name: str
    title: Text
    description: Text
    schema: Mapping[str, Any]
    """The Table Schema as it stands in ``schemas/<name>.schema.json``."""
    sources: tuple[str, ...]
    """Names of sources; the rows of several are put under one another. Empty for a table of margins."""
    columns: tuple[Column, ...]
    disclosure: Disclosure
    drift: DriftLimits
    unpivot: Unpivot | None = None
    margins: Margins | None = None
    same_key: str | None = None
    """Why rows with equal keys are added up. None: they are refused."""
    flags: tuple[Flag, ...] = ()
    checks: tuple[Check, ...] = ()
    revisions: tuple[Revision, ...] = ()

    @property
    def primary_key(self) -> tuple[str, ...]:
        """The columns of the Table Schema's primary key."""
        key = self.schema["primaryKey"]
        return (key,) if isinstance(key, str) else tuple(key)

    @property
    def fields(self) -> tuple[Mapping[str, Any], ...]:
        """The Table Schema's fields, in order."""
        return tuple(self.schema["fields"])


@dataclass(frozen=True, slots=True)
class Area:
    """The area that all datasets of a publisher tell of."""

    name: str
    municipality_number: str
    """Four digits of «kommunenummer»."""
    geonames: str
    """The area's address at GeoNames, which search engines know."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes all datasets of one folder, and answers for them."""

    name: Text
    description: Text
    """What is published here, in a sentence or two: the first words of a portal's catalog."""
    organisation_number: str | None
    """In Enhetsregisteret. None: a trial, for which no organisation answers."""
    homepage: str | None
    area: Area | None = None

    @property
    def register_entry(self) -> str | None:
        """The address of the organisation in Enhetsregisteret, which is its identity on the web of data."""
        if self.organisation_number is None:
            return None
        return f"https://data.brreg.no/enhetsregisteret/api/enheter/{self.organisation_number}"


@dataclass(frozen=True, slots=True)
class Contact:
    """An office, never a person."""

    name: Text
    email: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """One published dataset: a Data Package of linked tables, where they come from and how they are made safe."""

    id: str
    folder: Path = field(repr=False)
    title: Text
    description: Text
    coverage: Text
    limitations: tuple[Text, ...]
    keywords: tuple[Text, ...]
    themes: tuple[str, ...]
    """EU data-theme codes, ``GOVE``."""
    licence: Literal["NLOD-2.0", "CC-BY-4.0"]
    contact: Contact
    publisher: Publisher
    """As ``publisher.yaml`` beside the datasets' folders says; one for all of them."""
    domain: Domain
    rhythm: Rhythm
    release: ReleaseMode
    keep_raw: bool
    retention_days: Mapping[Literal["raw", "reports"], int]
    sources: Mapping[str, Source]
    codelists: Mapping[str, CodeListUse]
    tables: tuple[Table, ...]
    transform: Transform | None
    definition_sha256: str
    """Of dataset.yaml, transform.py, the tables' schemas and publisher.yaml."""
    sample_sha256s: frozenset[str] = frozenset()
    """Of every file under sample/: a release made from one of them is synthetic, wherever it was read from."""
    sample_is_real: str | None = None
    """Why the files under sample/ are no made-up ones, so that a copy elsewhere is real. None: they are."""

    def table(self, name: str) -> Table:
        """Return the table of that name.

        Raises:
            KeyError: there is none.
        """
        return {table.name: table for table in self.tables}[name]
