"""What can be wrong with a file in the watched folder, in sentences."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ALL: dict[str, Promise] = {
    "not_a_plain_file": _("This is a link or a device, not a file. Put the file itself into the folder."),
    "drop_gave_up": _(
        "The import broke off %(tries)s times without a reason that could be read. Try it with the command intake, "
        "which shows the error."
    ),
}
