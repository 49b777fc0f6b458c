"""Events of a mass dispute as sentences, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import Event
from disputes.choices import Resolution, Verdict
from disputes.telling import Line


def tell(event: Event) -> Line:
    """The event as a line of the mass dispute's timeline; an unknown kind by its name."""
    data = event.data
    named = ", ".join(data["disputes"]) if isinstance(data.get("disputes"), list) else ""
    texts = {
        "mass.opened": _("Put together: %(disputes)s"),
        "mass.joined": _("Added: %(disputes)s"),
        "mass.left": _("Detached: %(disputes)s"),
        "mass.closed": _("Closed: no dispute is open any more"),
    }
    if event.kind in texts:
        return Line(event, texts[event.kind] % {"disputes": named}, "layers")
    if event.kind != "mass.decided":
        return Line(event, event.kind, "layers")
    text = _("Decided: %(resolution)s, %(verdict)s, %(percent)s %%") % {
        "resolution": Resolution(data["resolution"]).label,
        "verdict": str(Verdict(data["verdict"]).label).lower(),
        "percent": data["percent"],
    }
    parts = [
        _("closed: %(disputes)s") % {"disputes": ", ".join(data["closed"])} if data["closed"] else "",
        _("waiting for an approval: %(disputes)s") % {"disputes": ", ".join(data["waiting"])}
        if data["waiting"]
        else "",
        *(f"{ref}: {sentence}" for ref, sentence in data["refused"]),
        data["note"],
    ]
    return Line(event, text, "layers", "", "\n".join(filter(None, parts)))
