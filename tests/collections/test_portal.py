"""A step that is a message on the customer's page: needs no address, counts as the step, and is read there."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client

from collections_app.models import Notice, NoticeLine, Plan
from collections_app.paying import links
from collections_app.services import dunning, plans
from collections_app.services.plans import StepInput
from lib import clock
from tests.collections.conftest import House
from tests.factories import AT, make_invoice


def test_a_message_on_the_page_is_the_step_and_is_read_there(house: House, client: Client) -> None:
    norte, today = house.cast.norte, clock.today("Europe/Madrid")
    type(norte).objects.filter(pk=norte.pk).update(email="")
    norte.contacts.update(email="")
    invoice = make_invoice(
        norte, "300.00", issued_on=today - timedelta(days=60), due_on=today - timedelta(days=4)
    )
    plan = Plan.objects.get(entity=house.cast.entity, code="standard")
    step = StepInput(days=1, kind="dunning.friendly", channel="portal", attach=["statement_pdf"])
    plans.publish_version(plan=plan, steps=[step], by=house.cast.alice, at=AT)
    run = dunning.decide(entity=house.cast.entity, on=today, at=clock.now())
    dunning.send_batch(notice_ids=dunning.waiting(run=run), at=clock.now())
    notice = Notice.objects.get()
    assert (notice.status, NoticeLine.objects.get(counts=True).invoice) == ("sent", invoice)
    assert notice.letter is not None
    assert (notice.letter.channel, notice.letter.enclosed, house.mails()) == ("portal", [], [])
    token = links.make(customer_id=norte.pk, currency="EUR", on=today)
    assert client.head(f"/pay/{token}/").status_code == 200
    notice.letter.refresh_from_db()
    assert notice.letter.read_at is None, "a look by a machine is no reading"
    page = client.get(f"/pay/{token}/").content.decode()
    assert notice.letter.subject in page
    notice.letter.refresh_from_db()
    assert notice.letter.read_at is not None
    other = links.make(customer_id=house.cast.sur.pk, currency="EUR", on=today)
    assert notice.letter.subject not in client.get(f"/pay/{other}/").content.decode()
    alice = Client(headers={"Accept-Language": "en"})
    alice.force_login(house.cast.alice)
    shown = alice.get(f"/collections/notices/{notice.pk}/").content.decode()
    assert f"/pay/{links.make(customer_id=norte.pk, currency='EUR', on=today, notice_id=notice.pk)}/" in shown
