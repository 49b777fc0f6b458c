"""What macros do, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Department, User
from disputes.choices import Asks, Change, Nap
from disputes.models import Macro, Move, Reason
from disputes.services.changes import ME


def tell_macros(macros: Iterable[Macro]) -> list[tuple[Macro, list[str]]]:
    """Each macro with its steps as sentences; the names they speak of are looked up once for all."""
    found = list(macros)
    named = _Names([(macro.entity_id, step) for macro in found for step in macro.steps])
    return [(macro, [named.tell(macro.entity_id, step) for step in macro.steps]) for macro in found]


class _Names:
    """The reasons, moves, people and departments that steps name."""

    def __init__(self, steps: list[tuple[int, Mapping[str, Any]]]) -> None:
        entities = {entity for entity, _step in steps}

        def given(name: str) -> set[Any]:
            return {step[name] for _entity, step in steps if name in step and step[name] != ME}

        reasons = Reason.objects.filter(entity__in=entities, code__in=given("reason"))
        self.reasons = {(one.entity_id, one.code): one.label for one in reasons}
        moves = Move.objects.filter(stage__version__route__entity__in=entities, code__in=given("move"))
        moves = moves.select_related("stage__version__route").order_by("pk")
        self.moves = {(one.stage.version.route.entity_id, one.code): one.label for one in moves}
        self.people = dict(User.objects.filter(pk__in=given("user")).values_list("pk", "name"))
        self.teams = dict(Department.objects.filter(pk__in=given("department")).values_list("pk", "name"))

    def tell(self, entity: int, step: Mapping[str, Any]) -> str:
        """One step."""
        do = Change(step["do"])
        if do == Change.CLASSIFY:
            words = self.reasons.get((entity, step["reason"]), step["reason"])
            return _("Change the reason to “%(reason)s”") % {"reason": words}
        if do == Change.MOVE:
            words = self.moves.get((entity, step["move"]), step["move"])
            return _("Make the move “%(move)s”") % {"move": words}
        if do == Change.ASK:
            return _("Ask %(who)s: %(text)s") % {"who": Asks(step["to"]).label, "text": step["text"]}
        if do == Change.SNOOZE:
            return _("Snooze: %(nap)s") % {"nap": Nap(step["for"]).label}
        return _("Assign to %(who)s") % {"who": self._who(step)}

    def _who(self, step: Mapping[str, Any]) -> str:
        if step.get("user") == ME:
            return _("whoever uses the macro")
        if "department" in step:
            return self.teams.get(step["department"], "–")
        return self.people.get(step["user"], "–")
