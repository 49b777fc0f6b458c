"""The words of a message as HTML: escaped, with links, names, `code` and *bold*. Nothing else is special."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.html import format_html, urlize
from django.utils.safestring import SafeString, mark_safe

from chat.talk.people import pattern

PIECES = re.compile(
    r"```\n?(?P<block>.+?)\n?```"
    r"|`(?P<code>[^`\n]+)`"
    r"|(?P<link>https?://[^\s<>\"']+)"
    r"|(?<![\w*])\*(?P<bold>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])",
    re.DOTALL,
)


def html(body: str, names: Mapping[str, bool]) -> SafeString:
    """The text for a page. `names`: the labels behind an @ that name somebody, and whether that is the reader."""
    made, at = [], 0
    for match in PIECES.finditer(body):
        made.append(_words(body[at : match.start()], names))
        made.append(_piece(match, names))
        at = match.end()
    made.append(_words(body[at:], names))
    return mark_safe("".join(made))  # every part is escaped where it is made


def is_plain(body: str) -> bool:
    """Whether the text is nothing but words and links, which a page can put in by itself."""
    return not re.search(r"[`*@]", body)


def _piece(match: re.Match[str], names: Mapping[str, bool]) -> SafeString:
    if match["block"] is not None:
        return format_html('<code class="msg-block">{}</code>', match["block"])
    if match["code"] is not None:
        return format_html("<code>{}</code>", match["code"])
    if match["link"] is not None:
        return mark_safe(urlize(match["link"], nofollow=True, autoescape=True))
    return format_html("<strong>{}</strong>", _words(match["bold"], names))


def _words(text: str, names: Mapping[str, bool]) -> SafeString:
    """Plain words, in which names stand out and addresses are links."""
    if not names or "@" not in text:
        return mark_safe(urlize(text, nofollow=True, autoescape=True))
    own = {label.casefold() for label, is_reader in names.items() if is_reader}
    made, at = [], 0
    for match in pattern(names).finditer(text):
        made.append(urlize(text[at : match.start()], nofollow=True, autoescape=True))
        css = "mention mention-me" if match[1].casefold() in own else "mention"
        made.append(format_html('<span class="{}">{}</span>', css, match[0]))
        at = match.end()
    made.append(urlize(text[at:], nofollow=True, autoescape=True))
    return mark_safe("".join(made))
