"""Legal files of the demo company: one with an agency, one at court, one just opened; each as far as it may go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from accounts.choices import Role
from accounts.models import User
from collections_app.choices_contentious import FileAct, Law
from collections_app.contentious.lists import choices_of
from collections_app.contentious.reports import Report
from collections_app.models import LegalFile
from collections_app.services import contentious
from collections_app.services.contentious_notice import send_formal_notice
from collections_app.services.contentious_reports import take_reports
from collections_app.services.contentious_steps import Said
from demo.cast import ES, House
from demo.dice import at_clock, words
from ledger.models import Customer, Invoice
from lib.money import q

LATE = timedelta(days=45)
MOST = 3


@dataclass(frozen=True, slots=True)
class Case:
    """A customer with overdue invoices that may be pursued."""

    customer: Customer
    invoices: list[int]


def pursue(house: House, last: date) -> None:
    """In Spain an agency, a court and a fresh file; in France a formal notice and a court."""
    found = _cases(house, last)
    stories = (_agency, _court, _fresh) if house.entity.code == ES else (_court, _fresh)
    for story, case in zip(stories, found, strict=False):
        story(house, case, last)


def _cases(house: House, last: date) -> list[Case]:
    """The customers who owe most that is long overdue, undisputed and unpromised, in the entity's currency."""
    home = house.entity.currency
    late = Invoice.objects.open_now().filter(entity=house.entity, due_on__lt=last - LATE, currency=home)
    ids = list(late.order_by("-due_on", "pk").values_list("customer", flat=True)[:60])
    found = []
    for pk in dict.fromkeys(ids):
        customer = Customer.objects.select_related("entity").get(pk=pk)
        rows = [one for one in choices_of(customer, last).get(home, []) if one.free]
        old = [one.item.invoice_id for one in rows if one.item.due_on < last - LATE]
        if old and customer.address:
            found.append(Case(customer, old[:MOST]))
    return found[:3]


def _open(house: House, case: Case, on: date) -> LegalFile:
    return contentious.open_file(
        customer=case.customer,
        currency=house.entity.currency,
        invoices=case.invoices,
        law=contentious.law_of(case.customer),
        by=house.manager,
        on=on,
        at=at_clock(house.entity, on, 10, 5),
    )


def _notify(house: House, file: LegalFile, on: date) -> LegalFile:
    return send_formal_notice(
        file_id=file.pk,
        deadline=on + timedelta(days=10),
        channels=["post"],
        by=house.manager,
        on=on,
        at=at_clock(house.entity, on, 10, 20),
    )


def _act(
    house: House, file: LegalFile, act: FileAct, on: date, said: Said, by: User | None = None
) -> LegalFile:
    at = at_clock(house.entity, on, 11, 30)
    return contentious.act(file_id=file.pk, act=act, said=said, by=by or house.manager, on=on, at=at)


def _agreed(house: House, file: LegalFile, on: date) -> bool:
    """Whether it may leave the house: a second person agrees where the manager's limit does not cover it."""
    if contentious.may_take_out(file, house.manager, on):
        return True
    admins = User.objects.filter(memberships__entity=house.entity, memberships__role=Role.ADMIN)
    for admin in admins.order_by("pk"):
        if contentious.may_second(file, admin, on):
            _act(house, file, FileAct.SECOND, on, Said(), admin)
            return True
    return False


def _fresh(house: House, case: Case, last: date) -> None:
    _notify(house, _open(house, case, last - timedelta(days=2)), last - timedelta(days=1))


def _agency(house: House, case: Case, last: date) -> None:
    """The notice went in vain; the agency has it, and has collected a first part."""
    say = words("talk")[house.language]
    file = _notify(house, _open(house, case, last - timedelta(days=30)), last - timedelta(days=29))
    day = last - timedelta(days=15)
    if not _agreed(house, file, day):
        return
    given = Said(agency=say["agency"], agency_reference="RC-20417", commission=q("12.50"))
    file = _act(house, file, FileAct.HAND_OVER, day, given)
    news = Report("RC-20417", FileAct.REPORT, last - timedelta(days=6), None, say["agency_news"])
    at = at_clock(house.entity, last, 9, 40)
    take_reports(entity=house.entity, reports=[news], by=house.collector, on=last, at=at)


def _court(house: House, case: Case, last: date) -> None:
    """The notice went in vain; what the court needs was completed, and the file lies there."""
    say = words("talk")[house.language]["court"]
    file = _notify(house, _open(house, case, last - timedelta(days=40)), last - timedelta(days=39))
    day = last - timedelta(days=20)
    contentious.set_facts(
        file_id=file.pk,
        facts=say | {"signer": house.manager.name},
        by=house.manager,
        at=at_clock(house.entity, day, 9, 15),
    )
    if file.law != Law.OTHER and _agreed(house, file, day):
        _act(house, file, FileAct.FILE, day, Said(court=say["court"], note=say["filed"]))
