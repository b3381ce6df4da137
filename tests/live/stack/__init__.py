"""A real CKAN on loopback, without containers: PostgreSQL, Redis, Solr and gunicorn as processes of our own."""

from tests.live.stack.stack import NotAStack, Stack, down, status, up

__all__ = ["NotAStack", "Stack", "down", "status", "up"]
