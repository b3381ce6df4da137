"""Budget and accounts, as a steward starts them by hand."""

from typing import Any, Literal

from prefect import State, flow

from flows.choices import of_domain
from flows.steps import build_and_publish, runner

IDS = of_domain("budget")
Datasett = Literal[IDS]  # type: ignore[valid-type]  # the folder decides, at import


@flow(name="budget", task_runner=runner(), persist_result=False)
def budget(datasett: list[Datasett] = [], eksempeldata: bool = False) -> State[Any]:  # noqa: B006, FBT001, FBT002
    """Bygg og publiser budsjett- og regnskapsdatasett.

    Args:
        datasett: Hvilke datasett. Ingen valgt: alle i listen.
        eksempeldata: Les eksempeldataene i stedet for de virkelige uttrekkene. Bare til prøver på egen maskin.
    """
    return build_and_publish(tuple(datasett) or IDS, samples=eksempeldata)
