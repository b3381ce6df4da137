"""A steward's own workbook handed back: wrong cells coloured, a comment in each, everything else byte for byte.

The parts of the package that hold a sheet's cells, the styles and the comments are patched where they must be; charts,
pictures, pivot tables, formulas and macros are other parts and are copied. openpyxl was weighed and loses them on save.
"""

from apendata.report.marking.mark import MAX_COMMENTS, Mark, NotMarked
from apendata.report.marking.rows import workbook_of_rows
from apendata.report.marking.workbook import mark_workbook

__all__ = ["MAX_COMMENTS", "Mark", "NotMarked", "mark_workbook", "workbook_of_rows"]
