"""Faults at every request of a release: a proxy that makes them, a reader that watches, a campaign that counts."""
