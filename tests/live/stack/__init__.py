"""A real CKAN on loopback, without containers: PostgreSQL, Redis, Solr and gunicorn as processes of our own."""

from tests.live.stack.stack import Stack, down, up

__all__ = ["Stack", "down", "up"]
