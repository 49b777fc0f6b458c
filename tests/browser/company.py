"""A small company in the middle of its day, so that every screen has something to show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils import timezone

from accounts import services as people
from accounts.models import LegalEntity, User
from chat import audience
from chat import services as talk
from chat.models import Message
from chat.models import Room as Talk
from collections_app.interest.rates import half_year
from collections_app.interest.reading import RateInput
from collections_app.models import DebitNote, LegalFile, Notice, PayOrder, Plan, Waiver
from collections_app.paying import links
from collections_app.services import (
    contentious,
    debit_notes,
    dunning,
    interest_rates,
    paying,
    plans,
    promises,
    segments,
    waivers,
)
from collections_app.services.contentious_steps import Said
from collections_app.services.learning import learn
from collections_app.services.plans import Rules, StepInput
from disputes import editing
from disputes import services as disputes
from disputes.models import Approval, Dispute, Mass, Question, Reason, Route, TakenMail
from disputes.services.route_editing import start_draft
from ledger import services as ledger
from ledger.intake.reading import HowToRead
from ledger.intake.run import run_intake
from ledger.models import Customer, ImportBatch, Invoice
from mailroom import services as mailroom
from mailroom.choices import Channel, Doubt, InboundSource
from mailroom.models import Letter, PrintBatch
from tests.browser.figures import add_mails
from tests.factories import Cast, make_cast, make_invoice, pay
from tests.ledger.bank_helpers import camt

CSV = """factura;cliente;nombre;fecha;vencimiento;importe
F-901;C-901;Talleres Este, S.L.;01/03/2026;31/03/2026;1.210,00
F-902;C-902;Óptica Mar, S.A.;02/03/2026;01/04/2026;3.025,50
F-903;C-903;Bodegas Alba, S.L.;99/99/2026;01/04/2026;800,00
F-904;C-904;Imprenta Sol;05/03/2026;04/04/2026;no se sabe
"""


@dataclass(frozen=True, slots=True)
class Company:
    """The people and the papers a page may be asked for."""

    cast: Cast
    dispute: Dispute
    asked: Question
    customer: Customer
    invoice: Invoice
    batch: ImportBatch
    closed: Dispute
    notice: Notice
    letter: Letter
    drafted: Route
    mass: Mass
    approval: Approval
    talk: Talk
    shown: Message
    mail: TakenMail
    debit: DebitNote
    legal: LegalFile
    waiver: Waiver
    plan: Plan
    printed: PrintBatch
    order: PayOrder


def make_company(folder: Path, at: datetime | None = None) -> Company:
    """Invoices of every age, disputes in several stages, a conversation, a promise, reminders, an import."""
    at = at or timezone.now()
    on = at.date()
    cast = make_cast()
    disputes.catalogue.install(cast.entity)
    plans.install(cast.entity, at=at)
    segments.install(cast.entity, at=at)
    invoices = _invoices(cast, on)
    opened = [_dispute(cast, *facts, at=at) for facts in _complaints(invoices)]
    asked, _also = (_ask_sales(opened[place], cast.alice, at) for place in (0, 1))
    _converse(opened[0], cast, at)
    shown = _guests(opened[3], cast, at)
    _settle(opened[4], cast, at)
    _promise(invoices[1], cast.carl, on, at)
    learn(entity=cast.entity, on=on, at=at)
    dunning.run_day(entity=cast.entity, on=on, at=at)
    _bank(cast, folder, at)
    add_mails(cast, at)
    return Company(
        cast=cast,
        dispute=opened[0],
        talk=shown.room,
        shown=shown,
        asked=asked,
        customer=cast.norte,
        invoice=invoices[0],
        batch=_import(cast.entity, cast.carl, folder, at),
        closed=opened[4],
        notice=Notice.objects.latest("pk"),
        letter=Letter.objects.latest("pk"),
        drafted=_draft(opened[0], cast.alice, at),
        mass=_mass(cast, opened[1:4], at),
        approval=_decide(opened[2], opened[0], cast, at),
        mail=_mail(at),
        debit=_claim(cast, on, at),
        waiver=_waive(cast, on, at),
        plan=_plan(cast, at),
        printed=_paper(cast, at),
        order=_pay(cast, at),
        legal=_pursue(cast, on, at),
    )


def _pursue(cast: Cast, on: date, at: datetime) -> LegalFile:
    """An old invoice of Sur in a legal file, notified, with news of it."""
    due = on - timedelta(days=90)
    invoice = make_invoice(cast.sur, "420.00", issued_on=due - timedelta(days=30), due_on=due)
    file = contentious.open_file(
        customer=cast.sur, currency="EUR", invoices=[invoice.pk], law="ES", by=cast.alice, on=on, at=at
    )
    for act, said in (
        ("notify", Said(deadline=on + timedelta(days=9))),
        ("report", Said(note="They called")),
    ):
        contentious.act(file_id=file.pk, act=act, said=said, by=cast.alice, on=on, at=at)
    return file


def _promise(invoice: Invoice, by: User, on: date, at: datetime) -> None:
    """A part of it by next week."""
    day = on + timedelta(days=9)
    promises.make_promise(invoice=invoice, amount=Decimal("500.00"), promised_on=day, by=by, on=on, at=at)


def _claim(cast: Cast, on: date, at: datetime) -> DebitNote:
    """Interest of the smallest late invoice of Norte, claimed; the rate of the half-year is brought first."""
    rate = RateInput("reference", "", "", half_year(on), Decimal("2.15"), "test")
    interest_rates.record_rates(rates=[rate], by=cast.alice, at=at)
    late = debit_notes.claimable(customer=cast.norte, currency="EUR", until=on, on=on)
    return debit_notes.issue_note(
        customer=cast.norte,
        currency="EUR",
        until=on,
        invoices=[min(late, key=lambda one: one.claimable).paper.pk],
        by=cast.alice,
        on=on,
        at=at,
    )


def _waive(cast: Cast, on: date, at: datetime) -> Waiver:
    """Carl asks to waive what another one bears."""
    late = debit_notes.claimable(customer=cast.norte, currency="EUR", until=on, on=on)
    return waivers.ask_waiver(
        customer=cast.norte,
        currency="EUR",
        until=on,
        wishes=[waivers.Wish(late[0].paper.pk)],
        reason="They always pay in the end",
        by=cast.carl,
        on=on,
        at=at,
    )


def _paper(cast: Cast, at: datetime) -> PrintBatch:
    """A letter on paper in a batch, one that waits, and an address that does not work."""
    words = mailroom.plain(entity=cast.entity, language="es", subject="Aviso", text="Hola")
    paper = mailroom.Paper("Norte\nCalle 1\n28001 Madrid", at.date(), "RF18 5390", Decimal(10), "EUR")
    for number in (1, 2):
        draft = mailroom.Draft(
            cast.entity, f"p:{number}", "test", "", "Norte", words, channel=Channel.POST, paper=paper
        )
        mailroom.deliver(letter_id=mailroom.queue_letter(draft=draft, at=at).pk, at=at)
        if number == 1:
            batch = mailroom.make_batch(entity=cast.entity, by=cast.carl, at=at)
            mailroom.pdf_of_batch(batch=batch)
    ledger.mark_undeliverable(
        entity=cast.entity, email="payables@c-002.example", why="550 5.1.1 no such user", at=at
    )
    return batch


def _pay(cast: Cast, at: datetime) -> PayOrder:
    """ACM takes payments on a page where no money moves, and Norte begins to pay."""
    cast.entity.iban = "ES9121000418450200051332"
    cast.entity.settings = {**cast.entity.settings, "paying": {"provider": "sandbox"}}
    cast.entity.save()
    token = links.make(customer_id=cast.norte.pk, currency="EUR", on=at.date())
    found = links.read(token, on=at.date())
    assert found
    return paying.open_order(link=found[0], token=token, on=at.date(), at=at)


def _mass(cast: Cast, children: list[Dispute], at: datetime) -> Mass:
    """A mass dispute."""
    return disputes.open_mass(
        entity=cast.entity, title="Discount of 3 % missing", disputes=children, by=cast.carl, at=at
    )


def _plan(cast: Cast, at: datetime) -> Plan:
    """A plan in force, with a draft that is stricter."""
    plan = Plan.objects.get(entity=cast.entity, code="standard")
    steps = [StepInput(days=2, kind="dunning.firm", from_amount=Decimal(100), countries=["ES"])]
    plans.save_draft(plan=plan, steps=steps, rules=Rules(cap_messages=2), by=cast.alice, at=at)
    return plan


def _mail(at: datetime) -> TakenMail:
    """A mail of somebody whom nobody knows, with something quoted."""
    words = "Falta un palet de la F-1.\n\nOn 3/11/2025, Acme wrote:\n> ¿Todo bien?\n"
    raw = f"From: Luis <luis@elsewhere.example>\nSubject: Entrega\nMessage-ID: <1@e.example>\n\n{words}"
    mail = mailroom.receive(raw=raw.encode(), source=InboundSource.API, at=at)
    taken = disputes.take_inbound(mail=mail, doubt=Doubt.UNKNOWN_SENDER, at=at)
    assert taken is not None
    return taken


def _draft(dispute: Dispute, by: User, at: datetime) -> Route:
    """The dispute's route with a draft beside it: branches, an alert, and something still to mend."""
    route = dispute.route_version.route
    data = disputes.read_route(start_draft(route=route, by=by, at=at))
    for name, holder in (("Sales", "salesperson"), ("Credit", "coordinator")):
        branch = {"labels": {"en": name}, "holder": holder, "deadline_minutes": 240}
        data = editing.put_part(data, "ask_sales", "branches", None, branch)
    data = editing.put_part(data, "ask_sales", "alerts", None, {"minutes": -60, "to": "holder"})
    lonely = {"labels": {"en": "Lonely"}, "status": "in_progress", "holder": "coordinator"}
    disputes.write_version(route=route, data=editing.put_stage(data, None, lonely), by=by, at=at)
    return route


