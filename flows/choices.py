"""The names that a form offers, read from the datasets' folder when a flow is loaded: at deployment and in each run."""

from apendata.catalog import Catalog
from apendata.settings import Settings

_settings = Settings.load()
_catalog = Catalog(_settings.datasets, _settings.schemas)

ALL: tuple[str, ...] = _catalog.ids()


def of_domain(domain: str) -> tuple[str, ...]:
    """Return the datasets of one domain, by their definitions' own word; one that cannot be read is offered everywhere.

    Everywhere and not nowhere: a broken definition must fail in a run that names it, not vanish from every form.
    """
    return tuple(name for name in ALL if _catalog.domain_of(name) in (domain, None))
