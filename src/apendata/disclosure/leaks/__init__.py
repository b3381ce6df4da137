"""Looks for values of hidden cells in everything that is about to be published: files, texts, hashes, payloads.

``reread`` reads the files of a table again, ``page`` the tables of a page; ``needles`` finds given numbers in any
bytes; ``told`` looks at what is said beside the tables. Nothing here writes, and what is found is told by table,
column, file and number, never by its value.
"""
