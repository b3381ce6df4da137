"""Findings → what a data steward reads, in Norwegian and English. The only place where cell values may stand.

Its modules are imported one by one: `apendata validate` needs the texts, and no model of a dataset.
"""
