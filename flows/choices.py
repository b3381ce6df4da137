"""The names that a form offers, read from the datasets' folder when a flow is loaded: at deployment and in each run."""

from apendata.catalog import Catalog
from apendata.settings import Settings

_settings = Settings.load()
_catalog = Catalog(_settings.datasets, _settings.schemas)

NONE = ("(ingen datasett)",)
"""What a form offers where a domain has no dataset: Prefect cannot make a form of an empty choice."""

ALL: tuple[str, ...] = _catalog.ids() or NONE


def of_domain(domain: str) -> tuple[str, ...]:
    """Return the datasets of one domain, by their definitions' own word; one that cannot be read is offered everywhere.

    Everywhere and not nowhere: a broken definition must fail in a run that names it, not vanish from every form.
    """
    mine = tuple(name for name in ALL if _catalog.domain_of(name) in (domain, None))
    return mine or NONE
