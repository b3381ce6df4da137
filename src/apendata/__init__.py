"""apendata: a municipality's internal exports, every night, as open data that can be trusted."""

__version__ = "0.1.0"
