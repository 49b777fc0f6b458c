"""What can be wrong with a row of a bulk call, in sentences."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ALL: dict[str, Promise] = {
    "row_shape": _("%(message)s"),
    "row_not_json": _("This line is not JSON: %(detail)s. Write one object per line."),
    "row_not_object": _("A row must be an object with names and values."),
    "row_unknown_field": _("There is no field “%(name)s” here. Known: %(known)s."),
    "row_other_facts": _("The same row was in this call before with other facts. Keep one of the two."),
    "which_customer": _(
        "Say which customer: by customer (id), customer_code or customer_tax_id, one of them."
    ),
    "unknown_customer": _("There is no customer %(value)s in this legal entity. Send the customer first."),
    "ambiguous_customer": _("Several customers have the tax id %(value)s. Name one by customer_code."),
    "customer_without_name": _("A new customer needs a name."),
    "unknown_salesperson": _("Nobody in this legal entity has the e-mail address %(value)s."),
    "due_too_early": _("The due date is before the issue date."),
    "payment_differs": _(
        "The payment %(identity)s is already recorded with %(field)s %(recorded)s. A recorded payment never changes; "
        "give another payment its own identity."
    ),
    "contact_of_nobody": _("A contact needs a name or an e-mail address."),
}
