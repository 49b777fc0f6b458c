"""The same number of queries for few and for many; what is written once stays true; what is escaped by hand is."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.choices import Role
from accounts.models import Membership, User
from chat import services as talk
from disputes import queue_sums, services
from disputes.models import Dispute
from ledger.models import Customer
from lib import clock
from tests.disputes.conftest import open_one
from tests.disputes.test_pages import HTMX, as_, text
from tests.factories import AT, Cast, make_invoice

COPIES = """
INSERT INTO disputes_dispute (entity_id, customer_id, number, reason_id, route_version_id, stage_id, status,
    holder_side, holder_user_id, currency, amount, statement, facts, opened_on, opened_at, due_at, opened_via,
    coordinator_id)
SELECT entity_id, customer_id, 1000 + n, reason_id, route_version_id, stage_id, status, holder_side, holder_user_id,
    currency, amount, statement, facts, opened_on, opened_at, due_at, opened_via, coordinator_id
FROM disputes_dispute, generate_series(1, 195) n WHERE id = %s
"""
LINES = """
INSERT INTO disputes_disputeline (dispute_id, invoice_id, amount, opened_on, recorded_at)
SELECT copied.id, line.invoice_id, line.amount, line.opened_on, line.recorded_at
FROM disputes_dispute copied, disputes_disputeline line WHERE copied.number > 1000 AND line.dispute_id = %s
"""
EVERY_FILTER = (
    "view=all&q=norte&reason=price&status=open&customer={norte}&customer_name=norte&holder={carl}&coordinator={alice}"
    "&minimum=1&maximum=9999&older_than=7"
)


def two_hundred(one: Dispute) -> None:
    """195 more like this one; row triggers are off, as in a restore."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(COPIES, [one.pk])
        cursor.execute(LINES, [one.pk])
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def queries(user: User, *addresses: str, **headers: str) -> int:
    client = as_(user)
    with CaptureQueriesContext(connection) as caught:
        for address in addresses:
            assert client.get(address, headers=headers).status_code == 200, address
    return len(caught)


def test_the_queue_asks_as_much_for_five_as_for_two_hundred(catalogue: Cast) -> None:
    made = [open_one(catalogue, amount="10.00") for _ in range(5)]
    who = {"norte": catalogue.norte.pk, "carl": catalogue.carl.pk, "alice": catalogue.alice.pk}
    pages = ["/disputes/?view=all", "/disputes/", f"/disputes/?{EVERY_FILTER.format(**who)}"]
    pages += [f"{pages[0]}&open={made[0].pk}"]
    few = [queries(catalogue.alice, page) for page in pages]
    two_hundred(made[0])
    assert [queries(catalogue.alice, page) for page in pages] == few
    assert few[0] == 12
    page = text(as_(catalogue.alice).get(pages[0]))
    assert page.count('<li class="row"') == 50
    assert "<strong>200</strong> disputes" in page


def test_a_dispute_asks_as_much_for_five_messages_as_for_five_hundred(
    dispute: Dispute, catalogue: Cast
) -> None:
    room = talk.room_for_dispute(dispute=dispute, at=AT)
    pages = [f"/disputes/{dispute.pk}/", f"/disputes/{dispute.pk}/room/"]

    def say(first: int, last: int) -> None:
        for number in range(first, last):
            at = AT + timedelta(seconds=number)
            talk.post_message(
                room=room, by=catalogue.alice, body="Well", client_token=f"queue-cost-{number}", at=at
            )

    say(0, 5)
    few = queries(catalogue.alice, *pages, **HTMX)
    say(5, 500)
    assert queries(catalogue.alice, *pages, **HTMX) == few


def test_figures_follow_the_clock_and_what_one_may_see(catalogue: Cast) -> None:
    one, now = open_one(catalogue), clock.now()
    services.snooze(dispute=one, until=now + timedelta(hours=1), by=catalogue.alice, at=now)
    for at, asleep in ((now, 1), (now + timedelta(hours=2), 0), (now, 1)):
        found = queue_sums.counts(catalogue.alice, at)
        assert (found["snoozed"], found["triage"], found["all"]) == (asleep, 1 - asleep, 1)
    Membership.objects.filter(user=catalogue.alice).delete()
    nobody = User.objects.get(pk=catalogue.alice.pk)
    assert set(queue_sums.counts(nobody, now).values()) == {0}
    Membership.objects.create(user=nobody, entity=catalogue.other, role=Role.CREDIT_MANAGER)
    assert set(queue_sums.counts(User.objects.get(pk=nobody.pk), now).values()) == {0}


@pytest.mark.parametrize("act", ["assign", "classify", "macro"])
def test_a_menu_of_the_bar_fetches_its_choices(dispute: Dispute, catalogue: Cast, act: str) -> None:
    macro = {"entity": catalogue.entity, "by": catalogue.alice, "name": "Park it", "shared": True}
    services.save_macro(**macro, steps=[{"do": "snooze", "for": "week"}])
    choices = text(as_(catalogue.alice).get(f"/disputes/bulk/{act}/", headers=HTMX))
    assert {"assign": "Carl", "classify": "Quality", "macro": "Park it"}[act] in choices
    assert f'name="act" value="{act}"' in choices
    assert "<option" not in text(as_(catalogue.sam).get(f"/disputes/bulk/{act}/", headers=HTMX))


def test_what_people_wrote_cannot_become_markup(catalogue: Cast, settings: Any) -> None:
    Customer.objects.filter(pk=catalogue.norte.pk).update(name='<b onclick="x">&')
    open_one(catalogue, invoice=make_invoice(catalogue.norte, number="<i>'1"))
    page = text(as_(catalogue.alice).get("/disputes/?view=all"))
    assert "&lt;b onclick=&quot;x&quot;&gt;&amp;" in page
    assert "&lt;i&gt;&#x27;1" in page
    assert "<b onclick" not in page
