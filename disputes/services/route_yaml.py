"""Routes as YAML files that people edit, keep and send to each other. What is read is bounded and plain."""

from __future__ import annotations

from typing import Any

import yaml
from django.utils.translation import gettext as _

from disputes.errors import RouteProblems
from disputes.services.route_shape import ROUTE, check_shape, wrong

LONGEST = 300_000  # Characters: far more than any route needs.
DEEPEST = 12


class _Plain(yaml.SafeDumper):
    """Without anchors: a part that stands twice is written twice."""

    def ignore_aliases(self, data: Any) -> bool:
        """Never."""
        return True


def to_yaml(data: dict[str, Any]) -> str:
    """The route as a file: the fields in the order of the form, words as they are."""
    return yaml.dump(data, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=110)


def from_yaml(text: str | bytes) -> dict[str, Any]:
    """The route a file holds, in the right form; raises RouteProblems with the line or place that is wrong."""
    if len(text) > LONGEST:
        raise RouteProblems(wrong("", "too_long", _("The file is too long for a route.")))
    try:
        words = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        _refuse_aliases_and_depth(words)
        data = yaml.safe_load(words)
    except UnicodeDecodeError:
        raise RouteProblems(wrong("", "not_utf8", _("The file is not written in UTF-8."))) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        words = _("Line %(line)s cannot be read as YAML.") % {"line": line}
        raise RouteProblems(wrong(f"line {line}", "not_yaml", words)) from None
    if isinstance(data, dict) and isinstance(data.get("route"), dict):
        data = data["route"]  # As the catalogue's files have it, below its reason.
    problems = check_shape(data, ROUTE)
    if problems:
        raise RouteProblems(problems)
    return dict(data)


def _refuse_aliases_and_depth(text: str) -> None:
    """A few lines of aliases or brackets can stand for a whole memory: neither is needed."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            _refuse(event, "alias", _("Line %(line)s uses a YAML alias, which routes do not need."))
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            _refuse(event, "too_deep", _("Line %(line)s is nested too deep."))


def _refuse(event: yaml.Event, code: str, words: str) -> None:
    line = event.start_mark.line + 1 if event.start_mark else 1
    raise RouteProblems(wrong(f"line {line}", code, words % {"line": line}))
