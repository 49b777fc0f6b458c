"""Statements of open items, made in one place: as facts, on the entity's paper and as a spreadsheet.

`statement_of(customer, on)` gives the figures as of the end of a day; with `asked` those of this moment, beside what
a letter asks for. `as_pdf` draws them at once; `sheet` and `grid` are figures to keep with a letter and draw later.
"""

from collections_app.statements.facts import Section, Statement, StatementRow, statement_of
from collections_app.statements.grid import grid
from collections_app.statements.paper import as_pdf, sheet

__all__ = ["Section", "Statement", "StatementRow", "as_pdf", "grid", "sheet", "statement_of"]
