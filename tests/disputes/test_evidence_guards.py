"""What the database refuses about evidence, whoever asks; and two uploads at the same instant."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from disputes import services
from disputes.models import Dispute, Evidence
from tests.disputes import papers
from tests.disputes.conftest import open_one, settle_constraints
from tests.disputes.race import both
from tests.factories import AT, Cast

HASH = "a" * 64


def refuses(guard: str, act: Callable[[], object]) -> None:
    """The act, or the commit after it, is refused by the guard of this name."""

    def act_and_commit() -> None:
        with transaction.atomic():
            act()
            settle_constraints()

    with pytest.raises(IntegrityError, match=guard):
        act_and_commit()


@pytest.fixture
def kept(dispute: Dispute, catalogue: Cast) -> Evidence:
    """A text in the dispute."""
    return services.add_evidence(dispute=dispute, file=papers.TEXT, name="a.txt", by=catalogue.sam, at=AT)


def row(dispute: Dispute, **fields: Any) -> Evidence:
    values = {
        "name": "a.txt",
        "media_type": "text/plain",
        "size": 3,
        "sha256": HASH,
        "stored_as": "x",
        "added_at": AT,
    }
    return Evidence.objects.create(dispute=dispute, **(values | fields))


def test_a_file_without_its_event_is_refused(dispute: Dispute) -> None:
    refuses("evidence_is_in_the_chain", lambda: row(dispute))


def test_what_was_added_stays_on_record(kept: Evidence, catalogue: Cast) -> None:
    these = Evidence.objects.filter(pk=kept.pk)
    for field, value in {
        "name": "b.txt",
        "sha256": HASH,
        "size": 9,
        "note": "x",
        "added_by": catalogue.eva,
    }.items():
        refuses("evidence_facts_are_final", lambda field=field, value=value: these.update(**{field: value}))


def test_bytes_go_only_with_a_redaction(kept: Evidence, catalogue: Cast) -> None:
    these = Evidence.objects.filter(pk=kept.pk)
    refuses("evidence_changes_by_redaction", lambda: these.update(stored_as="evidence/elsewhere"))
    refuses("evidence_has_its_bytes_or_says_why_not", lambda: these.update(redacted_at=AT))
    gone = {"redacted_at": AT, "redacted_by": catalogue.alice, "redaction_reason": "names", "stored_as": ""}
    refuses("evidence_has_its_bytes", lambda: these.update(**gone | {"now_sha256": HASH}))
    these.update(**gone)
    refuses(
        "evidence_changes_by_redaction",
        lambda: these.update(stored_as="x", now_sha256=HASH, now_size=1, now_type="t"),
    )
    back = {"redacted_at": None, "redacted_by": None, "redaction_reason": "", "stored_as": "x"}
    refuses("evidence_changes_by_redaction", lambda: these.update(**back))


def test_size_hash_and_side_are_what_they_should_be(dispute: Dispute, kept: Evidence) -> None:
    refuses("evidence_has_size_and_hash", lambda: row(dispute, size=0))
    refuses("evidence_has_size_and_hash", lambda: row(dispute, sha256="none"))
    refuses("evidence_unique_per_dispute", lambda: row(dispute, sha256=kept.sha256))
    refuses("evidence_side_is_known", lambda: Evidence.objects.filter(pk=kept.pk).update(side="everybody"))


@pytest.mark.django_db(transaction=True)
def test_two_uploads_of_one_file_at_once_are_one_row(catalogue: Cast) -> None:
    """Without the dispute's lock neither sees the other and the second breaks on the unique constraint."""
    dispute = open_one(catalogue)

    def upload() -> Evidence:
        return services.add_evidence(dispute=dispute, file=papers.TEXT, name="a.txt", by=catalogue.sam, at=AT)

    results = both("disputes_dispute", dispute.pk, upload, upload)
    assert sorted(one.was_known for one in results) == [False, True]
    assert Evidence.objects.count() == 1