def _settle(dispute: Dispute, cast: Cast, at: datetime) -> None:
    """Alice credits it, Adam agrees."""
    disputes.close_dispute(
        dispute=dispute,
        verdict="justified",
        resolution="credit",
        by=cast.alice,
        at=at,
        note="Agreed by phone.",
    )
    waiting = Approval.objects.get(dispute=dispute)
    disputes.vote(approval_id=waiting.pk, yes=True, by=cast.adam, at=at)


def _decide(contested: Dispute, other: Dispute, cast: Cast, at: datetime) -> Approval:
    """A credit that waits for approval, an offer, a promise."""
    disputes.close_dispute(
        dispute=contested,
        verdict="partly",
        resolution="credit",
        amount=Decimal(900),
        by=cast.alice,
        at=at,
        note="One pallet of two.",
    )
    soon = at.date() + timedelta(days=5)
    disputes.make_offer(
        dispute=other, amount=Decimal(120), valid_until=soon, rest_by=soon, by=cast.alice, at=at
    )
    disputes.promise_internally(dispute=other, what="proof", due_on=soon, by=cast.alice, at=at)
    return Approval.objects.get(dispute=contested)


def _bank(cast: Cast, folder: Path, at: datetime) -> None:
    """A statement with payments that wait for a person, and one that does not balance."""
    on = at.date()
    waiting = camt(folder / "bank.xml", on, [("1100.40", "F26-1006 FALTA 1 PALET"), ("77.00", "?")])
    held = camt(folder / "held.xml", on, [("12.00", "F26-1007")], missing="5.00")
    run_intake(paths=[waiting, held], how=HowToRead(), at=at, entity_code=cast.entity.code, by=cast.carl)


