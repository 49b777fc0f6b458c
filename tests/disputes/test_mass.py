"""One cause behind several disputes: put together, decided once, one bad child is named, one may leave."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from accounts import events
from disputes import clusters, services, words
from disputes.errors import FieldErrors, IllegalAct, RoleMayNot
from disputes.models import Dispute, Mass, Reason
from disputes.services import massing
from tests.disputes.conftest import open_one, settle_constraints
from tests.disputes.race import both
from tests.disputes.test_guards import refuses
from tests.factories import AT, Cast, make_invoice

LATER = AT + timedelta(hours=1)


def three(cast: Cast) -> list[Dispute]:
    customers = [cast.norte, cast.sur, cast.norte]
    return [open_one(cast, amount="100.00", invoice=make_invoice(customer)) for customer in customers]


def gather(cast: Cast, disputes: list[Dispute] | None = None, **more: Any) -> Mass:
    rows = disputes or three(cast)
    return services.open_mass(
        entity=cast.entity, title="Price list of March", disputes=rows, by=cast.carl, at=AT, **more
    )


def of_another_entity(cast: Cast) -> Dispute:
    services.catalogue.install(cast.other)
    return services.open_dispute(
        customer=cast.foreign,
        lines=[services.LineInput(make_invoice(cast.foreign).pk, Decimal(100))],
        reason=Reason.objects.get(entity=cast.other, code="price"),
        by=cast.mallory,
        at=AT,
    )


def kinds(stream: str, pk: int) -> list[str]:
    return [event.kind for event in events.timeline(stream, pk)]


def test_one_decision_closes_all_children_and_the_parent(catalogue: Cast) -> None:
    cause = Reason.objects.get(entity=catalogue.entity, code="price")
    mass = gather(catalogue, cause=cause)
    done = services.decide_mass(
        mass=mass,
        verdict="partly",
        resolution="credit",
        percent=Decimal("33.33"),
        by=catalogue.alice,
        at=LATER,
        note="Agreed",
    )
    settle_constraints()
    mass.refresh_from_db()
    assert (len(done.closed), done.waiting, done.refused) == (3, [], [])
    assert mass.closed_at == LATER
    for child in mass.children.all():
        assert (child.outcome.amount, child.root_cause, child.outcome.note) == (
            Decimal("33.33"),
            cause,
            "Agreed",
        )
    assert kinds("mass", mass.pk) == ["mass.opened", "mass.decided", "mass.closed"]
    told = [words.tell(event).text for event in events.timeline("dispute", child.pk)]
    assert f"Part of the mass dispute {mass.ref}: Price list of March" in told


def test_a_child_that_cannot_be_closed_is_named_and_stops_no_other(
    catalogue: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    disputes = three(catalogue)
    mass = gather(catalogue, disputes)
    bad, real = disputes[1], massing.close_dispute

    def close(*, dispute: Dispute, **decision: Any) -> Dispute:
        closed: Dispute = real(dispute=dispute, **decision)
        if dispute.pk == bad.pk:
            raise IllegalAct("The ERP has the invoice locked.")
        return closed

    monkeypatch.setattr(massing, "close_dispute", close)
    done = services.decide_mass(
        mass=mass, verdict="justified", resolution="write_off", by=catalogue.alice, at=LATER
    )
    settle_constraints()
    mass.refresh_from_db()
    bad.refresh_from_db()
    assert done.refused == [(bad.ref, "The ERP has the invoice locked.")]
    assert done.closed == [disputes[0].ref, disputes[2].ref]
    assert (mass.is_open, bad.is_open, bad.amount) == (True, True, Decimal("100.00"))
    monkeypatch.undo()
    services.withdraw_dispute(dispute=bad, by=catalogue.alice, at=LATER)
    assert services.close_mass_if_done(mass_id=mass.pk, at=LATER)
    assert not services.close_mass_if_done(mass_id=mass.pk, at=LATER)


def test_a_child_leaves_and_a_reopened_one_goes_on_alone(catalogue: Cast) -> None:
    first, second, third = three(catalogue)
    mass = gather(catalogue, [first, second])
    services.add_to_mass(mass=mass, disputes=[second, third], by=catalogue.carl, at=AT)
    for _again in range(2):
        services.detach(dispute=third, by=catalogue.carl, at=LATER)
    third.refresh_from_db()
    assert (third.mass, mass.children.count()) == (None, 2)
    services.decide_mass(mass=mass, verdict="justified", resolution="credit", by=catalogue.alice, at=LATER)
    third.refresh_from_db()
    assert third.is_open
    services.reopen_dispute(dispute=first, by=catalogue.alice, at=LATER)
    settle_constraints()
    first.refresh_from_db()
    assert (first.is_open, first.mass) == (True, None)
    with pytest.raises(IllegalAct), transaction.atomic():
        services.add_to_mass(mass=mass, disputes=[first], by=catalogue.carl, at=LATER)
    with pytest.raises(IllegalAct, match="closed"):
        services.decide_mass(
            mass=mass, verdict="justified", resolution="credit", by=catalogue.alice, at=LATER
        )


def test_the_last_child_that_leaves_ends_the_parent(catalogue: Cast) -> None:
    first, second, _third = three(catalogue)
    mass = gather(catalogue, [first, second])
    services.detach(dispute=first, by=catalogue.carl, at=LATER)
    services.detach(dispute=second, by=catalogue.carl, at=LATER)
    mass.refresh_from_db()
    assert not mass.is_open


def test_what_cannot_be_put_together_changes_nothing(catalogue: Cast) -> None:
    first, second, third = three(catalogue)
    services.withdraw_dispute(dispute=third, by=catalogue.alice, at=AT)
    stranger = of_another_entity(catalogue)
    for rows, title in [
        ([first], "x"),
        ([first, second], " "),
        ([first, third], "x"),
        ([first, stranger], "x"),
    ]:
        with pytest.raises((FieldErrors, IllegalAct, RoleMayNot)), transaction.atomic():
            services.open_mass(entity=catalogue.entity, title=title, disputes=rows, by=catalogue.carl, at=AT)
    with pytest.raises(RoleMayNot), transaction.atomic():
        services.open_mass(
            entity=catalogue.entity, title="x", disputes=[first, second], by=catalogue.sam, at=AT
        )
    assert not Mass.objects.exists()
    mass = gather(catalogue, [first, second])
    with pytest.raises(IllegalAct, match="already"), transaction.atomic():
        gather(catalogue, [first, second])
    with pytest.raises(RoleMayNot):
        services.decide_mass(mass=mass, verdict="partly", resolution="credit", by=catalogue.carl, at=AT)
    with pytest.raises(FieldErrors) as wrong:
        services.decide_mass(
            mass=mass, verdict="?", resolution="duplicate", percent=Decimal(101), by=catalogue.alice, at=AT
        )
    assert set(wrong.value.fields) == {"verdict", "resolution", "percent"}


def test_the_database_guards_parents_and_children(catalogue: Cast) -> None:
    first, second, third = three(catalogue)
    mass = gather(catalogue, [first, second])
    stranger = of_another_entity(catalogue)
    masses = Mass.objects.filter(pk=mass.pk)
    refuses("mass_of_one_entity", lambda: Dispute.objects.filter(pk=stranger.pk).update(mass=mass))
    refuses("mass_closed_takes_nobody", lambda: masses.update(closed_at=LATER))
    refuses("mass_is_final", lambda: masses.update(entity=catalogue.other))
    refuses("mass_has_a_title", lambda: masses.update(title=""))
    refuses("mass_ends_after_it_starts", lambda: _ended(masses, first, second))
    services.withdraw_dispute(dispute=third, by=catalogue.alice, at=AT)
    refuses("mass_takes_open_disputes", lambda: Dispute.objects.filter(pk=third.pk).update(mass=mass))
    services.decide_mass(mass=mass, verdict="justified", resolution="credit", by=catalogue.alice, at=LATER)
    other = open_one(catalogue)
    refuses("mass_closed_takes_nobody", lambda: Dispute.objects.filter(pk=other.pk).update(mass=mass))
    refuses("mass_is_final", lambda: masses.update(closed_at=None))
    refuses(
        "mass_closed_takes_nobody",
        lambda: Dispute.objects.filter(pk=first.pk).update(closed_at=None, closed_on=None, status="open"),
    )


def _ended(masses: Any, *children: Dispute) -> None:
    Dispute.objects.filter(pk__in=[child.pk for child in children]).update(mass=None)
    masses.update(closed_at=AT - timedelta(days=1))


def test_clusters_say_what_the_disputes_have_in_common(catalogue: Cast) -> None:
    from ledger.models import InvoiceLine

    ids = []
    for number, customer in enumerate([catalogue.norte, catalogue.sur, catalogue.norte]):
        invoice = make_invoice(customer)
        line = InvoiceLine.objects.create(
            invoice=invoice,
            position=1,
            description="Aceite 5 L",
            quantity=10,
            net=Decimal("500.00"),
            tax_rate=21,
        )
        part = services.LineInput(invoice.pk, Decimal("30.25") + number, line.pk)
        reason = Reason.objects.get(entity=catalogue.entity, code="price")
        ids.append(
            services.open_dispute(
                customer=customer, lines=[part], reason=reason, by=catalogue.alice, at=AT
            ).pk
        )
    found = clusters.suggestions(catalogue.alice, LATER)
    assert [(one.kind, one.disputes, one.customers) for one in found] == [("product", tuple(ids), 2)]
    assert found[0].words == "the same product: Aceite 5 L"
    assert clusters.suggestions(catalogue.sam, LATER) == []
    assert clusters.suggestions(catalogue.mallory, LATER) == []
    gather(catalogue, list(Dispute.objects.filter(pk__in=ids)))
    assert clusters.suggestions(catalogue.alice, LATER) == []


@pytest.mark.django_db(transaction=True)
def test_joining_and_ending_at_once_leaves_nobody_open_in_a_closed_parent(catalogue: Cast) -> None:
    """Without the parent's lock the guard `mass_closed` refuses whoever is late, and nobody is told why in words."""
    first, second, third = three(catalogue)
    mass = gather(catalogue, [first, second])
    services.withdraw_dispute(dispute=first, by=catalogue.alice, at=AT)
    results = both(
        "disputes_mass",
        mass.pk,
        lambda: services.detach(dispute=second, by=catalogue.carl, at=LATER),
        lambda: services.add_to_mass(mass=mass, disputes=[third], by=catalogue.carl, at=LATER),
    )
    _left, joined = results
    mass.refresh_from_db()
    assert isinstance(joined, Mass if mass.is_open else IllegalAct)
    assert mass.is_open is mass.children.filter(closed_at=None).exists()
