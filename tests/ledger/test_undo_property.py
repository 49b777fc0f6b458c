"""Whatever is imported, in whatever order: taken back, the books say exactly what they said before."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.choices import BatchStatus
from ledger.intake.undo import undo_import
from ledger.models import Customer
from lib.clock import now
from tests.factories import make_cast, make_invoice
from tests.ledger.test_undo import HEADER, bring_now, content

WITH_CONTACT = HEADER + ";Contact e-mail"
days = st.integers(1, 28).map(lambda n: f"2026-02-{n:02}")
rows = st.lists(
    st.tuples(
        st.sampled_from(["K-1", "K-2", "N-1", "N-2", "N-3"]),
        st.sampled_from(["C-001;", "C-002;", "C-003;", "C-900;Nuevo", "C-901;Otro", ";Sin código"]),
        st.sampled_from(["", "B12345674"]),
        st.sampled_from(["", "ap@nuevo.example"]),
        st.sampled_from(["2026-01-15", "2026-01-20"]),
        st.one_of(st.just(""), days),
        st.sampled_from(["100.00", "50.00", "-20.00", "x"]),
        st.sampled_from(["", "PO-1", "PO-2"]),
        st.one_of(st.just(""), days),
        st.sampled_from(["", "sofia@acm.example"]),
        st.sampled_from(["", "ana@norte.example", "ap@nuevo.example", "nobody"]),
    ).map(";".join),
    min_size=1,
    max_size=6,
)


@pytest.mark.django_db
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(files=st.lists(rows, min_size=1, max_size=3))
def test_imports_undone_in_reverse_leave_no_trace(files: list[list[str]]) -> None:
    customer = Customer.objects.filter(code="C-001").first()
    if customer is None:
        cast = make_cast()
        customer = cast.norte
        bare = Customer.objects.create(
            entity=cast.entity, code="C-003", name="Sin Datos", name_key="sin datos", recorded_at=now()
        )
        for number, owner in (("K-1", customer), ("K-2", bare)):
            make_invoice(
                owner, "100.00", number=number, issued_on=date(2026, 1, 15), due_on=date(2026, 2, 14)
            )
    before = content()
    with TemporaryDirectory() as folder:
        batches = [bring_now(customer.entity, Path(folder), *lines, header=WITH_CONTACT) for lines in files]
        between = content()
        for batch in reversed(batches):
            if batch.status in {BatchStatus.DONE, BatchStatus.PARTLY}:
                undo_import(batch=batch, by=None, at=now())
    assert content() == before
    amounts = [Decimal(str(row["allocated"])) for row in between["ledger_invoice"]]
    assert all(amount >= 0 for amount in amounts)
