"""One function a command: call the house, say what came out. Every answer exists as text and as one JSON document."""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from apendata import app
from apendata.app import App
from apendata.cli.differences import difference_lines, hand_lines
from apendata.cli.preview import serve
from apendata.cli.results import (
    account_table,
    change_line,
    check_lines,
    failure_lines,
    finding_document,
    outcome_table,
    problem_line,
    result_document,
    unasked_lines,
    version_document,
)
from apendata.cli.screen import Progress, columns, confirm, progress
from apendata.errors import EXIT_DIFFERS, EXIT_OK, UsageError
from apendata.model import Checked, VersionNumber
from apendata.pipeline import Result, Stage, exit_code_of
from apendata.report.foreign import harmless, harmless_json, plain
from apendata.report.texts import HEADINGS
from apendata.settings import Settings


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command says, in both forms, and its exit code."""

    document: Mapping[str, Any]
    lines: Sequence[str]
    code: int = EXIT_OK


def answer(arguments: argparse.Namespace) -> tuple[int, str]:
    """Run the command that was asked for; return its exit code and what it has to say.

    Raises:
        ApendataError: what the command itself raises; failures of single datasets are in the answer.
    """
    settings = Settings.load()
    chosen = settings.on_samples() if arguments.samples else settings
    house = app.load(chosen, only_look=arguments.command == "check")
    said = _COMMANDS[arguments.command](house, arguments)
    if arguments.json:
        document = {**said.document, "exit_code": said.code}
        return said.code, harmless_json(json.dumps(document, ensure_ascii=False, indent=2)) + "\n"
    return said.code, harmless("".join(f"{line}\n" for line in said.lines))


def _list(house: App, _: argparse.Namespace) -> Answer:
    datasets = [house.summary(name) for name in house.catalog.ids()]
    keys = ("dataset", "title", "domain", "rhythm", "release", "released", "why")
    rows = [keys, *([str(dataset.get(key) or "–") for key in keys] for dataset in datasets)]
    return Answer({"datasets": datasets}, columns(rows))


def _check(house: App, arguments: argparse.Namespace) -> Answer:
    """She asks this herself: what it says is in her language, and ends with where her files are."""
    results = _each(house, arguments, partial(house.check, to=arguments.to))
    said = _outcomes(results, arguments)
    return replace(said, lines=check_lines(results, arguments.language))


def _audit(house: App, arguments: argparse.Namespace) -> Answer:
    def work(dataset_id: str, *, stage: Stage, **_: object) -> Result:
        return house.audit(dataset_id, stage)

    return _outcomes(_each(house, arguments, work), arguments)


def _build(house: App, arguments: argparse.Namespace) -> Answer:
    return _outcomes(_each(house, arguments, house.build), arguments)


def _accept(house: App, arguments: argparse.Namespace) -> Answer:
    """What was accepted is told again as a build would have told it: by counts, its words stand in the report."""
    if arguments.take_back:
        return _take_back(house, arguments)
    words = {"difference": arguments.difference, "because": arguments.because, "by": arguments.by}
    work = partial(house.accept, **words)
    return _outcomes(_each(house, arguments, work), arguments)


def _take_back(house: App, arguments: argparse.Namespace) -> Answer:
    (dataset_id,) = _ids(house, arguments)
    taken = house.take_back(dataset_id, arguments.difference)
    said = "is not accepted any more." if taken else "was not accepted, or a version was made of it already."
    document = {"dataset": dataset_id, "difference": arguments.difference, "taken_back": taken}
    return Answer(document, [f"«{dataset_id}»: the difference {arguments.difference} {said}"])


def _publish(house: App, arguments: argparse.Namespace) -> Answer:
    # Started by hand, it mends what `verify` may just have found; a night looks at a part of the tables in turn.
    work = _taking(partial(house.publish, thorough=True), arguments)
    return _outcomes(_each(house, arguments, work), arguments)


def _run(house: App, arguments: argparse.Namespace) -> Answer:
    return _outcomes(_each(house, arguments, _taking(house.run, arguments)), arguments)


def _plan(house: App, arguments: argparse.Namespace) -> Answer:
    return _differences(_each(house, arguments, _taking(house.plan, arguments)), arguments)


def _drift(house: App, arguments: argparse.Namespace) -> Answer:
    return _differences(_each(house, arguments, house.drift), arguments)


def _portal(house: App, arguments: argparse.Namespace) -> Answer:
    """The one thing to ask of portals themselves is whether they are ready."""
    checked, code = house.check_portals()
    documents = {name: [asdict(check) for check in checks] for name, checks in checked.items()}
    rows = [("portal", "what", "", "found"), *check_rows(checked)]
    todo = [f"  {c.what}: {c.todo}" for checks in checked.values() for c in checks if c.todo]
    heading = ["", HEADINGS[arguments.language]["todo"]] if todo else []
    return Answer({"portals": documents}, [*columns(rows), *heading, *todo], code)


def _import(house: App, arguments: argparse.Namespace) -> Answer:
    written = house.import_package(arguments.package)
    lines = [f"Wrote {len(written)} files:", *(f"  {name}" for name in written)]
    lines += [f"Now `apendata check {arguments.package}`: it names what CKAN could not tell, place by place."]
    return Answer({"package": arguments.package, "written": list(written)}, lines)


def _diff(house: App, arguments: argparse.Namespace) -> Answer:
    (result,) = _each(house, arguments, house.preview)
    lines = [result.why.splitlines()[0], *(f"  {change_line(change)}" for change in result.changes)]
    lines += failure_lines([result], arguments.language)
    return Answer({"results": [result_document(result, arguments.language)]}, lines, exit_code_of([result]))


def _history(house: App, arguments: argparse.Namespace) -> Answer:
    dataset_id = house.select_kept(arguments.id)
    versions = house.lake.versions(dataset_id)
    released = {number for name in house.portals if (number := house.lake.released(dataset_id, name))}
    gone = {part.number: part for part in house.lake.withdrawn(dataset_id) if part.number is not None}
    documents = [
        version_document(version, released)
        | (
            {"withdrawn": {"because": gone[version.number].because, "at": gone[version.number].at}}
            if version.number in gone
            else {}
        )
        for version in versions
    ]
    rows = [("version", "created", "kind", "released", "rows", "what changed")]
    rows += [
        (
            str(v.number),
            v.created,
            v.kind,
            "withdrawn" if v.number in gone else "yes" if v.number in released else "",
            str(v.rows),
            gone[v.number].because if v.number in gone else "; ".join(change_line(c) for c in v.changes),
        )
        for v in versions
    ]
    lines = (
        columns(rows) if versions else [f"«{dataset_id}» has no version yet. `apendata build {dataset_id}` makes one."]
    )
    closed = [part for part in house.lake.withdrawn(dataset_id) if part.number is None]
    lines = [*(f"All of it withdrawn {part.at[:10]}: {plain(part.because)}" for part in closed), *lines]
    whole = {"withdrawn": {"because": closed[0].because, "at": closed[0].at}} if closed else {}
    return Answer({"dataset": dataset_id, **whole, "versions": documents}, lines)


def _rollback(house: App, arguments: argparse.Namespace) -> Answer:
    (dataset_id,) = _ids(house, arguments)
    return _outcomes([house.rollback(dataset_id, _number(arguments.version), because=arguments.because)], arguments)


def _withdraw(house: App, arguments: argparse.Namespace) -> Answer:
    """The definition may be broken, or gone: that must not keep figures public."""
    dataset_id = house.select_kept(arguments.id)
    number = _number(arguments.version) if arguments.version else None
    what = f"{dataset_id} {number}" if number else f"everything that was ever released of {dataset_id}"
    if not arguments.yes:
        confirm(
            f"This takes {what} from {', '.join(house.portals)} and the public tree, for good. Readers will see the "
            f"reason: «{plain(arguments.because)}». Copies that others have made cannot be called back."
        )
    return _outcomes([house.withdraw(dataset_id, number, because=arguments.because)], arguments)


def _number(text: str) -> VersionNumber:
    try:
        return VersionNumber.parse(text)
    except ValueError:
        raise UsageError(f"«{text}» is no version number; expected one like 1.0.2.") from None


def _resume(house: App, arguments: argparse.Namespace) -> Answer:
    """What had to go and may come again is said: it is the one thing that she must have meant."""
    dataset_id = house.select_kept(arguments.id)
    head = house.lake.head(dataset_id)
    gone = None if head is None else house.lake.withdrawal_of(head)
    held = house.resume(dataset_id)
    text = "is no longer held; the next run releases its newest version." if held else "was not held."
    lines = [f"«{dataset_id}» {text}"]
    if gone is not None:
        what = f"those of {gone.number}" if gone.number else "all withdrawn"
        lines += [
            f"Its rows, {what}, may be public again under a new number. They went {gone.at[:10]}: {plain(gone.because)}"
        ]
    return Answer({"dataset": dataset_id, "was_held": held}, lines)


def _verify(house: App, arguments: argparse.Namespace) -> Answer:
    found = house.verify()
    lines = [problem_line(problem, arguments.language) for problem in found.problems]
    lines += [line for where, error in found.unasked for line in unasked_lines(where, error, arguments.language)]
    document = {
        "problems": [finding_document(problem) for problem in found.problems],
        "unasked": [
            {"where": where, "error": type(error).__name__, "message": error.message} for where, error in found.unasked
        ],
    }
    return Answer(document, lines or ["Every file and every pointer is whole."], found.code)


def _purge(house: App, _: argparse.Namespace) -> Answer:
    removed = house.purge()
    lines = [f"Removed {len(removed)} files whose time was over.", *(f"  {name}" for name in removed)]
    return Answer({"removed": list(removed)}, lines)


def _serve(house: App, arguments: argparse.Namespace) -> Answer:
    address = serve(house.settings.lake / "public", arguments.port, as_json=arguments.json)
    return Answer({"address": address}, [])


def check_rows(checked: Mapping[str, Sequence[Checked]]) -> list[tuple[str, str, str, str]]:
    """Return a line for each check: portal, what, a mark, what was found."""
    return [
        (name, check.what, "✓" if check.ok else "✗", plain(check.found))
        for name, checks in checked.items()
        for check in checks
    ]


def _differences(results: Sequence[Result], arguments: argparse.Namespace) -> Answer:
    """The answer of a plan or a drift: 0 nothing, 2 something differs, or the gravest failure."""
    failed = exit_code_of(results)
    code = failed or (EXIT_DIFFERS if any(result.differences for result in results) else EXIT_OK)
    lines = [line for result in results for line in difference_lines(result, arguments.language)]
    lines += failure_lines(results, arguments.language)
    return Answer({"results": [result_document(result, arguments.language) for result in results]}, lines, code)


def _taking(work: Callable[..., Result], arguments: argparse.Namespace) -> Callable[..., Result]:
    return partial(work, take_ours=arguments.take == "ours")


_Command = Callable[[App, argparse.Namespace], Answer]

_COMMANDS: Final[Mapping[str, _Command]] = {
    "list": _list,
    "check": _check,
    "audit": _audit,
    "build": _build,
    "accept": _accept,
    "diff": _diff,
    "publish": _publish,
    "run": _run,
    "history": _history,
    "rollback": _rollback,
    "withdraw": _withdraw,
    "resume": _resume,
    "plan": _plan,
    "drift": _drift,
    "portal": _portal,
    "import": _import,
    "verify": _verify,
    "purge": _purge,
    "serve": _serve,
}


def _each(house: App, arguments: argparse.Namespace, work: Callable[..., Result]) -> list[Result]:
    ids = _ids(house, arguments)
    overrides = dict(getattr(arguments, "source", []))
    if unused := sorted(set(overrides) - set(ids)):
        raise UsageError(f"--source names {', '.join(unused)}, which this command does not read: {', '.join(ids)}.")
    with progress(len(ids), silent=arguments.json) as shown:
        return [_one(shown, dataset_id, work, overrides) for dataset_id in ids]


def _one(shown: Progress, dataset_id: str, work: Callable[..., Result], overrides: Mapping[str, Path]) -> Result:
    result = work(dataset_id, override=overrides.get(dataset_id), stage=lambda name: shown.stage(dataset_id, name))
    shown.done(dataset_id)
    return result


def _ids(house: App, arguments: argparse.Namespace) -> tuple[str, ...]:
    if "id" in arguments:
        return house.select((arguments.id,))
    return house.select(tuple(arguments.ids))


def _outcomes(results: Sequence[Result], arguments: argparse.Namespace) -> Answer:
    document = {"results": [result_document(result, arguments.language) for result in results]}
    accounts = account_table(results, arguments.language)
    lines = [*accounts, *([""] if accounts else []), *outcome_table(results)]
    lines += [line for result in results for line in hand_lines(result, arguments.language)]
    lines += failure_lines(results, arguments.language)
    return Answer(document, lines, exit_code_of(results))
