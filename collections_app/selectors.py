"""What the collections room tells. Everything for a person starts from what they may see."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from accounts import policy
from accounts.models import LegalEntity, User
from collections_app.choices import LIVE, Grouping, NoticeStatus, Reason
from collections_app.decision.book import Book
from collections_app.decision.dealing import Share, dealing_of
from collections_app.decision.items import items
from collections_app.decision.sql import Scope
from collections_app.models import (
    Hold,
    InstalmentPlan,
    LegalFile,
    Notice,
    Plan,
    PlanVersion,
    Promise,
    Segment,
    Step,
)
from collections_app.services.enclosing import enclosures_for
from collections_app.services.letters import Reminder, channel_of, paper_of, recipient_of, write
from collections_app.spreading import spread
from disputes.selectors import disputes_for
from disputes.standing import standing_of
from ledger.models import Contact, Customer, Invoice
from lib import gsm
from lib.money import ZERO
from mailroom.choices import Channel
from mailroom.models import Letter
from mailroom.paper.press import press
from mailroom.services import Rendered, sheet_of

Person = User | AnonymousUser


def entities(user: Person) -> QuerySet[LegalEntity]:
    """The entities whose reminders the person may read."""
    return LegalEntity.objects.filter(pk__in=policy.scope(user).entities("plan.read")).order_by("code")


def notices(user: Person) -> QuerySet[Notice]:
    """The notices the person may read, with what their rows show."""
    return Notice.objects.visible_to(user).select_related(
        "customer", "step", "entity", "letter", "contact", "call"
    )


def day_of(entity: LegalEntity, on: date) -> QuerySet[Notice]:
    """The notices decided for a day, the largest first; those replaced by a later day left out."""
    rows = Notice.objects.filter(entity=entity, on=on).select_related("customer", "step", "letter", "contact")
    return rows.order_by("-asked", "pk")


def plans(user: Person, *, drafts: bool = False) -> QuerySet[Plan]:
    """The plans the person may read, with the version in force and its steps; with `drafts` those too, and the plans
    that have nothing else."""
    steps = Prefetch("steps", Step.objects.order_by("days"))
    versions = PlanVersion.objects.prefetch_related(steps)
    in_force = Prefetch("versions", versions.filter(current=True), to_attr="in_force")
    mine = Plan.objects.visible_to(user).filter(active=True).select_related("entity")
    rows = mine.prefetch_related(in_force, "segments")
    if drafts:
        return rows.prefetch_related(Prefetch("versions", versions.filter(draft=True), to_attr="drafts"))
    return rows.filter(versions__current=True)


def segments(entity: LegalEntity) -> QuerySet[Segment]:
    """Which segment follows which plan."""
    return Segment.objects.filter(entity=entity)


def to_release(entity: LegalEntity) -> QuerySet[Notice]:
    """The notices that wait for a person's yes, the largest first."""
    rows = Notice.objects.filter(entity=entity, status=NoticeStatus.TO_APPROVE)
    return rows.select_related("customer", "step", "contact").order_by("-asked", "pk")


def promises(user: Person) -> QuerySet[Promise]:
    """The promises of the customers the person may see."""
    return Promise.objects.visible_to(user).select_related(
        "customer", "entity", "invoice", "made_by", "decided_by", "contact"
    )


def instalment_plans(user: Person) -> QuerySet[InstalmentPlan]:
    """The agreements on instalments with the customers the person may see, newest first."""
    rows = InstalmentPlan.objects.visible_to(user).select_related("customer", "entity", "made_by", "contact")
    return rows.order_by("-pk")


def letters_of(user: Person, customer: Customer) -> QuerySet[Letter]:
    """The letters to a customer, newest first: reminders, those of disputes the person may see, confirmations."""
    notices = Notice.objects.filter(customer=customer).values("pk")
    disputes = disputes_for(user).filter(customer=customer).order_by().values("pk")
    about = Q(about_stream="customer", about_id=customer.pk) | Q(about_stream="notice", about_id__in=notices)
    about |= Q(about_stream="dispute", about_id__in=disputes)
    files = LegalFile.objects.visible_to(user).filter(customer=customer).order_by().values("pk")
    about |= Q(about_stream="legal_file", about_id__in=files)
    return Letter.objects.filter(about, entity=customer.entity_id).order_by("-pk")


def open_invoices(customer: Customer) -> QuerySet[Invoice]:
    """What the customer still has to pay, the oldest due first."""
    return Invoice.objects.open_now().filter(customer=customer).order_by("due_on", "pk")


