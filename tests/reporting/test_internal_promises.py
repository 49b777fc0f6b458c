"""Promises among ourselves, by who keeps them, on any day."""

from datetime import timedelta

from disputes import services as disputes
from tests.reporting.company import DISPUTED_AT, Company
from tests.reporting.test_reports import report


def test_kept_and_broken_by_keeper_and_by_department(company: Company) -> None:
    cast, dispute = company.cast, company.dispute
    day = DISPUTED_AT.date() + timedelta(days=3)

    def promise(**more: object) -> int:
        made = disputes.promise_internally(
            dispute=dispute,
            what="proof",
            due_on=day,
            by=cast.alice,
            at=DISPUTED_AT,
            **more,  # type: ignore[arg-type]
        )
        return made.pk

    kept, late, _never = (promise(keeper=cast.bill) for _ in range(3))
    promise(department=cast.logistics)
    disputes.keep_promise(promise_id=kept, by=cast.bill, at=DISPUTED_AT + timedelta(days=3))
    disputes.keep_promise(promise_id=late, by=cast.bill, at=DISPUTED_AT + timedelta(days=5))
    rows = report(company, "promises", by="keeper").data["rows"]
    assert [(row["label"], row["kept"], row["broken"], row["kept_rate"]) for row in rows] == [
        ("Bill", 1, 2, 33.333)
    ]
    before = report(company, "promises", by="keeper", as_of=day, last=day).data["rows"]
    assert [(row["kept"], row["broken"], row["running"]) for row in before] == [(1, 0, 2)]
    teams = report(company, "promises", by="department").data["rows"]
    assert [(row["label"], row["broken"]) for row in teams] == [("Logistics", 1)]
