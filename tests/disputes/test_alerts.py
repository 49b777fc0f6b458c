"""Alerts of a deadline: when they fall, who hears of them, once; and how a late dispute climbs."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from accounts import services as people
from accounts.choices import Role
from accounts.events import Event
from accounts.models import Department
from disputes import services
from disputes.alerts import Alert, due_now, moments, next_after
from disputes.choices import Resolution, Verdict
from disputes.clocks import Office
from disputes.models import AlertSent, Dispute, HandOver, RouteVersion
from disputes.runs import Held
from disputes.services.alerting import recipients
from mailroom.models import Letter
from tests.disputes.conftest import open_one
from tests.disputes.race import both
from tests.factories import AT, ON, Cast, make_person

MADRID = ZoneInfo("Europe/Madrid")
SPAIN = Office("ES", "Europe/Madrid")


def madrid(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=MADRID)  # type: ignore[misc,arg-type]


def told(kind: str = "dispute.late") -> list[Event]:
    return list(Event.objects.filter(stream="dispute", kind=kind).order_by("pk"))


def ladder(cast: Cast, *steps: tuple[int, str, bool]) -> Dispute:
    """A dispute opened on Monday at nine, due at one, whose first stage has these alerts."""
    version = RouteVersion.objects.get(route__entity=cast.entity, route__code="price", current=True)
    data = services.read_route(version)
    for stage in data["stages"]:
        stage["alerts"] = []
    data["stages"][0]["alerts"] = [
        {"minutes": minutes, "to": to, "hand_over": hands} for minutes, to, hands in steps
    ]
    services.write_version(route=version.route, data=data, by=None, at=AT, activate=True)
    return open_one(cast)


def test_each_alert_is_told_once_at_its_working_minute(catalogue: Cast) -> None:
    dispute = ladder(catalogue, (-60, "holder", False), (0, "coordinator", False), (540, "role:admin", False))
    assert dispute.alert_at == madrid(2026, 3, 16, 12)
    assert services.send_alerts(at=madrid(2026, 3, 16, 11, 59)) == 0
    assert services.send_alerts(at=madrid(2026, 3, 16, 12)) == 1
    assert services.send_alerts(at=madrid(2026, 3, 16, 12, 1)) == 0
    assert [(e.data["minutes"], e.data["names"]) for e in told()] == [(-60, ["Alice"])]
    services.send_alerts(at=madrid(2026, 3, 16, 13))
    services.send_alerts(at=madrid(2026, 3, 17, 12, 59))
    assert len(told()) == 2
    services.send_alerts(at=madrid(2026, 3, 17, 13))
    assert told()[-1].data["names"] == ["Adam"]
    dispute.refresh_from_db()
    assert dispute.alert_at is None
    letters = Letter.objects.filter(kind="dispute.late").order_by("pk")
    assert [letter.to_address for letter in letters] == [
        catalogue.alice.email,
        catalogue.alice.email,
        catalogue.adam.email,
    ]
    assert letters[0].subject == f"Due soon: {dispute.ref} Comercial Norte, S.A."
    assert letters[2].subject.startswith("Late: ")
    assert f"/disputes/{dispute.pk}/" in letters[0].body_text


def test_after_days_without_workers_each_person_hears_once(catalogue: Cast) -> None:
    ladder(catalogue, (-60, "holder", False), (0, "coordinator", False), (60, "role:admin", False))
    services.send_alerts(at=madrid(2026, 3, 20, 10))
    assert [(e.data["minutes"], e.data["names"]) for e in told()] == [(0, ["Alice"]), (60, ["Adam"])]
    assert AlertSent.objects.count() == 3
    assert Letter.objects.filter(kind="dispute.late").count() == 2


def test_the_alerts_stand_still_while_the_customer_has_it(catalogue: Cast) -> None:
    dispute = ladder(catalogue, (-60, "holder", False))
    services.make_move(
        dispute=dispute, move_code="ask_customer", by=catalogue.alice, at=madrid(2026, 3, 16, 10)
    )
    assert services.send_alerts(at=madrid(2026, 3, 20, 10)) == 0
    dispute.refresh_from_db()
    services.make_move(
        dispute=dispute,
        move_code="customer_insists",
        by=catalogue.alice,
        at=madrid(2026, 3, 23, 10),
        fields={"note": "x"},
    )
    assert services.send_alerts(at=madrid(2026, 3, 23, 11, 59)) == 0
    assert services.send_alerts(at=madrid(2026, 3, 23, 12)) == 1


def test_a_closed_dispute_alerts_nobody(catalogue: Cast) -> None:
    dispute = ladder(catalogue, (0, "holder", False))
    services.close_dispute(
        dispute=dispute,
        verdict=Verdict.UNJUSTIFIED,
        resolution=Resolution.REJECTED,
        by=catalogue.alice,
        at=AT,
    )
    assert services.send_alerts(at=AT + timedelta(days=9)) == 0
    assert not told()


def test_what_stays_late_climbs_to_the_lead_then_to_the_credit_manager(catalogue: Cast) -> None:
    dispute = ladder(catalogue, (60, "lead", True), (120, "lead", True))
    services.assign(dispute=dispute, user=catalogue.eva, by=catalogue.alice, at=AT)
    lead = make_person("Lena", catalogue.entity, Role.EXPERT, catalogue.logistics)
    people.set_lead(department=catalogue.logistics, lead=lead, by=catalogue.alice, at=AT)
    services.send_alerts(at=madrid(2026, 3, 16, 14))
    dispute.refresh_from_db()
    assert dispute.holder_user == lead
    assert HandOver.objects.get().kind == "escalation"
    services.send_alerts(at=madrid(2026, 3, 16, 14, 1))
    assert HandOver.objects.count() == 1
    services.send_alerts(at=madrid(2026, 3, 16, 15))
    dispute.refresh_from_db()
    assert dispute.holder_user == catalogue.alice
    assert told("dispute.handed_over")[-1].data["from_name"] == "Lena"
    dispute.refresh_from_db()
    assert dispute.due_at == madrid(2026, 3, 16, 13)


def test_an_alert_of_the_minute_before_a_hand_over_is_told_to_who_has_it_now(catalogue: Cast) -> None:
    """It fell at twelve; the dispute was passed on half a minute later, before the job of the minute ran."""
    dispute = ladder(catalogue, (-60, "holder", False), (-30, "coordinator", False))
    passed = madrid(2026, 3, 16, 12) + timedelta(seconds=30)
    services.hand_over(dispute=dispute, to=catalogue.carl, by=catalogue.alice, at=passed)
    dispute.refresh_from_db()
    assert dispute.alert_at == madrid(2026, 3, 16, 12)
    assert services.send_alerts(at=madrid(2026, 3, 16, 12, 1)) == 1
    assert [(e.data["minutes"], e.data["names"]) for e in told()] == [(-60, ["Carl"])]
    services.hand_over(dispute=dispute, to=catalogue.alice, by=catalogue.carl, at=madrid(2026, 3, 16, 12, 2))
    assert services.send_alerts(at=madrid(2026, 3, 16, 12, 3)) == 0
    assert services.send_alerts(at=madrid(2026, 3, 16, 12, 30)) == 1
    assert len(told()) == 2


@pytest.mark.parametrize(
    ("to", "names"),
    [
        ("holder", ["Eva"]),
        ("coordinator", ["Alice"]),
        ("lead", ["Alice"]),
        ("credit_manager", ["Alice"]),
        ("role:sales", ["Sam", "Sofia"]),
    ],
)
def test_whom_an_alert_goes_to(catalogue: Cast, dispute: Dispute, to: str, names: list[str]) -> None:
    services.assign(dispute=dispute, user=catalogue.eva, by=catalogue.alice, at=AT)
    dispute.refresh_from_db()
    assert [person.name for person in recipients(dispute, to, ON)] == names


def test_a_department_hears_of_it_together_and_deputies_for_the_absent(
    catalogue: Cast, dispute: Dispute
) -> None:
    services.assign(dispute=dispute, department=catalogue.logistics, by=catalogue.alice, at=AT)
    make_person("Ines", catalogue.entity, Role.EXPERT, catalogue.logistics)
    dispute = Dispute.objects.get(pk=dispute.pk)
    assert [person.name for person in recipients(dispute, "holder", ON)] == ["Eva", "Ines"]
    people.report_absence(
        user=catalogue.sam, starts_on=ON, ends_on=ON, deputy=catalogue.carl, by=catalogue.alice, at=AT
    )
    assert {p.name for p in recipients(dispute, "role:sales", ON)} == {"Carl", "Sofia"}
    Department.objects.filter(pk=catalogue.logistics.pk).update(lead=catalogue.bill)
    dispute = Dispute.objects.get(pk=dispute.pk)
    assert [person.name for person in recipients(dispute, "lead", ON)] == ["Bill"]


def test_the_database_keeps_an_alert_to_one_for_each_stay(catalogue: Cast) -> None:
    ladder(catalogue, (0, "holder", False))
    services.send_alerts(at=madrid(2026, 3, 16, 13))
    sent = AlertSent.objects.get()
    with pytest.raises(IntegrityError, match="alert_once_per_stay"), transaction.atomic():
        AlertSent.objects.create(stay=sent.stay, alert=sent.alert, at=AT, people=[])


@pytest.mark.django_db(transaction=True)
def test_two_workers_tell_once(catalogue: Cast) -> None:
    """Without the lock both find the alert unsent, and the second breaks on the unique row after telling."""
    dispute = ladder(catalogue, (0, "holder", False))

    def attempt() -> int:
        return services.send_alerts(at=madrid(2026, 3, 16, 13))

    assert sorted(both("disputes_dispute", dispute.pk, attempt, attempt)) == [0, 1]
    assert len(told()) == 1
    assert Letter.objects.filter(kind="dispute.late").count() == 1


def stay(start: datetime, end: datetime | None = None) -> Held:
    return Held(1, "open", False, start, end, SPAIN)


def test_an_alert_belongs_to_the_stay_it_falls_into() -> None:
    """Fell before the stay, began it (an escalation), falls into it."""
    run = [stay(madrid(2026, 3, 16, 9), madrid(2026, 3, 16, 12)), stay(madrid(2026, 3, 16, 12))]
    alerts = [Alert(1, -180, "holder"), Alert(2, -60, "holder"), Alert(3, 0, "holder"), Alert(4, 600, "lead")]
    falling = moments(run, 240, alerts, told={1, 2})
    assert falling == [(madrid(2026, 3, 16, 13), alerts[2]), (madrid(2026, 3, 17, 14), alerts[3])]
    assert due_now(falling, set(), madrid(2026, 3, 16, 13)) == falling[:1]
    assert due_now(falling, {3}, madrid(2026, 3, 16, 13)) == []
    assert next_after(falling, {3}) == madrid(2026, 3, 17, 14)
    assert next_after(falling, {3, 4}) is None
    # What fell in the stay before and nobody was told of comes with it; what fell before that stay does not.
    assert moments(run, 240, alerts, told={1})[0] == (madrid(2026, 3, 16, 12), alerts[1])
    assert moments([stay(AT, run[0].start), *run], 240, [Alert(6, -900, "holder")], told=()) == []
    alone = [stay(madrid(2026, 3, 16, 9))]
    assert moments(alone, 240, [Alert(5, -900, "holder")])[0][0] == madrid(2026, 3, 16, 9)
