"""Banks' tables: in whatever way a bank writes, the statement is read back; damage never crashes."""

import random
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ledger.bank.readers.table import read
from ledger.bank.statements import Statement
from ledger.intake.documents import NoticeBook, Unreadable
from ledger.intake.formats import format_of
from tests.ledger.bank_tables import DATES, STYLES, WORDS, Move, Way, codes, read_text, table

QUICK = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
WORD = st.sampled_from(
    ["Rechnung 4711", "Kunde AG", "Müller & Söhne", "VIR CLIENT", "F-2024/001", "Größe; Länge", 'ein "Zitat"', "ñandú",
     "l'été", "a, b", "Loyer", "Miete 03.2024", "QR 12 34"]
)  # fmt: skip


@st.composite
def ways(draw: st.DrawFn) -> Way:
    style = draw(st.sampled_from(sorted(STYLES)))
    delimiter = draw(st.sampled_from(";\t|,"))
    signs = draw(st.sampled_from(["columns", "negative", "letters", "amount"]))
    return Way(
        language=draw(st.sampled_from(sorted(WORDS))),
        delimiter=delimiter,
        style=style,
        dates=draw(st.sampled_from(sorted(DATES))),
        signs="amount" if style == "trailing" else signs,
        newest_first=draw(st.booleans()),
        balance=draw(st.booleans()),
        labels=draw(st.booleans()),
        value=draw(st.booleans()),
        encoding=draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"])),
        quoted=True,
        footer=draw(st.booleans()),
    )


@st.composite
def moves(draw: st.DrawFn) -> list[Move]:
    """Movements with both signs; one on a day past the twelfth, or day and month cannot be told."""
    cents = st.integers(1, 99_999_999).map(lambda value: Decimal(value) / 100)
    gaps = draw(st.lists(st.integers(0, 9), min_size=3, max_size=12))
    day, found = date(2024, 1, 20), []
    for place, gap in enumerate(gaps):
        day = min(day + timedelta(days=gap), date(2024, 6, 30))
        amount = draw(cents)
        sign = 1 if place == 0 else -1 if place == 1 else draw(st.sampled_from([1, -1]))
        text = " ".join(draw(st.lists(WORD, min_size=1, max_size=3)))
        found.append(Move(day, sign * amount, text))
    return found


def said(statement: Statement) -> list[tuple[date, Decimal, str]]:
    return [
        (entry.booked_on, entry.amount, " ".join(part.text for part in entry.transactions))
        for entry in statement.entries
    ]


@QUICK
@given(moves(), ways())
def test_what_a_bank_writes_is_read_back(tmp_path: Path, rows: list[Move], way: Way) -> None:
    """Days, amounts with their signs, words, order and balances, in every convention."""
    assume(way.newest_first is False or way.balance or rows[0].day != rows[-1].day)
    text = table(rows, way)
    statements, notices = read_text(tmp_path, text, way.encoding)
    assert len(statements) == 1, codes(notices)
    found = statements[0]
    assert not found.fault, found.params
    wanted = [(move.day, move.amount, move.text) for move in rows]
    assert sorted(said(found)) == sorted(wanted)
    if way.balance:
        # Texts of one day may change places where the amounts read the same from both ends.
        assert [row[:2] for row in said(found)] == [row[:2] for row in wanted]
    if way.balance or way.labels:
        assert (found.opening, found.difference) == (Decimal("1000.00"), Decimal(0))
    if way.labels:
        assert (found.account, found.currency) == ("CH9300762011623852957", "CHF")
    assert format_of(tmp_path / "umsaetze.csv").name == "bank_csv"


@QUICK
@given(moves(), ways(), st.integers(0, 2**32))
def test_a_damaged_table_never_crashes(tmp_path: Path, rows: list[Move], way: Way, seed: int) -> None:
    """Bytes cut, doubled, swapped and replaced: a statement, or a sentence; never another exception."""
    chance = random.Random(seed)
    data = bytearray(table(rows, way).encode(way.encoding))
    for _ in range(chance.randint(1, 12)):
        place = chance.randrange(len(data))
        kind = chance.randrange(4)
        if kind == 0:
            del data[place : place + chance.randint(1, 40)]
        elif kind == 1:
            data[place:place] = data[place : place + chance.randint(1, 60)]
        elif kind == 2:
            data[place] = chance.randrange(256)
        else:
            data[place:place] = chance.choice(
                [b'"', b";", b"\n", b"\x00", b"\xff", b"99999999999999999999", b"<br />"]
            )
        if not data:
            break
    path = tmp_path / "umsaetze.csv"
    path.write_bytes(bytes(data))
    with suppress(Unreadable):
        format_of(path)
    with suppress(Unreadable):
        read(path, NoticeBook())


@QUICK
@given(moves(), st.sampled_from(sorted(WORDS)), st.integers(1, 10))
def test_a_missing_row_is_seen(tmp_path: Path, rows: list[Move], language: str, gap: int) -> None:
    """With a running balance, a row that was lost between two others makes a difference."""
    assume(len({abs(move.amount) for move in rows}) == len(rows))
    lost = rows[gap % (len(rows) - 2) + 1]
    others = [move for move in rows if move is not lost]
    text = table(rows, Way(language=language))
    kept = [line for number, line in enumerate(text.split("\r\n")) if number != len(rows) - rows.index(lost)]
    assert len(kept) == len(text.split("\r\n")) - 1
    found = read_text(tmp_path, "\r\n".join(kept))[0][0]
    assert sorted(said(found)) == sorted((move.day, move.amount, move.text) for move in others)
    assert found.difference
    if rows[0].day != rows[-1].day:
        assert found.difference == -lost.amount
