"""Every code that a bank's table can give, with its sentence. Merged in sentences.py."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FILE: dict[str, Promise] = {
    "table_not_understood": _(
        "This looks like a bank's table, but no column was recognised for: %(missing)s. Columns found: %(found)s. "
        "Export the account with a header row, or as CAMT.053."
    ),
    "table_without_movements": _(
        "The bank's table has a header and no movements below it. Export it again for a longer period."
    ),
}

HELD: dict[str, Promise] = {
    "table_row_unreadable": _(
        "Rows that cannot be read, so money would be missing: %(count)s (the first at line %(line)s, “%(value)s” "
        "in the column “%(column)s”). Correct the file, or export it again."
    ),
}

ROW: dict[str, Promise] = {
    "table_both_sides": _("The row has a debit and a credit. Write each movement in a row of its own."),
    "table_no_date": _("The row has an amount and no date. Write its booking date."),
    "table_no_words": _(
        "Without a header, the row “%(value)s” can be a movement or a balance. Give the table a header row."
    ),
}

WORD: dict[str, Promise] = {
    "table_charges_positive": _("Positive amounts were read as charges, as cards and some banks write them."),
    "table_rows_without_amount": _("Rows without an amount skipped: %(count)s (the first at line %(line)s)."),
    "table_balance_not_running": _("The column of balances is no running balance and was not used."),
    "table_currency_unknown": _(
        "Movements whose currency “%(value)s” is not known, taken in the currency of the account: %(count)s."
    ),
    "table_parts_kept_whole": _(
        "Movements whose detail rows do not add up to them, kept as one payment: %(count)s (the first at line "
        "%(line)s)."
    ),
}

ALL: dict[str, Promise] = FILE | HELD | ROW | WORD