def _invoices(cast: Cast, on: date) -> list[Invoice]:
    ages = (95, 75, 62, 50, 40, 33, 20, 10, 5, 200)
    made = []
    for number, age in enumerate(ages):
        customer = (cast.norte, cast.sur)[number % 2]
        issued = on - timedelta(days=age)
        made.append(
            make_invoice(
                customer, f"{1200 + 731 * number}.40", number=f"F26-{1000 + number}", issued_on=issued
            )
        )
    pay(made[-1], on=on - timedelta(days=120))
    return made


def _complaints(invoices: list[Invoice]) -> list[tuple[Invoice, str, str, str]]:
    return [
        (invoices[0], "price", "300.00", "The price is not the one we agreed in January."),
        (invoices[2], "price", "410.50", "The discount of 3 % is missing."),
        (invoices[3], "delivery", "1250.00", "Two pallets never arrived."),
        (invoices[4], "quantity", "88.20", "We ordered 90 boxes and were charged for 100."),
        (invoices[5], "duplicate", "640.00", "We got this invoice twice."),
        (invoices[6], "quality", "2100.00", "Half of the glass came broken."),
    ]


def _dispute(cast: Cast, invoice: Invoice, reason: str, amount: str, words: str, *, at: datetime) -> Dispute:
    return disputes.open_dispute(
        customer=invoice.customer,
        lines=[disputes.LineInput(invoice.pk, Decimal(amount))],
        reason=Reason.objects.get(entity=cast.entity, code=reason),
        by=cast.alice,
        at=at,
        statement=words,
    )


