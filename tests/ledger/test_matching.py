"""What a payment is for: rules and texts, without a database."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.bank.candidates import Around
from ledger.bank.cash import _Matching
from ledger.bank.matching import Item, Movement, Payer, Proposal, Reason, Rules
from ledger.bank.matching_named import Index, named
from ledger.bank.matching_sums import leading, subsets
from ledger.bank.matching_text import keys, spans, structured, tail
from ledger.bank.names import likeness

DAY = date(2026, 3, 16)
SURE = Payer(1, 90, Reason("known_account", {"account": "X"}))
RULES = Rules(Decimal(2), 14, Decimal("10.00"), Decimal("1.00"))


def item(pk: int, number: str, amount: str = "100.00", *, customer: int = 1, kind: str = "invoice") -> Item:
    day = DAY - timedelta(days=40 - pk % 30)
    return Item(pk, kind, number, customer, "EUR", Decimal(amount), day, day + timedelta(days=30))


def paid(amount: str, text: str = "", pk: int = 1, **facts: object) -> Movement:
    return Movement(pk, Decimal(amount), "EUR", DAY, text, **facts)  # type: ignore[arg-type]


def solved(
    movements: list[Movement], items: list[Item], payers: list[Payer] | None = None
) -> dict[int, list[Proposal]]:
    shared: dict[int, list[Item]] = {}
    for one in items:
        shared.setdefault(one.customer, []).append(one)
    around = Around(Index(items), shared, {movement.pk: list(payers or []) for movement in movements})
    return {pk: options for pk, (options, _marks) in _Matching(around, RULES).run(movements).items()}


def numbers(text: str, items: list[Item], customers: set[int] | None = None, **facts: object) -> list[str]:
    found, _marks = named(paid("1.00", text, **facts), Index(items), customers or set())
    return sorted(one.item.number for one in found)


BOOKS = [
    item(1, "F-2026-00123"),
    item(2, "F-2026-00124"),
    item(3, "F-2026-00125"),
    item(4, "1001"),
    item(5, "1002"),
    item(6, "1003"),
    item(7, "RE20267788", customer=2),
]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("F-2026-00123", "F-2026-00123"),
        ("f202600123 gracias", "F-2026-00123"),
        ("pago F 2026 / 123", "F-2026-00123"),
        ("Fra.F-2026-00123,F-2026-00124", "F-2026-00123 F-2026-00124"),
        ("FRAS F-2026-00123, 124 Y 125", "F-2026-00123 F-2026-00124 F-2026-00125"),
        ("Rg.-Nr.1001", "1001"),
        ("RE-NR 20267788", "RE20267788"),
        ("Fact. n° 1001-1003", "1001 1002 1003"),
        ("Facturas 1001 a 1003", "1001 1002 1003"),
        ("Facturas 1001/03", "1001 1002 1003"),
        ("RGNR0001001", "1001"),
        ("pago 12.03.2026 de 1001,00 EUR", ""),
        ("ES9121000418450200051332 1001", "1001"),
        ("ES91 2100 0418 4502 0005 1332", ""),
        ("2026", ""),
        ("", ""),
    ],
)
def test_numbers_are_found_however_they_are_written(text: str, wanted: str) -> None:
    assert " ".join(numbers(text, BOOKS)) == wanted


def test_the_end_of_a_number_is_enough_for_a_known_payer() -> None:
    assert numbers("pago 123", BOOKS) == []
    assert numbers("pago 123", BOOKS, {1}) == ["F-2026-00123"]
    assert numbers("pago F-2026-0012", [BOOKS[0]], {1}) == ["F-2026-00123"]


def test_structured_references_hold_the_number() -> None:
    assert structured("RF18 5390 0754 7034") == ["539007547034"]
    assert numbers("", [item(1, "539007547034")], references=("RF18539007547034",)) == ["539007547034"]
    assert numbers("", BOOKS, references=("000000000000000000000010017",)) == ["1001"]
    assert numbers("", BOOKS, references=("F-2026-00124",)) == ["F-2026-00124"]
    assert numbers("", BOOKS, named=("F 2026 00125",)) == ["F-2026-00125"]


def test_keys_and_ranges() -> None:
    assert keys("f-2026/00123") == ("F202600123", "F.2026.123")
    assert tail("F-2026-00123") == "123"
    assert [(span.first, span.last) for span in spans("1001-1003, 7 bis 2")] == [("1001", "1003")]


@pytest.mark.parametrize(
    ("said", "known", "sure"),
    [
        ("COMERCIAL NORTE SA", "Comercial Norte, S.A.", 80),
        ("Norte Comercial", "Comercial Norte, S.A.", 80),
        ("DISTRIBUCIONES HOSTELERAS DEL", "Distribuciones Hosteleras del Mediterráneo, S.L.", 70),
        ("Garcia Lopez Maria", "Comercial Norte, S.A.", 0),
        ("SA", "Comercial Norte, S.A.", 0),
    ],
)
def test_names_as_banks_write_them(said: str, known: str, sure: int) -> None:
    assert likeness(said, known) == sure


def test_sums() -> None:
    assert subsets([100, 50, 30, 20], 80) == [(1, 2)]
    assert len(subsets([50, 50, 50], 100, 3)) == 3
    assert subsets([7] * 40, 5) == []
    assert subsets(list(range(100, 140)), 10**9) == []
    assert (leading([10, 20, 30], 30), leading([10, 20, 30], 25)) == (2, 0)


TWO = [item(1, "A1", "70.00"), item(2, "A2", "100.00")]
THREE = [item(1, "A1", "70.00"), item(2, "A2", "20.00"), item(3, "A3", "5.00")]
CASES: list[tuple[str, str, list[Item], list[Payer], str, list[tuple[int, str]]]] = [
    ("100.00", "F-2026-00123", BOOKS, [], "amount_agrees", [(1, "100.00")]),
    ("300.00", "1001-1003", BOOKS, [], "amount_agrees", [(4, "100.00"), (5, "100.00"), (6, "100.00")]),
    ("90.00", "F-2026-00123", BOOKS, [], "part_of_one", [(1, "90.00")]),
    ("97.00", "RE20267788", [item(29, "RE20267788")], [], "fee", [(29, "97.00")]),
    ("99.50", "F-2026-00123", BOOKS, [], "small", [(1, "99.50")]),
    ("95.00", "F-2026-00123", BOOKS, [], "fee", [(1, "95.00")]),
    ("150.00", "F-2026-00123", BOOKS, [], "paid_more", [(1, "100.00")]),
    ("100.00", "", TWO, [SURE], "amount_of_one", [(2, "100.00")]),
    ("170.00", "", TWO, [SURE], "all_open", [(1, "70.00"), (2, "100.00")]),
    ("90.00", "", THREE, [SURE], "oldest_add_up", [(1, "70.00"), (2, "20.00")]),
    ("75.00", "", THREE, [SURE], "some_add_up", [(1, "70.00"), (3, "5.00")]),
    ("80.00", "", [item(1, "A1"), item(2, "N1", "20.00", kind="credit_note")], [SURE], "one_less_note", [(1, "80.00")]),
    ("80.00", "A1", [item(1, "A1"), item(2, "N1", "20.00", kind="credit_note")], [SURE], "note_taken", [(1, "80.00")]),
    ("33.00", "", [item(1, "A1")], [SURE], "oldest_first", [(1, "33.00")]),
    ("33.00", "", [], [SURE], "nothing_open", []),
]  # fmt: skip


@pytest.mark.parametrize(("amount", "text", "items", "payers", "code", "parts"), CASES)
def test_the_best_proposal_and_its_reason(
    amount: str,
    text: str,
    items: list[Item],
    payers: list[Payer],
    code: str,
    parts: list[tuple[int, str]],
) -> None:
    best = solved([paid(amount, text)], items, payers)[1][0]
    assert best.reasons[-1].code == code
    assert best.parts == tuple((pk, Decimal(part)) for pk, part in parts)


def test_only_what_is_named_and_agrees_is_certain() -> None:
    for amount, text, items, payers, code, _parts in CASES:
        best = solved([paid(amount, text)], items, payers)[1][0]
        assert best.exact is (code == "amount_agrees"), code


def test_a_discount_within_its_days() -> None:
    young = Item(1, "invoice", "A-100", 1, "EUR", Decimal(100), DAY - timedelta(days=10), DAY)
    best = solved([paid("98.00", "A-100")], [young], [SURE])[1][0]
    assert (best.reasons[-1].code, best.lessened) == ("discount", ((1, Decimal("2.00"), "discount"),))


def test_charges_that_the_bank_tells() -> None:
    best = solved([paid("93.50", "F-2026-00123", charges=Decimal("6.50"))], BOOKS)[1][0]
    assert best.reasons[-1].code == "charges_told"
    assert best.lessened == ((1, Decimal("6.50"), "fee"),)


def test_a_number_of_two_customers_is_not_certain() -> None:
    twice = [item(1, "202612"), item(2, "2026-12", customer=2)]
    options = solved([paid("100.00", "202612")], twice)[1]
    assert [option.exact for option in options] == [False, False]


def test_payments_that_add_up_together() -> None:
    items = [item(pk, f"F-2026-{pk:05}") for pk in (1, 2, 3)]
    first = paid("150.00", "F-2026-00001 F-2026-00002", 11)
    second = paid("150.00", "F-2026-00002, F-2026-00003", 12)
    found = solved([second, first], items)
    assert found[11][0].parts == ((1, Decimal(100)), (2, Decimal(50)))
    assert found[12][0].parts == ((2, Decimal(50)), (3, Decimal(100)))
    assert all(option.exact for options in found.values() for option in options)


def test_the_second_payment_of_a_paid_invoice_is_not_certain() -> None:
    found = solved([paid("100.00", "1001", 1), paid("100.00", "1001", 2)], BOOKS, [SURE])
    assert found[1][0].exact
    assert not any(option.exact for option in found[2])


AMOUNTS = st.integers(1, 400).map(lambda cents: Decimal(cents * 25) / 100)
TEXTS = st.sampled_from(["", "F-00001", "F-00001 F-00002", "F-00003 F-00004", "1-4", "N-00009", "00002"])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(AMOUNTS, st.integers(1, 2), st.booleans()), min_size=1, max_size=6),
    st.lists(st.tuples(AMOUNTS, TEXTS), min_size=1, max_size=5),
    st.booleans(),
)
def test_nothing_gets_more_than_is_open(
    papers: list[tuple[Decimal, int, bool]], payments: list[tuple[Decimal, str]], known: bool
) -> None:
    items = [
        item(
            pk,
            f"{'N' if note else 'F'}-{pk:05}",
            str(amount),
            customer=customer,
            kind="credit_note" if note else "invoice",
        )
        for pk, (amount, customer, note) in enumerate(papers, start=1)
    ]
    movements = [paid(str(amount), text, pk) for pk, (amount, text) in enumerate(payments, start=1)]
    opens = {one.pk: one for one in items}
    found = solved(movements, items, [SURE] if known else [])
    certain: dict[int, Decimal] = {}
    for movement in movements:
        for option in found[movement.pk]:
            used: dict[int, Decimal] = {}
            for pk, amount in (
                *option.parts,
                *((pk, amount) for _note, pk, amount in option.credits),
                *((note, amount) for note, _pk, amount in option.credits),
                *((pk, amount) for pk, amount, _why in option.lessened),
            ):
                assert amount > 0
                used[pk] = used.get(pk, Decimal(0)) + amount
                if option.exact:
                    certain[pk] = certain.get(pk, Decimal(0)) + amount
            assert all(amount <= opens[pk].open for pk, amount in used.items())
            assert all(opens[pk].customer == option.customer for pk in used)
            assert option.placed <= movement.amount
            assert not option.exact or option.placed == movement.amount
    assert all(amount <= opens[pk].open for pk, amount in certain.items())
    assert solved(list(reversed(movements)), list(reversed(items)), [SURE] if known else []) == found
