"""Every code that an answer of a customer's system can give, with its sentence: what is wrong, and what to do."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FILE: dict[str, Promise] = {
    "not_an_answer": _("This XML is no answer to an invoice (its root element is %(root)s)."),
    "answer_without_document": _(
        "The message speaks of no document. Ask the sender for a message that names the invoice."
    ),
}

ROW: dict[str, Promise] = {
    "answer_names_no_invoice": _(
        "The message does not name the invoice it answers. Ask the sender for a message that does."
    ),
    "answer_without_status": _(
        "The message gives no status for %(number)s. Ask the sender for a whole message."
    ),
    "answer_differs": _(
        "Message %(message)s of this sender is already recorded with other facts about %(number)s (%(recorded)s, not "
        "%(value)s). A corrected message needs a number of its own: ask the sender."
    ),
    "answer_other_entity": _(
        "This message answers an invoice of %(receiver)s, which is the entity %(code)s. Import it there."
    ),
}

WORD: dict[str, Promise] = {
    "answer_invoice_unknown": _(
        "Answers about invoices that are not recorded, kept until they come: %(count)s (the first: %(number)s)."
    ),
    "answer_without_id": _("The message has no number of its own: its content was taken for it."),
    "answer_date_unread": _("Dates that cannot be read, left out: %(count)s (the first at line %(line)s)."),
    "answer_amount_unread": _(
        "Amounts that cannot be read, left out: %(count)s (the first at line %(line)s)."
    ),
    "answer_issued_differs": _(
        "Answers that name another issue date than the invoice has, attached all the same: %(count)s "
        "(the first: %(number)s)."
    ),
    "rates_gap": _("Days without published rates between %(first)s and %(last)s: import the missing ones."),
    "rates_changed": _(
        "Rates that were published before with another value, changed: %(count)s (the first: %(currency)s of %(day)s, "
        "%(before)s, now %(after)s)."
    ),
    "rates_empty": _("Cells without a rate (N/A), left out: %(count)s."),
}

RATES: dict[str, Promise] = {
    "no_rates": _("The file has the form of the ECB's reference rates but no rate in it. Download it again."),
    "not_a_rate": _(
        "“%(value)s” is not an exchange rate. It must be a number more than zero, such as 1.0832."
    ),
    "rate_twice": _("%(currency)s of %(day)s is in the file twice with different rates. Keep one."),
    "rate_not_per_euro": _(
        "The series %(value)s is not a daily rate of a currency per euro, and was left out."
    ),
}

ALL: dict[str, Promise] = FILE | ROW | WORD | RATES
