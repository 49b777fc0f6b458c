"""What the absent had goes to their deputies: disputes and questions. On their return it stays, unless given back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import LegalEntity
from disputes.choices import HandedBy, HolderSide, QuestionStatus
from disputes.models import Dispute, Question
from disputes.services.common import day_of, lock, moment_for
from disputes.services.handing import Passing, pass_on, pass_questions
from disputes.services.holding import is_away, replacement

ON_BEHALF = Passing(HandedBy.ABSENCE, None)


def hand_over_for_the_absent(*, at: datetime, limit: int = 500) -> int:
    """Pass on what people who are away today have; how much was passed on. Harmless twice, and from two workers.

    What nobody else can take stays where it is, and is looked at again the next time.
    """
    passed = 0
    for entity in LegalEntity.objects.order_by("pk"):
        on = day_of(at, entity)
        disputes = Dispute.objects.active().filter(
            entity=entity,
            holder_side=HolderSide.OURS,
            holder_user__absences__starts_on__lte=on,
            holder_user__absences__ends_on__gte=on,
        )
        asked = Question.objects.filter(
            dispute__entity=entity,
            status=QuestionStatus.OPEN,
            asked_of__absences__starts_on__lte=on,
            asked_of__absences__ends_on__gte=on,
        )
        passed += sum(
            _pass_dispute(pk, at) for pk in list(disputes.order_by("pk").values_list("pk", flat=True)[:limit])
        )
        pairs = asked.order_by("dispute", "pk").values_list("dispute", "pk")
        passed += sum(_pass_question(dispute, pk, at) for dispute, pk in list(pairs[:limit]))
    return passed


@transaction.atomic
def _pass_dispute(pk: int, at: datetime) -> bool:
    """One dispute, if its holder is still away."""
    dispute = lock(pk)
    holder, on = dispute.holder_user, day_of(at, dispute.entity)
    if (
        not dispute.is_open
        or dispute.holder_side != HolderSide.OURS
        or holder is None
        or not is_away(holder, on)
    ):
        return False
    deputy = replacement(holder, dispute.entity_id, on, dispute.coordinator)
    if deputy is None:
        return False
    pass_on(dispute, deputy, ON_BEHALF, moment_for(dispute, at))
    return True


@transaction.atomic
def _pass_question(dispute_id: int, pk: int, at: datetime) -> bool:
    """One question, if it is still open and the person asked still away."""
    dispute = lock(dispute_id)
    question = Question.objects.select_related("asked_of").filter(pk=pk, status=QuestionStatus.OPEN).first()
    on = day_of(at, dispute.entity)
    if question is None or not is_away(question.asked_of, on):
        return False
    deputy = replacement(question.asked_of, dispute.entity_id, on, dispute.coordinator)
    if deputy is None:
        return False
    pass_questions([pk], deputy, ON_BEHALF, max(at, question.asked_at))
    return True
