"""Questions kept at hand for a reason: who arranges them, and how asking starts from one."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from disputes import services
from disputes.errors import FieldErrors
from disputes.models import AskTemplate, Dispute, Question, Reason
from disputes.services import TemplateInput
from tests.disputes.test_pages import HTMX, as_, text
from tests.factories import AT, Cast

LABELS = {"es": "¿Qué pedido?", "fr": "Quelle commande ?", "en": "Which order?"}
CHOICES = [{"es": "El mío", "fr": "La mienne", "en": "Mine"}, {"es": "Otro", "fr": "Autre", "en": "Another"}]
FORM = {
    "label_es": "¿Qué pedido?",
    "label_fr": "Quelle commande ?",
    "label_en": "Which order?",
    "kind": "choice",
    "options": "El mío | La mienne | Mine\nOtro | Autre | Another",
    "asks": "salesperson",
    "deadline_minutes": "120",
    "target_field": "order_of",
    "active": "on",
}


@pytest.fixture
def reason(catalogue: Cast) -> Reason:
    """A reason nobody keeps questions for yet."""
    AskTemplate.objects.all().delete()
    return Reason.objects.get(entity=catalogue.entity, code="price")


@pytest.fixture
def template(reason: Reason, catalogue: Cast) -> AskTemplate:
    wanted = TemplateInput(
        labels=LABELS, kind="choice", choices=CHOICES, target_field="order_of", deadline_minutes=120
    )
    return services.set_template(reason=reason, wanted=wanted, by=catalogue.alice, at=AT)


def ask(client: Client, dispute: Dispute, template: AskTemplate, **changes: Any) -> Any:
    dispute.refresh_from_db()
    body = {
        "asked_of": dispute.customer.salesperson_id,
        "text": "Which order?",
        "kind": "choice",
        "choice_1": "Mine",
        "choice_2": "Another",
        "deadline": "2h",
        **changes,
    }
    return client.post(f"/disputes/{dispute.pk}/ask/?at_hand={template.pk}", body, headers=HTMX)


def test_the_office_arranges_questions_in_three_languages(reason: Reason, catalogue: Cast) -> None:
    carl = as_(catalogue.carl)
    made = carl.post(f"/questions/templates/new/?reason={reason.pk}", FORM)
    assert (made.status_code, made["Location"]) == (302, "/questions/templates/")
    row = AskTemplate.objects.get()
    assert (row.labels, row.deadline_minutes, row.target_field) == (LABELS, 120, "order_of")
    assert [choice["labels"] for choice in row.choices] == CHOICES
    assert "Which order?" in text(carl.get("/questions/templates/"))
    assert "El mío | La mienne | Mine" in text(carl.get(f"/questions/templates/{row.pk}/"))
    changed = carl.post(f"/questions/templates/{row.pk}/", FORM | {"kind": "amount"})
    assert changed.status_code == 302
    assert AskTemplate.objects.get().choices == []
    assert carl.post(f"/questions/templates/{row.pk}/drop/").status_code == 302
    assert not AskTemplate.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("sam", 403), ("eva", 403), ("fin", 403), ("mallory", 404)])
def test_nobody_else_does(
    template: AskTemplate, reason: Reason, catalogue: Cast, who: str, status: int
) -> None:
    client = as_(getattr(catalogue, who))
    assert client.post(f"/questions/templates/{template.pk}/", FORM).status_code == status
    assert client.post(f"/questions/templates/{template.pk}/drop/").status_code == status
    assert client.post(f"/questions/templates/new/?reason={reason.pk}", FORM).status_code == status
    api = client.delete(f"/api/v1/ask-templates/{template.pk}/")
    assert api.status_code in (403, 404)
    template.refresh_from_db()
    assert template.labels == LABELS
    assert AskTemplate.objects.count() == 1


def test_the_api_arranges_them_too(reason: Reason, catalogue: Cast) -> None:
    alice = as_(catalogue.alice)
    body = {"reason": reason.pk, "labels": LABELS, "kind": "choice", "choices": CHOICES}
    made = alice.post("/api/v1/ask-templates/", body, content_type="application/json")
    assert (made.status_code, made.json()["code"]) == (201, "que-pedido")
    address = f"/api/v1/ask-templates/{made.json()['id']}/"
    few = alice.put(address, body | {"choices": CHOICES[:1]}, content_type="application/json")
    assert (few.status_code, "choices" in few.json()["fields"]) == (422, True)
    assert alice.put(address, body | {"kind": "date"}, content_type="application/json").status_code == 200
    assert as_(catalogue.sam).get(address).status_code == 200
    assert as_(catalogue.mallory).get(address).status_code == 404
    assert alice.delete(address).status_code == 204


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"labels": {}}, "labels"),
        ({"choices": CHOICES[:1]}, "choices"),
        ({"kind": "song"}, "kind"),
        ({"deadline_minutes": 0}, "deadline_minutes"),
        ({"target_field": "Agreed Price"}, "target_field"),
    ],
)
def test_what_makes_no_sense_is_refused(
    reason: Reason, catalogue: Cast, change: dict[str, Any], field: str
) -> None:
    wanted: dict[str, Any] = {"labels": LABELS, "kind": "choice", "choices": CHOICES} | change
    with pytest.raises(FieldErrors) as refusal:
        services.set_template(reason=reason, wanted=TemplateInput(**wanted), by=catalogue.alice, at=AT)
    assert set(refusal.value.fields) == {field}


def test_the_database_keeps_codes_apart_and_choices_with_their_kind(template: AskTemplate) -> None:
    twin = {name: getattr(template, name) for name in ("entity", "reason", "code", "labels", "choices")}
    with pytest.raises(IntegrityError, match="ask_template_code_unique"), transaction.atomic():
        AskTemplate.objects.create(kind="choice", **twin)
    with pytest.raises(IntegrityError, match="ask_template_choices_fit"), transaction.atomic():
        AskTemplate.objects.filter(pk=template.pk).update(kind="date")


def test_the_sheet_proposes_and_previews_in_the_language_of_whoever_is_asked(
    template: AskTemplate, dispute: Dispute, catalogue: Cast
) -> None:
    User.objects.filter(pk=catalogue.sam.pk).update(language="fr")
    client = as_(catalogue.alice)
    address = f"/disputes/{dispute.pk}/ask/"
    assert f"?at_hand={template.pk}" in text(client.get(address))
    page = text(client.get(f"{address}?at_hand={template.pk}"))
    assert "Quelle commande ?" in page
    assert 'value="La mienne"' in page
    shown = ask(client, dispute, template, preview="1")
    assert shown.status_code == 200
    assert 'lang="fr"' in text(shown)
    assert "Quelle commande ?" in text(shown)
    assert not Question.objects.exists()


def test_unchanged_words_are_asked_in_every_language_and_changed_ones_as_typed(
    template: AskTemplate, dispute: Dispute, catalogue: Cast
) -> None:
    client = as_(catalogue.alice)
    assert ask(client, dispute, template).status_code == 200
    first = Question.objects.get()
    assert (first.labels, first.target_field) == (LABELS, "order_of")
    assert [choice["labels"] for choice in first.choices] == CHOICES
    assert ask(client, dispute, template, text="Which order, of May?").status_code == 200
    second = Question.objects.exclude(pk=first.pk).get()
    assert (second.labels, second.words) == ({}, "Which order, of May?")


def test_a_moment_of_ones_own_must_lie_ahead_and_the_fallback_is_a_colleague(
    template: AskTemplate, dispute: Dispute, catalogue: Cast
) -> None:
    client = as_(catalogue.alice)
    past = ask(client, dispute, template, due_at="2020-01-01T10:00")
    assert past.status_code == 422
    assert "has to lie ahead" in text(past)
    good = ask(client, dispute, template, due_at="2099-01-05T10:00", fallback=catalogue.carl.pk)
    assert good.status_code == 200
    asked = Question.objects.get()
    assert (asked.fallback, asked.due_at is not None) == (catalogue.carl, True)
