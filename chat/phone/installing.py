"""What makes the site installable: its manifest, and its icons drawn from the mark."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

ACCENT, LIGHT = "#0f5e63", "#f5f7f8"
# name: pixels. A maskable icon is cut by the phone to its own shape: the mark keeps to the middle.
ICONS = {"180": 180, "192": 192, "512": 512, "maskable-192": 192, "maskable-512": 512, "badge": 96}
SAFE = 0.62


def manifest() -> dict[str, Any]:
    """The manifest in the active language."""
    start = reverse("chat:phone")
    icons = [
        {"src": reverse("chat:app_icon", args=[name]), "sizes": f"{size}x{size}", "type": "image/png",
         "purpose": "maskable" if name.startswith("maskable") else "any"}
        for name, size in ICONS.items() if name not in ("badge", "180")
    ]  # fmt: skip
    picture = [{"src": reverse("chat:app_icon", args=["192"]), "sizes": "192x192", "type": "image/png"}]
    shortcuts = [
        (_("Questions"), start),
        (_("Disputes"), reverse("disputes:list")),
        (_("Conversations"), reverse("chat:rooms")),
    ]
    return {
        "id": start,
        "name": "Zanjar",
        "short_name": "Zanjar",
        "description": _("Questions about unpaid invoices, answered with one tap."),
        "lang": get_language(),
        "dir": "ltr",
        "start_url": start,
        "scope": "/",
        "display": "standalone",
        "background_color": LIGHT,
        "theme_color": ACCENT,
        "categories": ["business", "finance"],
        "icons": icons,
        "shortcuts": [{"name": name, "url": url, "icons": picture} for name, url in shortcuts],
    }


@lru_cache(maxsize=len(ICONS))
def icon(name: str) -> bytes:
    """An icon as PNG. The badge is the mark's outline alone: phones show it in one colour."""
    size = ICONS[name]
    drawing = (Path(settings.BASE_DIR) / "static" / "img" / "mark.svg").read_text()
    width = 1.0
    if name.startswith("maskable"):
        drawing, width = _without_ground(drawing), SAFE
        ground = f'rgb("{ACCENT}")'
    elif name == "badge":
        drawing, ground = _without_ground(drawing), "none"
    else:
        ground = f'rgb("{ACCENT}")' if name == "180" else "none"
    page = (
        f"#set page(width: {size}pt, height: {size}pt, margin: 0pt, fill: {ground})\n"
        f'#align(center + horizon, image(bytes(sys.inputs.mark), format: "svg", width: {width * 100}%))'
    )
    made = typst.compile(page.encode(), format="png", ppi=72.0, sys_inputs={"mark": drawing})
    return bytes(made)


def _without_ground(drawing: str) -> str:
    return re.sub(r"<rect[^>]*/>", "", drawing)
