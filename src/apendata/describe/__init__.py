"""Descriptors of what is published, as pure functions: Data Package v2 and schema.org, made from the same words."""

from apendata.describe.contract import contract
from apendata.describe.datapackage import datapackage
from apendata.describe.schema_org import schema_org

__all__ = ["contract", "datapackage", "schema_org"]
