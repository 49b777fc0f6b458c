"""Two people decide about one payment at the same moment: one is told that it is decided."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from accounts.events import Event
from ledger.bank import decide
from ledger.errors import LedgerError
from ledger.models import BankTransaction, Payment
from tests.factories import AT, make_cast
from tests.ledger.bank_helpers import Bank, bank, moved, statement

__all__ = ["bank"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services]


def test_two_people_decide_at_once(monkeypatch: pytest.MonkeyPatch, bank: Bank) -> None:
    cast = make_cast()
    bank.takes(statement(moved("12.00", text="?")), entity=cast.entity)
    row = BankTransaction.objects.get()
    known = decide._payer

    def slowly(*args: Any) -> Any:
        # Widen the gap between asking whether it waits and writing that it does not.
        time.sleep(0.4)
        return known(*args)

    monkeypatch.setattr(decide, "_payer", slowly)

    def run(_number: int) -> str:
        try:
            decide.place(transaction=row, proposal=decide.on_account(cast.norte.pk), at=AT, by=cast.alice)
        except LedgerError as error:
            return error.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(run, range(2))) == ["already_decided", "done"]
    assert Payment.objects.count() == 1
    assert Event.objects.filter(kind="transaction.part").count() == 1
