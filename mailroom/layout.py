"""The sheet every HTML letter is written on: narrow, quiet, readable in light and dark, no remote content."""

from html import escape

SHEET = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>{subject}</title>
</head>
<body style="margin:0;padding:24px 12px;background:#f3f4f6">
<div style="max-width:640px;margin:0 auto;padding:28px 20px;background:#ffffff;border-radius:8px;color:#1f2328;\
font-family:system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif;font-size:16px;line-height:1.5">
<div style="margin:0 0 24px;padding:0 0 12px;border-bottom:3px solid #1f4e79;font-size:18px;\
font-weight:700">{sender}</div>
{body}
<div style="margin:24px 0 0;padding:12px 0 0;border-top:1px solid #d0d7de;font-size:12px;\
color:#57606a">{footer}</div>
</div>
</body>
</html>
"""


def sheet(*, language: str, subject: str, sender: str, body: str, footer: str) -> str:
    """`body` is HTML made by `rendering.as_html`; everything else is plain text and is escaped here."""
    return SHEET.format(
        language=escape(language),
        subject=escape(subject),
        sender=escape(sender),
        body=body,
        footer=escape(footer),
    )


BUBBLE = """<!DOCTYPE html>
<html lang="{language}">
<head><meta charset="utf-8"><title>SMS</title></head>
<body style="margin:0;padding:16px;font-family:system-ui,sans-serif;background:#f3f4f6;color:#1f2328">
<p style="max-width:320px;padding:12px 14px;border-radius:14px;background:#dff0ef;white-space:pre-wrap;\
overflow-wrap:anywhere">{text}</p>
<p style="font-size:13px;color:#4a5b64">{note}</p>
</body>
</html>
"""


def bubble(*, language: str, text: str, note: str) -> str:
    """A short message as a phone shows it, with a note below; also a sentence in the place of a letter."""
    return BUBBLE.format(language=escape(language), text=escape(text), note=escape(note))
