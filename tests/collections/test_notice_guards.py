"""What the database holds a notice to: its run, entity and step, named without keys of their own; one a day."""

from collections.abc import Callable
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from collections_app.choices import Reason
from collections_app.models import Notice, Plan, PlanVersion, Run, Step
from collections_app.services import dunning, plans
from ledger.models import Customer
from tests.collections.conftest import House
from tests.factories import AT, ON, make_customer, make_invoice

pytestmark = pytest.mark.django_db


@pytest.fixture
def notice(house: House) -> Notice:
    make_invoice(house.cast.norte)
    dunning.decide(entity=house.cast.entity, on=ON, at=AT)
    return house.notice()


def of_another(notice: Notice, house: House, **changes: object) -> Notice:
    """The same for another customer, and with `changes`."""
    notice.pk, notice.customer = None, make_customer(house.cast.entity, "X-1", "Otro")
    for name, value in changes.items():
        setattr(notice, name, value)
    return notice


def draft_step(house: House) -> Step:
    plan = Plan.objects.get(entity=house.cast.entity, code="standard")
    steps = [plans.StepInput(days=4, kind="dunning.firm")]
    plans.save_draft(plan=plan, steps=steps, rules=plans.Rules(), by=house.cast.alice, at=AT)
    return Step.objects.get(version__draft=True)


def refused(act: Callable[[], object], name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        act()


def test_a_notice_is_written_for_a_run_of_its_entity(house: House, notice: Notice) -> None:
    for changes in ({"run_id": 0}, {"entity_id": house.cast.other.pk}):
        other = of_another(Notice.objects.get(), house, **changes)
        refused(partial(other.save, force_insert=True), "notice_is_of_its_runs_entity")
    of_another(notice, house).save(force_insert=True)
    assert Notice.objects.count() == 2


def test_a_notice_is_written_for_a_step_in_force(house: House, notice: Notice) -> None:
    for step in (0, draft_step(house).pk):
        other = of_another(Notice.objects.get(), house, step_id=step)
        refused(partial(other.save, force_insert=True), "notice_step_is_in_force")


def test_a_notice_stays_with_its_run_and_takes_only_steps_in_force(house: House, notice: Notice) -> None:
    rows = Notice.objects.filter(pk=notice.pk)
    later = Run.objects.create(entity=house.cast.entity, on=ON, door="command", at=AT)
    refused(lambda: rows.update(run=later), "notice_is_of_its_runs_entity")
    refused(lambda: rows.update(entity=house.cast.other), "notice_is_of_its_runs_entity")
    refused(lambda: rows.update(step=draft_step(house)), "notice_step_is_in_force")
    rows.update(step=Step.objects.filter(version=notice.step.version).exclude(pk=notice.step_id).first())


def test_what_notices_name_stays(house: House, notice: Notice) -> None:
    refused(lambda: Run.objects.filter(pk=notice.run_id).delete(), "run_stays")
    refused(lambda: Run.objects.filter(pk=notice.run_id).update(entity=house.cast.other), "run_stays")
    refused(lambda: Step.objects.filter(pk=notice.step_id).delete(), "step_stays")
    refused(
        lambda: PlanVersion.objects.filter(pk=notice.step.version_id).update(draft=True, current=False),
        "version_stays",
    )


def test_deciding_again_leaves_what_ended_that_day_alone(house: House) -> None:
    """Seen to fail without `ON CONFLICT DO NOTHING`: nothing else leaves out a message that failed."""
    nobody = make_customer(house.cast.entity, "X-1", "Otro")
    nobody.contacts.all().delete()
    Customer.objects.filter(pk=nobody.pk).update(email="")
    make_invoice(nobody)
    for _time in range(2):
        dunning.decide(entity=house.cast.entity, on=ON, at=AT)
    assert house.notice().reason == Reason.NO_ADDRESS
