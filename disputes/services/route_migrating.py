"""Taking running disputes over to another edition of a route, on purpose: first the plan, then the deed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from accounts.models import User
from disputes import lifecycle
from disputes.choices import QuestionStatus, RunState
from disputes.errors import FieldErrors, IllegalAct
from disputes.models import BranchRun, Dispute, Question, RouteVersion, Stage
from disputes.services import asking, branches
from disputes.services.common import holder_facts, lock, moment_for, stage_facts, start_stay, tell
from disputes.services.finishing import go_on
from disputes.services.holding import take_part
from disputes.services.route_writing import check_editor, tell_route
from lib.errors import DomainError

SAME_HOLDER = ("holder_kind", "holder_role", "department_id", "person_id", "wait_for")


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A stage of the old edition: how many open disputes stand there, and where they would go (None: nowhere)."""

    stage: Stage
    to: Stage | None
    disputes: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A dispute that stays on its edition, and why."""

    dispute: int
    ref: str
    words: str


@dataclass(frozen=True, slots=True)
class Migrated:
    """What became of the disputes: who moved over, who stayed."""

    moved: list[int] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


def migration_plan(old: RouteVersion, new: RouteVersion) -> list[PlanRow]:
    """Each stage of the old edition with its stage of the same code in the new one, and the disputes there."""
    targets = {stage.code: stage for stage in new.stages.all()}
    open_ones = Dispute.objects.active().filter(route_version=old).order_by().values_list("stage")
    standing = dict(open_ones.annotate(n=Count("pk")))
    return [PlanRow(stage, targets.get(stage.code), standing.get(stage.pk, 0)) for stage in old.stages.all()]


@transaction.atomic
def migrate_disputes(
    *,
    from_version: RouteVersion,
    to_version: RouteVersion,
    by: User,
    at: datetime,
    mapping: Mapping[str, str] | None = None,
) -> Migrated:
    """Take the open disputes of one edition over to another: stages by their code, or as `mapping` says.

    Each dispute stands or falls alone; those that cannot go are listed with the reason. What the new stage says
    like the old one stays: holder, deadline, questions, branches that are done. Letters are not sent again.
    """
    check_editor(from_version.route.entity_id, by)
    _check(from_version, to_version)
    stages = _stages(from_version, to_version, mapping or {})
    done = Migrated()
    ids = Dispute.objects.active().filter(route_version=from_version).order_by("pk")
    for pk in list(ids.values_list("pk", flat=True)):
        try:
            with transaction.atomic():
                _take_over(pk, from_version, to_version, stages, by=by, at=at)
            done.moved.append(pk)
        except DomainError as error:
            ref = Dispute.objects.get(pk=pk).ref
            done.refused.append(Refusal(pk, ref, str(error)))
    facts: dict[str, Any] = {
        "from": from_version.number,
        "to": to_version.number,
        "moved": len(done.moved),
        "refused": [one.ref for one in done.refused],
    }
    tell_route(to_version.route, "route.migrated", by=by, at=at, data=facts)
    return done


def _check(old: RouteVersion, new: RouteVersion) -> None:
    if old.pk == new.pk or old.route.entity_id != new.route.entity_id:
        raise FieldErrors({"to": _("Choose another edition of a route of the same legal entity.")})
    if new.is_draft:
        raise FieldErrors({"to": _("Disputes follow no draft: activate it first.")})


def _stages(old: RouteVersion, new: RouteVersion, mapping: Mapping[str, str]) -> dict[int, Stage]:
    """The stage each stage of the old edition goes to."""
    targets = {stage.code: stage for stage in new.stages.select_related("department", "person")}
    known = {stage.code: stage.pk for stage in old.stages.all()}
    errors = {
        f"mapping.{code}": _("“%(code)s” is not a stage.") % {"code": code if code not in known else to}
        for code, to in mapping.items()
        if code not in known or to not in targets
    }
    if errors:
        raise FieldErrors(errors)
    wanted = {code: mapping.get(code, code) for code in known}
    return {known[code]: targets[to] for code, to in wanted.items() if to in targets}


def _take_over(
    pk: int,
    old: RouteVersion,
    new: RouteVersion,
    stages: dict[int, Stage],
    *,
    by: User,
    at: datetime,
) -> None:
    """Put one dispute onto the new edition, in a stay that begins where the last one ends."""
    dispute = lock(pk)
    if not dispute.is_open or dispute.route_version_id != old.pk:
        raise IllegalAct(_("Somebody moved or closed this dispute meanwhile."), code="moved_meanwhile")
    before = dispute.stage
    stage = stages.get(before.pk)
    if stage is None:
        words = _("The other edition has no stage for “%(stage)s”.") % {"stage": before.label}
        raise IllegalAct(words, code="no_stage")
    if dispute.status != before.status:
        raise IllegalAct(_("This dispute waits for an approval."), code="waits_for_approval")
    lifecycle.check_step(dispute.status, stage.status)
    at = moment_for(dispute, at)
    runs = {run.branch.code: run for run in _last_runs(dispute)}
    branches.cancel_open(dispute, by=by, at=at)
    dispute.route_version = new
    _hold(dispute, before, stage, at)
    dispute.save()
    start_stay(dispute, at)
    take_part(dispute, [dispute.holder_user], at)
    edition = {"number": old.number, "route": old.route.code}
    other = {"number": new.number, "route": new.route.code}
    data = {"from": edition | {"stage": stage_facts(before)}, "to": other | {"stage": stage_facts(stage)}}
    tell(dispute, "dispute.rerouted", by=by, at=at, data={**data, **holder_facts(dispute)})
    _ask_what_is_new(dispute, before, by=by, at=at)
    if stage.wait_for:
        branches.begin(dispute, at, done={code: run for code, run in runs.items() if not run.is_open})
        branches.follow(dispute, at)
        go_on(dispute, at)


def _hold(dispute: Dispute, before: Stage, stage: Stage, at: datetime) -> None:
    """Stage, status, holder and deadline (not saved): what both editions say alike stays as it is."""
    holder = (dispute.holder_side, dispute.holder_user, dispute.holder_department)
    due_at = dispute.due_at
    branches.place(dispute, stage, at)
    if stage.wait_for or before.wait_for:
        return
    if all(getattr(before, name) == getattr(stage, name) for name in SAME_HOLDER):
        dispute.holder_side, dispute.holder_user, dispute.holder_department = holder
    if (before.deadline_minutes, before.clock_stops) == (stage.deadline_minutes, stage.clock_stops):
        dispute.due_at = due_at


def _ask_what_is_new(dispute: Dispute, before: Stage, *, by: User, at: datetime) -> None:
    """Take back what the new stage does not ask, and ask what was not asked yet."""
    entered = dispute.stays.filter(stage=before).order_by("-seq").values_list("started_at", flat=True).first()
    wanted = set(dispute.stage.questions.filter(branch=None).values_list("code", flat=True))
    asked = Question.objects.filter(dispute=dispute, template__isnull=False).select_related("template")
    for question in asked.filter(status=QuestionStatus.OPEN).order_by("pk"):
        template = question.template
        if template and (template.branch_id or template.code not in wanted):
            asking.end(question, at=at, by=by)
    known = asked.exclude(status=QuestionStatus.WITHDRAWN).filter(asked_at__gte=entered or at)
    codes = set(known.filter(template__branch=None).values_list("template__code", flat=True))
    asking.ask_for_stage(dispute, by=None, at=at, but=codes)


def _last_runs(dispute: Dispute) -> list[BranchRun]:
    """The branches of the stage the dispute stands in, as they were started last."""
    rows = BranchRun.objects.filter(dispute=dispute, branch__stage=dispute.stage_id)
    runs = list(rows.exclude(state=RunState.CANCELLED).select_related("branch").order_by("-started_at"))
    return [run for run in runs if run.started_at == runs[0].started_at]
