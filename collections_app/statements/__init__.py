"""Statements of open items as of a day, as facts and as PDF.

For whoever attaches one to a letter: `statement_of(customer, on)` gives the figures, `as_pdf(statement, language)` the
file. Neither writes anything.
"""

from collections_app.statements.facts import Section, Statement, StatementRow, statement_of
from collections_app.statements.pdf import as_pdf

__all__ = ["Section", "Statement", "StatementRow", "as_pdf", "statement_of"]
