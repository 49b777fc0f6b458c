"""How to pay, as one block of a letter: what to pay to whom with which reference, a code to scan, a page to pay on."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

from mailroom.qr import Transfer

# The name under which the picture of the code goes along with an e-mail.
CID = "pay-qr"


@dataclass(frozen=True, slots=True)
class PayBox:
    """`rows` are (name, value) to copy; `transfer` is what the code says, `caption` what to do with it."""

    rows: tuple[tuple[str, str], ...]
    transfer: Transfer | None = None
    caption: str = ""
    url: str = ""
    url_words: str = ""

    def __bool__(self) -> bool:
        return bool(self.rows or self.url)


def as_text(box: PayBox) -> str:
    """One line each; a mail without pictures cannot show the code."""
    width = max((len(name) for name, _value in box.rows), default=0)
    lines = [f"{name}:{' ' * (width - len(name))} {value}" for name, value in box.rows]
    return "\n".join([*lines, *([f"{box.url_words}: {box.url}"] if box.url else [])])


def as_html(box: PayBox) -> str:
    """A quiet frame: the details at the left, the code at the right, the button below."""
    rows = "".join(
        f'<tr><td style="padding:2px 12px 2px 0;color:#57606a;vertical-align:top;white-space:nowrap">{escape(name)}'
        f'</td><td style="padding:2px 0;font-weight:600;overflow-wrap:anywhere">{escape(value)}</td></tr>'
        for name, value in box.rows
    )
    table = f'<table cellspacing="0" style="border-collapse:collapse;font-size:14px">{rows}</table>'
    code = ""
    if box.transfer:
        code = (
            '<div style="display:inline-block;vertical-align:top;text-align:center;margin:8px 0 0">'
            f'<img src="cid:{CID}" alt="{escape(box.caption)}" width="150" height="150" '
            'style="display:block;background:#ffffff">'
            f'<div style="font-size:12px;color:#57606a;max-width:150px">{escape(box.caption)}</div></div>'
        )
    button = ""
    if box.url:
        button = (
            f'<a href="{escape(box.url)}" style="display:block;margin:14px 0 0;padding:13px 16px;'
            "border-radius:8px;background:#1f4e79;color:#ffffff;font-weight:600;text-align:center;"
            f'text-decoration:none">{escape(box.url_words)}</a>'
        )
    return (
        '<div style="margin:0 0 20px;padding:16px;border:1px solid #d0d7de;border-radius:8px;background:#f6f8fa">'
        f'<div style="display:inline-block;vertical-align:top;margin:0 24px 0 0">{table}</div>{code}{button}</div>'
    )


def as_data(box: PayBox) -> dict[str, Any]:
    """As it is stored with a letter."""
    return {
        "rows": [list(row) for row in box.rows],
        "transfer": box.transfer.as_data() if box.transfer else None,
        "caption": box.caption,
        "url": box.url,
        "url_words": box.url_words,
    }