def _ask_sales(dispute: Dispute, by: User, at: datetime) -> Question:
    disputes.make_move(dispute=dispute, move_code="ask_sales", by=by, at=at)
    dispute.refresh_from_db()
    return Question.objects.get(dispute=dispute)


def _converse(dispute: Dispute, cast: Cast, at: datetime) -> None:
    room = talk.room_for_dispute(dispute=dispute, at=at)
    words = ((cast.alice, "Does anybody know the price list of January?"), (cast.sam, "I do: 12.40 a piece."))
    for number, (by, body) in enumerate(words):
        talk.post_message(room=room, by=by, body=body, client_token=f"word-{number}-of-the-talk", at=at)


def _guests(dispute: Dispute, cast: Cast, at: datetime) -> Message:
    """A carrier and the customer take part; one earlier message is shown to the carrier. The line that shows it."""
    room = talk.room_for_dispute(dispute=dispute, at=at)
    facts: dict[str, Any] = {"room": room, "by": cast.alice, "at": at}
    ours = talk.post_message(body="The waybill is missing.", client_token="words-of-the-team", **facts)
    paula = people.invite_partner(
        entity=cast.entity,
        email="dispatch@transur.example",
        name="Paula Prado",
        company="Transportes Sur",
        language="en",
        at=at,
    )
    talk.invite(user=paula, **facts)
    contact = dispute.customer.contacts.first()
    assert contact is not None
    talk.invite_contact(contact=contact, **facts)
    talk.post_from_contact(
        room=room, contact=contact, body="When is it solved?", client_token="words-of-theirs", at=at
    )
    talk.post_message(body="Do you have it?", client_token="words-to-them", side="partner", **facts)
    reader = audience.partner(paula.memberships.get().department_id or 0)
    return talk.share_message(message=ours, reader=reader, by=cast.alice, at=at)


def _import(entity: LegalEntity, by: User, folder: Path, at: datetime) -> ImportBatch:
    path = folder / "facturas marzo.csv"
    path.write_text(CSV)
    run_intake(paths=[path], how=HowToRead(), at=at, entity_code=entity.code, by=by)
    return ImportBatch.objects.latest("pk")


# The screens of legal files: who looks, and where.
LEGAL: dict[str, tuple[str, Callable[[Company], str]]] = {
    "legal files": ("alice", lambda c: "/contentious/"),
    "ripe for it": ("alice", lambda c: "/contentious/?state=ripe"),
    "legal file": ("alice", lambda c: f"/contentious/{c.legal.pk}/"),
    "formal notice": ("alice", lambda c: f"/contentious/{c.legal.pk}/notice/"),
    "open a legal file": ("alice", lambda c: f"/contentious/customers/{c.customer.pk}/"),
    "the agency's file": ("alice", lambda c: "/contentious/reports/"),
}
