"""The plans that ship: within what a good company does, and complete in every language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from accounts.models import LegalEntity
from collections_app.models import PlanVersion
from collections_app.services import plans
from collections_app.services.plans import letter_kinds
from mailroom.catalogue import shipped
from tests.factories import AT, Cast

SHIPPED = Path(plans.__file__).parent.parent / "catalogue" / "plans.yaml"


@pytest.fixture
def laid(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> LegalEntity:
    """ACM with what ships."""
    catalogue: dict[str, Any] = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    monkeypatch.setattr(plans, "_shipped", lambda: catalogue)
    plans.install(cast.entity, at=AT)
    return cast.entity


def test_what_ships_writes_seldom_on_working_days_and_in_office_hours(laid: LegalEntity) -> None:
    for version in PlanVersion.objects.filter(plan__entity=laid):
        assert (version.cap_messages, version.cap_days, version.working_days) == (2, 7, True)
        assert (version.hour_from, version.hour_until) == (9, 17)
        assert version.cool_days > 0
        for step in version.steps.all():
            assert set(step.labels) == {"es", "fr", "en"}


def test_strategic_customers_get_a_statement_as_pdf_and_spreadsheet_and_no_firmer_tone(
    laid: LegalEntity,
) -> None:
    version = PlanVersion.objects.get(plan__entity=laid, plan__code="gentle")
    assert [step.kind for step in version.steps.order_by("days")] == ["dunning.courtesy", "dunning.statement"]
    assert version.steps.get(days=3).attach == ["statement_pdf", "statement_xlsx"]


@pytest.mark.parametrize("kind", letter_kinds())
def test_every_reminder_says_in_three_languages_what_does_not_go_along(kind: str) -> None:
    for language in ("es", "fr", "en"):
        assert "{{ enclosed }}" in shipped()[kind, language].body
