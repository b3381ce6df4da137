"""Releases on a CKAN: files first, then the DataStore, then one ``package_revise``; read back from outside."""

from apendata.portals.ckan.portal import CkanPortal

__all__ = ["CkanPortal"]
