"""Two people at once at the rules of segments, and two writers of events. Each was seen to fail without its lock."""

from __future__ import annotations

import pytest
from django.db import transaction

from accounts.events import Event, Said, Stream, emit, emit_all, verify_chain
from collections_app.errors import SegmentError
from collections_app.models import SegmentRules
from collections_app.services import segments
from collections_app.services.segments import starting_rules
from tests.disputes.race import both
from tests.factories import AT, Cast

pytestmark = pytest.mark.django_db(transaction=True)
# The row is named by its entity.
SEGMENTATION = "(SELECT entity_id AS id FROM collections_app_segmentation) s"


def test_a_draft_is_written_over_what_its_writer_saw(cast: Cast) -> None:
    """`save_draft` locks the entity's segmentation."""
    segments.install(cast.entity, at=AT)
    base = SegmentRules.objects.get(entity=cast.entity).pk

    def save() -> SegmentRules:
        rules = starting_rules()[1:]
        return segments.save_draft(entity=cast.entity, rules=rules, by=cast.alice, at=AT, base=base)

    results = both(SEGMENTATION, cast.entity.pk, save, save)
    assert [one.code for one in results if isinstance(one, SegmentError)] == ["rules_changed"]
    assert SegmentRules.objects.filter(draft=True).count() == 1


def test_events_of_many_streams_stay_in_order(cast: Cast) -> None:
    """`emit_all` locks the streams' heads."""
    pk, entity = cast.norte.pk, cast.entity.pk
    facts = {"entity_id": entity, "actor": None, "at": AT}
    with transaction.atomic():
        emit(stream="told", object_id=pk, kind="told.first", **facts)  # type: ignore[arg-type]
    head = Stream.objects.get(kind="told", object_id=pk)

    def tell() -> list[Event]:
        with transaction.atomic():
            return emit_all(stream="told", said=[Said(pk, "told.again", {})], **facts)  # type: ignore[arg-type]

    results = both("accounts_stream", head.pk, tell, tell)
    assert [isinstance(one, list) for one in results] == [True, True]
    assert verify_chain("told", pk)
    assert Event.objects.filter(stream="told", object_id=pk).count() == 3
