"""Staffing, as a steward starts it by hand."""

from typing import Any, Literal

from prefect import State, flow

from flows.choices import of_domain
from flows.steps import build_and_publish, runner

IDS = of_domain("staffing")
Datasett = Literal[IDS]  # type: ignore[valid-type]  # the folder decides, at import


@flow(name="staffing", task_runner=runner(), persist_result=False)
def staffing(datasett: list[Datasett] = [], eksempeldata: bool = False) -> State[Any]:  # noqa: B006, FBT001, FBT002
    """Bygg og publiser personaldatasett.

    Args:
        datasett: Hvilke datasett. Ingen valgt: alle i listen.
        eksempeldata: Les eksempeldataene i stedet for de virkelige uttrekkene. Bare til prøver på egen maskin.
    """
    return build_and_publish(tuple(datasett) or IDS, samples=eksempeldata)
