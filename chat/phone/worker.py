"""The service worker: our own modules put together to one script, with what it must know beforehand."""

from __future__ import annotations

import hashlib
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

# Workers that are modules do not exist in every browser, so the modules are joined: in this order.
PARTS = ("store.js", "outbox.js", "sw.js")
SHEETS = (
    "tokens",
    "base",
    "layout",
    "components",
    "forms",
    "talk",
    "chat",
    "evidence",
    "utilities",
    "disputes",
    "phone",
)
IMPORT = re.compile(r"^import .*;\n", re.MULTILINE)
EXPORT = re.compile(r"^export (?=const|let|function|async|class)", re.MULTILINE)


def source() -> str:
    """The script. Another version of anything in it is another script, and the browser takes it up."""
    told = facts()
    body = "\n".join(_part(name) for name in PARTS)
    told["version"] = hashlib.sha256((json.dumps(told) + body).encode()).hexdigest()[:16]
    return f"self.ZANJAR = {json.dumps(told, ensure_ascii=False)};\n{body}"


@lru_cache(maxsize=None if not settings.DEBUG else 0)
def _part(name: str) -> str:
    text = (Path(settings.BASE_DIR) / "static" / "js" / name).read_text()
    return EXPORT.sub("", IMPORT.sub("", text))


def facts() -> dict[str, Any]:
    """Addresses, files to keep, and the words of notifications in every language."""
    return {
        "shell": reverse("chat:phone"),
        "token": reverse("chat:phone_token"),
        "cards": reverse("question-card-list"),
        "questions": reverse("question-list"),
        "icon": static("img/mark.svg"),
        "badge": reverse("chat:app_icon", args=["badge"]),
        "picture": reverse("chat:app_icon", args=["192"]),
        "assets": assets(),
        "words": {language: _words(language) for language, _name in settings.LANGUAGES},
    }


def assets() -> list[str]:
    """What the inbox needs to open without a network: under the names that carry their content's hash."""
    scripts = sorted(path.name for path in (Path(settings.BASE_DIR) / "static" / "js").glob("*.js"))
    names = [f"css/{name}.css" for name in SHEETS]
    names += [f"js/{name}" for name in scripts if name != "sw.js"]
    return [static(name) for name in [*names, "img/mark.svg", "django_htmx/htmx-2.min.js"]]


def _words(language: str) -> dict[str, str]:
    """What the worker says when no page is open."""
    with override(language):
        return {
            "sent": _("Your answer is recorded: %s"),
            "waiting": _("Waiting for network. Your answer is kept and goes out by itself."),
            "sign_in": _("You are signed out. Tap to sign in; your answer is kept until then."),
            "refused": _("Your answer was not taken."),
            "news": _("There is something new for you."),
        }
