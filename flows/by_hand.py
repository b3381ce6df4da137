"""A flow started from a terminal: run it, then say how every dataset ended and where the first page is."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from prefect import State

from apendata import app
from apendata.cli.differences import hand_lines
from apendata.cli.results import account_table, failure_lines, outcome_table
from apendata.errors import EXIT_OK, InternalError, exit_code
from apendata.pipeline import exit_code_of
from apendata.report.foreign import harmless
from flows.steps import settings


def main(flow: Callable[..., Any], ids: Sequence[str], *, samples: bool) -> int:
    """Run a flow now, on Prefect's embedded server unless PREFECT_API_URL names one; return the exit code."""
    print(f"The night begins: {len(ids)} datasets.", flush=True)
    began = datetime.now(UTC)
    state: State[Any] = flow(eksempeldata=samples, return_state=True)
    house = app.load(settings(samples))
    results = [house.last_result(dataset_id, since=began) for dataset_id in ids]
    hands = [line for result in results for line in hand_lines(result, "nb")]
    lines = [*account_table(results, "nb"), "", *outcome_table(results), *hands, *failure_lines(results, "nb")]
    print(harmless("\n".join(lines)))
    print(f"\nFirst page: {house.settings.lake / 'public' / 'index.html'}")
    code = exit_code_of(results)
    if code == EXIT_OK and not state.is_completed():
        print(f"The flow ended as {state.name}: {state.message}")
        return exit_code(InternalError(""))
    return code
