"""Reads and checks ``datasets/`` and ``schemas/``: what is published, without running any of it."""

from apendata.catalog.load import Catalog

__all__ = ["Catalog"]
