"""What all tests share: Prefect's tests run in one process, since each would start a server of its own."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A timing is a benchmark, never a test: a busy machine must not fail a property.
settings.register_profile("apendata", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("apendata")

ROOT = Path(__file__).parent.parent
LIVE = ROOT / "tests" / "live"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Live tests bring up a whole CKAN: they run where they are asked for (`make live`), never by the way."""
    asked = any(Path(argument.partition("::")[0]).absolute().is_relative_to(LIVE) for argument in config.args)
    return True if collection_path == LIVE and not asked else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("prefect"):
            item.add_marker(pytest.mark.xdist_group("prefect"))


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT
