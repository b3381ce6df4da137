"""A flow started from a terminal: run it, then say how every dataset ended and where the first page is."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from prefect import Flow

from apendata import app
from apendata.cli.commands import outcome_table
from apendata.pipeline import exit_code_of
from flows.steps import settings


def main(flow: Flow[..., Any], ids: Sequence[str], *, samples: bool) -> int:
    """Run a flow now, on Prefect's embedded server unless PREFECT_API_URL names one; return the exit code."""
    print(f"The night begins: {len(ids)} datasets.", flush=True)
    began = datetime.now(UTC)
    flow(eksempeldata=samples, return_state=True)
    house = app.load(settings(samples))
    results = [house.last_result(dataset_id, since=began) for dataset_id in ids]
    print("\n".join(outcome_table(results)))
    print(f"\nFirst page: {house.settings.lake / 'public' / 'index.html'}")
    return exit_code_of(results)
