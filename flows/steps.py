"""What all flows share: two tasks a dataset, joined by the version in the lake. Only ids and words cross a border.

Prefect keeps the text of an exception in five places and pickles a flow's own; so a task raises an error of this
module, which says which dataset failed and with which exit code, and a flow ends by returning its state. What was found
stands in the private report.
"""

from collections.abc import Sequence
from functools import cache
from threading import Lock
from typing import Any, Final

from prefect import State, task
from prefect.futures import wait
from prefect.states import Completed, Failed
from prefect.task_runners import ThreadPoolTaskRunner

from apendata import app
from apendata.errors import ApendataError, Transient, exit_code
from apendata.pipeline import Result
from apendata.settings import Settings


class DatasetFailed(Exception):
    """One dataset failed; its private report says how."""


class TransientFailure(DatasetFailed, Transient):
    """One dataset failed, and trying again later may succeed."""


def _is_transient(_task: object, _run: object, state: State[Any]) -> bool:
    return isinstance(state.result(raise_on_failure=False), Transient)


_RETRY: Final[dict[str, Any]] = {
    "retries": 3,
    "retry_delay_seconds": [10, 60, 300],
    "retry_jitter_factor": 0.5,
    "retry_condition_fn": _is_transient,
    "persist_result": False,  # otherwise Prefect hashes, and may keep, what a task is given
}


_LOADING: Final = Lock()
"""A cache alone lets two threads that come at the same moment load a house each."""


@task(name="build", task_run_name="build {dataset_id}", **_RETRY)
def build(dataset_id: str, samples: bool) -> str:  # noqa: FBT001 (a value of the flow's form)
    """Make a new version of one dataset where something changed; return its id."""
    _stop_if_failed(_house(samples).build(dataset_id))
    return dataset_id


@task(name="publish", task_run_name="publish {dataset_id}", **_RETRY)
def publish(dataset_id: str, samples: bool) -> str:  # noqa: FBT001 (as above)
    """Release the newest version of one dataset; return its id."""
    _stop_if_failed(_house(samples).publish(dataset_id))
    return dataset_id


@task(name="purge", persist_result=False)
def purge(samples: bool) -> None:  # noqa: FBT001 (as above)
    """Remove raw exports and reports whose time is over."""
    try:
        _house(samples).purge()
    except (ApendataError, OSError) as error:
        raise DatasetFailed(f"purge: {type(error).__name__}") from None


def runner() -> Any:
    """Return what runs a flow's tasks: two at a time, since a build keeps a core busy and the machine has few.

    Any: Prefect's decorator wants a runner of its base future, which its own thread runner is not, by its types.
    """
    return ThreadPoolTaskRunner(max_workers=2)


def build_and_publish(ids: Sequence[str], *, samples: bool) -> State[Any]:
    """Build and publish every dataset, each on its own; return the flow's state, Failed with the list if any failed."""
    # All builds go in before the first publish: a publish waits for its build inside one of the runner's threads, and
    # publishes that wait for builds that have no thread would never end.
    built = {dataset_id: build.submit(dataset_id, samples) for dataset_id in ids}
    # Prefect gives `publish` the id that the future holds; its types know the finished value only.
    published = {
        dataset_id: publish.submit(future, samples)  # type: ignore[call-overload]
        for dataset_id, future in built.items()
    }
    wait(list(published.values()))
    failed = [dataset_id for dataset_id, future in published.items() if not future.state.is_completed()]
    return Failed(message="Feilet: " + ", ".join(failed)) if failed else Completed(message="Alle datasett er i orden.")


def settings(samples: bool) -> Settings:  # noqa: FBT001 (as above)
    """Return the settings of this machine, on the samples where the form says so."""
    return Settings.load().on_samples() if samples else Settings.load()


def _house(samples: bool) -> app.App:  # noqa: FBT001 (as above)
    try:
        with _LOADING:
            return _loaded(settings(samples))
    except (ApendataError, OSError) as error:
        raise DatasetFailed(f"the installation: {type(error).__name__}") from None


@cache
def _loaded(of: Settings) -> app.App:
    """One house for all tasks of a process: a portal reads what all datasets show once a night, not once a dataset.

    Nothing in it grows old: definitions and versions are read anew by each call.
    """
    return app.load(of)


def _stop_if_failed(result: Result) -> None:
    if result.error is None:
        return
    kind = TransientFailure if isinstance(result.error, Transient) else DatasetFailed
    where = f" Rapport: {result.report}" if result.report else ""  # a private path, and never what stands there
    raise kind(f"{result.dataset}: {type(result.error).__name__} ({exit_code(result.error)}).{where}") from None
