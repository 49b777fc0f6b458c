"""Every code that a bank file can give, with its sentence: what is wrong, and what to do."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledger.bank import sentences_cash as cash
from ledger.bank import sentences_tables as tables

# The file as a whole cannot be read.
FILE: dict[str, Promise] = {
    "no_statement": _(
        "The file has the form of %(format)s but no statement in it. Ask the bank for it again."
    ),
    "not_this_message": _(
        "This XML is a %(found)s of the bank, not a statement. Give camt.052, camt.053 or camt.054."
    ),
    "cut_off": _("The file ends before its statement does (%(detail)s). Ask the bank for a whole file."),
    "bad_record": _(
        "The line “%(value)s” is not what %(format)s has at this place. Ask the bank for it again."
    ),
    "bad_bank_amount": _(
        "“%(value)s” is not an amount as %(format)s writes it. Ask the bank for a correct file."
    ),
    "bad_bank_date": _("“%(value)s” is not a date as %(format)s writes it. Ask the bank for a correct file."),
    "bad_bank_currency": _("“%(value)s” is not a currency. Ask the bank for a correct file."),
    "bad_direction": _("“%(value)s” says neither credit nor debit. Ask the bank for a correct file."),
    "no_account": _("The statement does not say which account it is about. Ask the bank for a correct file."),
    "missing_field": _("%(field)s is missing in the statement. Ask the bank for a correct file."),
    "investments": _(
        "These are statements of investments (%(found)s), which are not read. Export the bank account instead."
    ),
    "ofx_failed": _(
        "The bank's server answered with an error instead of a statement (%(detail)s). Export it again."
    ),
    "too_many_parts": _("The statement has more than %(limit)s entries. Ask the bank for shorter periods."),
}

# Why a statement is held.
HELD: dict[str, Promise] = {
    "record_totals_differ": _(
        "The statement says %(stated)s for %(field)s, but its entries give %(computed)s: a difference of "
        "%(difference)s. Ask the bank."
    ),
    "record_count_differs": _(
        "The statement says %(stated)s for %(field)s, but the file has %(computed)s. Ask the bank for a whole file."
    ),
    "balances_in_currencies": _(
        "The balances of the statement are in several currencies (%(found)s). Ask the bank for a correct file."
    ),
    "entry_other_currency": _(
        "An entry at line %(line)s is in %(found)s, but the account is in %(currency)s. Ask the bank."
    ),
}

# Something worth a word that keeps nothing out.
WORD: dict[str, Promise] = {
    "parts_without_amounts": _(
        "Batch entries whose parts have no amounts of their own, kept as one payment: %(count)s "
        "(the first at line %(line)s)."
    ),
    "parts_differ": _(
        "Batch entries whose parts do not add up to the entry; the rest is a payment of its own: %(count)s "
        "(the first at line %(line)s, %(difference)s)."
    ),
    "pending_entries": _("Entries that the bank has not booked yet: %(count)s."),
    "bad_sign_key": _(
        "Balances without a valid sign, taken as positive: %(count)s (the first at line %(line)s)."
    ),
    "entry_without_date": _(
        "Entries without a booking date; another date of the statement was taken: %(count)s "
        "(the first at line %(line)s)."
    ),
    "lines_left_out": _("Lines without meaning left out: %(count)s (the first at line %(line)s)."),
    "lines_not_120": _("Records that are not 120 characters long: %(count)s (the first at line %(line)s)."),
    "cut_statement": _("Statements without a closing balance: %(count)s (the first at line %(line)s)."),
    "balance_unreadable": _(
        "Balances that cannot be read, left out: %(count)s (the first at line %(line)s, “%(value)s”)."
    ),
    "investments_left_out": _("Statements of investments left out: %(count)s (the first at line %(line)s)."),
    "interim_sums_differ": _(
        "Interim reports whose entries are not the sums that the bank gives, read as they are: %(count)s "
        "(the first at line %(line)s)."
    ),
    "bank_currency_assumed": _("The statement names no currency: %(currency)s was taken."),
}

# What a sentence calls the part of a statement that it is about.
FIELDS: dict[str, Promise] = {
    "account": _("Account"),
    "statement_date": _("Date of the statement"),
    "booked_on": _("Booking date"),
    "opening": _("Opening balance"),
    "closing": _("Closing balance"),
    "credits": _("Credits"),
    "debits": _("Debits"),
    "declared": _("Credits less debits"),
    "entries": _("Number of entries"),
    "records": _("Number of records"),
}

ALL: dict[str, Promise] = FILE | HELD | WORD | cash.ALL | tables.ALL
