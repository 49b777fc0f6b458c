"""Every code that the booking of statements can give, with its sentence. Merged in intake/sentences.py."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# A statement of the file that is not booked. `why` is a code of its own, put in words first.
ROW: dict[str, Promise] = {
    "unbalanced": _(
        "Account %(account)s, statement %(number)s: %(why)s Nothing of it was booked. Decide on the page of bank "
        "statements, or import the file again with --allow-unbalanced."
    ),
    "account_of_other": _(
        "Account %(account)s belongs to the entity %(code)s, for which you may not import. Ask somebody who may."
    ),
}

# Why a statement is held.
HELD: dict[str, Promise] = {
    "balance_differs": _(
        "Opening %(opening)s plus credits %(credits)s less debits %(debits)s is not closing %(closing)s "
        "%(currency)s: a difference of %(difference)s."
    ),
    "declared_credits_differ": _(
        "The bank gives %(stated)s %(currency)s as the sum of credits, but the entries add up to %(computed)s: "
        "a difference of %(difference)s."
    ),
    "declared_debits_differ": _(
        "The bank gives %(stated)s %(currency)s as the sum of debits, but the entries add up to %(computed)s: "
        "a difference of %(difference)s."
    ),
}

WORD: dict[str, Promise] = {
    "booked_unbalanced": _(
        "Statements that do not balance, booked all the same: %(count)s (account %(account)s, statement %(number)s)."
    ),
}

ALL: dict[str, Promise] = ROW | HELD | WORD