def parts_of(chosen: Sequence[Invoice], amount: Decimal | None) -> list[tuple[Invoice, Decimal]]:
    """What is promised of the chosen invoices: all that is open and undisputed, or `amount`, the oldest first.

    When everything chosen is in dispute, all that is open.
    """
    invoices = sorted(chosen, key=lambda one: (one.due_on, one.pk))
    room = [(one, one.amount - one.allocated) for one in invoices]
    if amount is not None:
        return spread(amount, room)
    stands = standing_of(invoices)
    free = [(one, left - stands.get(one.pk, ZERO)) for one, left in room]
    return [pair for pair in free if pair[1] > 0] or room


def holds(customer: Customer, on: date) -> QuerySet[Hold]:
    """The holds in force for the customer or one of their invoices."""
    running = Hold.objects.filter(customer=customer, lifted_at=None).select_related("invoice", "set_by")
    return running.exclude(until__lt=on)


def under_way(entity: LegalEntity) -> int:
    """How many notices of the entity are decided and not yet sent."""
    return Notice.objects.filter(entity=entity, status__in=LIVE).count()


@dataclass(frozen=True, slots=True)
class Preview:
    """The letter a customer would get, and the names of what goes along."""

    reminder: Reminder
    words: Rendered
    files: tuple[str, ...] = ()

    @property
    def by_post(self) -> bool:
        """Whether it goes on paper."""
        return channel_of(self.reminder.step) == Channel.POST

    @property
    def short_parts(self) -> int:
        """Of how many short messages an SMS is made; 0 for any other channel."""
        short = channel_of(self.reminder.step) == Channel.SMS
        return gsm.parts(self.words.text.strip()) if short else 0

    @property
    def goes_to(self) -> str:
        """The address of its channel: e-mail, number, or postal line by line."""
        recipient = self.reminder.recipient
        return recipient.postal if self.by_post else recipient.by(channel_of(self.reminder.step))


def preview_letter(*, customer: Customer, currency: str, on: date, part: int = 0) -> Preview | None:
    """The letter that would go to the customer on that day; None when nothing would be asked. Writes nothing.

    Where the plan writes one for each invoice or contact, that of `part`, the one with the most overdue by default.
    """
    book = Book.of(customer.entity)
    asked = [item for item in items(Scope(book, on, customer.pk, currency)) if item.asked]
    if not asked or not asked[0].plan_id:
        return None
    contacts = Contact.objects.filter(customer=customer, undeliverable_since=None).exclude(email="")
    contact = contacts.order_by("-is_billing", "pk").first()
    rule, share = book.rules[asked[0].plan_id], None
    if rule.version.grouping == Grouping.INVOICE:
        asked = [item for item in asked if item.invoice_id == part] or asked[:1]
    elif rule.version.grouping == Grouping.CONTACT:
        dealing = dealing_of(customer.pk)
        theirs = {dealing.part(item.invoice_id) for item in asked}
        share = Share(dealing, part if part in theirs else dealing.part(asked[0].invoice_id))
        asked = [item for item in asked if share.has(item.invoice_id)]
        contact = Contact.objects.filter(pk=share.part).first()
    recipient = recipient_of(customer, contact)
    reminder = Reminder(customer.entity, customer, recipient, currency, on, rule, asked, share=share)
    enclosed = enclosures_for(reminder, reminder.step.attach)
    reminder = replace(reminder, enclosed=enclosed.note)
    return Preview(reminder, write(reminder), tuple(file.name for file in enclosed.files))


def preview_paper(preview: Preview, at: datetime) -> bytes:
    """The PDF of a letter that would go by post."""
    paper = paper_of(preview.reminder)
    assert paper is not None
    made = sheet_of(
        entity=preview.reminder.entity, words=preview.words, paper=paper, enclosures=preview.files
    )
    return press([(preview.reminder.entity, made)], title=made["subject"], at=at)


def addresses_to_correct(user: Person) -> QuerySet[Contact]:
    """The contacts whose address does not work, of the customers the person may see, the longest first."""
    mine = Customer.objects.visible_to(user)
    rows = Contact.objects.filter(customer__in=mine, undeliverable_since__isnull=False)
    return rows.select_related("customer__entity", "customer__salesperson").order_by(
        "undeliverable_since", "pk"
    )


def without_address(user: Person) -> QuerySet[Notice]:
    """The last notice of each customer that found no usable address, and that no later one has followed."""
    later = Notice.objects.filter(customer=OuterRef("customer"), pk__gt=OuterRef("pk"))
    rows = notices(user).filter(status=NoticeStatus.FAILED, reason=Reason.NO_ADDRESS)
    return rows.filter(~Exists(later)).order_by("-pk")
