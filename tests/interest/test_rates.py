"""Interest rates as dated data: files of several shapes, good rows in, bad ones listed, and nothing twice."""

from __future__ import annotations

import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from accounts.events import Event
from collections_app.errors import InterestError
from collections_app.interest.rates import known_rates, load_book, shipped
from collections_app.interest.reading import read_rates
from collections_app.models import InterestRate
from collections_app.services.interest_rates import import_rates
from tests.factories import AT

D = Decimal
LIST = """kind;country;currency;from;value;source
reference;;;2026-07-01;2,00;ECB
margin;FR;;2026-07-01;10;Law
legal;FR;;2026-07-01;2,50;Decree
flat_sum;GB;GBP;2013-03-16;70,00;Act
reference;;;2026-08-01;2,00;ECB
reference;;;2027-01-01;many;ECB
reference;;;nothing;1;ECB
wrong;;;2026-07-01;1;ECB
flat_sum;GB;;2013-03-16;70,00;Act
reference;Spain;;2026-07-01;1;ECB
reference;;;2026-07-01;2,10;ECB
"""
CHANGES = """effective_from,mro_percent,source
2025-06-11,2.15,ECB
2026-03-18,2.40,ECB
2026-09-16,2.65,ECB
"""
PORTAL = """KEY,FREQ,TIME_PERIOD,OBS_VALUE
FM.B.U2.EUR.4F.KR.MRR_FR.LEV,B,2026-06-30,2.15
FM.B.U2.EUR.4F.KR.MRR_FR.LEV,B,2026-07-01,2.15
FM.B.U2.EUR.4F.KR.MRR_FR.LEV,B,2026-07-02,2.40
"""


def test_a_list_gives_its_good_rows_and_says_what_is_wrong_with_the_others() -> None:
    read = read_rates(LIST.encode())
    assert [(row.kind, row.country, str(row.value)) for row in read.rows] == [
        ("reference", "", "2.0000"),
        ("margin", "FR", "10.0000"),
        ("legal", "FR", "2.5000"),
        ("flat_sum", "GB", "70.0000"),
    ]
    assert [(one.line, one.code) for one in read.rejects] == [
        (6, "not_a_half_year"),
        (7, "not_a_rate"),
        (8, "not_a_date"),
        (9, "unknown_kind"),
        (10, "not_a_currency"),
        (11, "not_a_country"),
        (12, "rate_twice"),
    ]


def test_a_series_gives_what_was_in_force_on_each_half_year_within_it() -> None:
    assert [(row.since, row.value) for row in read_rates(CHANGES.encode()).rows] == [
        (date(2025, 7, 1), D("2.15")),
        (date(2026, 1, 1), D("2.15")),
        (date(2026, 7, 1), D("2.40")),
    ]
    assert [(row.since, row.value) for row in read_rates(PORTAL.encode()).rows] == [
        (date(2026, 7, 1), D("2.15"))
    ]


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"a;b\n1;2\n", b"<xml/>"])
def test_what_is_no_list_of_rates_is_refused(content: bytes) -> None:
    with pytest.raises(InterestError):
        read_rates(content)


@pytest.mark.django_db
def test_an_import_writes_what_is_new_once_and_tells_it() -> None:
    first = import_rates(content=LIST.encode(), name="r.csv", by=None, at=AT)
    again = import_rates(content=LIST.encode(), name="r.csv", by=None, at=AT)
    assert (first.created, first.updated, first.unchanged, len(first.rejects)) == (4, 0, 0, 7)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 4)
    assert InterestRate.objects.count() == 4
    assert Event.objects.filter(kind="interest_rates.recorded").count() == 1
    assert load_book().known_until("ES") == date(2026, 12, 31)


@pytest.mark.django_db
def test_what_is_shipped_already_is_not_written_and_another_value_goes_before_it() -> None:
    same = import_rates(content=b"from;value\n2026-01-01;2,15\n", name="", by=None, at=AT)
    assert (same.unchanged, InterestRate.objects.count()) == (1, 0)
    other = import_rates(content=b"from;value\n2026-01-01;2,25\n", name="", by=None, at=AT)
    assert (other.updated, len(known_rates())) == (1, len(shipped()))
    changed = import_rates(content=b"from;value\n2026-01-01;2,30\n", name="", by=None, at=AT)
    assert (changed.updated, InterestRate.objects.get().value) == (1, D("2.3"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "facts",
    [
        {"kind": "reference", "since": date(2026, 7, 2), "value": 1},
        {"kind": "reference", "since": date(2026, 7, 1), "value": 101},
        {"kind": "margin", "since": date(2026, 7, 1), "value": -1},
        {"kind": "flat_sum", "since": date(2026, 7, 1), "value": 40},
        {"kind": "margin", "since": date(2026, 7, 1), "value": 8, "currency": "EUR"},
        {"kind": "margin", "since": date(2026, 7, 1), "value": 8, "country": "es"},
        {"kind": "other", "since": date(2026, 7, 1), "value": 8},
    ],
)
def test_the_database_refuses_a_rate_that_cannot_be(facts: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        InterestRate.objects.create(recorded_at=AT, **facts)


@pytest.mark.django_db
def test_there_is_one_value_per_country_and_day() -> None:
    facts = {"kind": "margin", "since": date(2026, 7, 1), "value": 8, "recorded_at": AT}
    InterestRate.objects.create(**facts)
    with pytest.raises(IntegrityError), transaction.atomic():
        InterestRate.objects.create(**facts)


@pytest.mark.django_db
def test_the_command_says_by_its_exit_code_what_became_of_the_file(tmp_path: Path) -> None:
    good, mixed, none = (tmp_path / name for name in ("good.csv", "mixed.csv", "none.csv"))
    good.write_text("from;value\n2026-07-01;2,00\n")
    mixed.write_text(LIST)
    none.write_text("nothing")
    out = io.StringIO()
    call_command("interest_rates", str(good), "--dry-run", "--json", stdout=out)
    assert json.loads(out.getvalue())["created"] == 1
    assert not InterestRate.objects.exists()
    call_command("interest_rates", str(good), stdout=out)
    with pytest.raises(SystemExit) as some:
        call_command("interest_rates", str(mixed), stdout=out)
    assert some.value.code == 1
    for path in (none, tmp_path / "missing.csv"):
        with pytest.raises(CommandError) as unreadable:
            call_command("interest_rates", str(path), stdout=out)
        assert unreadable.value.returncode == 2
