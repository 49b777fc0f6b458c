"""The structured bank files: what is written in each format is read back, and nothing that is broken gets through."""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.bank.readers import READERS
from ledger.bank.statements import Statement
from ledger.intake.documents import NoticeBook, Unreadable
from ledger.intake.formats import format_of
from tests.ledger.bank_papers import WRITERS, Line, Paper, only, statements

WORDS = st.text(st.sampled_from("ABCDEFGHIJ abcdefghij 0123456789 ñéüÀß"), max_size=130)
SIMPLE = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def lines(draw: st.DrawFn) -> Line:
    return Line(
        date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 360))),
        draw(st.integers(-(10**11), 10**11)),
        " ".join(draw(WORDS).split()),
        draw(st.from_regex(r"[1-9][0-9]{0,9}", fullmatch=True)),
    )


papers = st.builds(
    Paper,
    st.lists(lines(), max_size=6).map(tuple),
    st.integers(-(10**12), 10**12),
    day=st.just(date(2026, 12, 31)),
)


@pytest.mark.parametrize("name", WRITERS)
def test_a_format_is_told_by_content(name: str, tmp_path: Path) -> None:
    path = tmp_path / "statement.pdf"
    path.write_text(WRITERS[name](Paper((Line(date(2026, 3, 16), 12345, "INVOICE 7", "42"),))))
    assert format_of(path).name == name


@pytest.mark.parametrize("name", WRITERS)
@SIMPLE
@given(paper=papers)
def test_what_is_written_is_read_back(name: str, paper: Paper, tmp_path: Path) -> None:
    statement = only(tmp_path / "file", WRITERS[name](paper))
    assert statement.currency == paper.currency
    assert statement.closing == Decimal(paper.closing).scaleb(-2)
    assert [(entry.booked_on, entry.amount) for entry in statement.entries] == [
        (line.day, line.amount) for line in paper.lines
    ]
    assert statement.difference == (None if name == "ofx" else 0)
    assert not statement.fault
    assert not statement.rejects
    for line, entry in zip(paper.lines, statement.entries, strict=True):
        (transaction,) = entry.transactions
        assert transaction.amount == line.amount
        if name in ("camt.053", "n43", "ofx"):
            assert transaction.text == line.text[: 5 * 76]
        said = {transaction.end_to_end_id, transaction.bank_reference, transaction.reference.lstrip("0")}
        assert line.reference in said


@pytest.mark.parametrize("sgml", [True, False])
@SIMPLE
@given(paper=papers)
def test_ofx_is_the_same_with_and_without_end_tags(sgml: bool, paper: Paper, tmp_path: Path) -> None:
    from tests.ledger.bank_papers import ofx

    statement = only(tmp_path / "file", ofx(paper, sgml=sgml))
    assert [entry.amount for entry in statement.entries] == [line.amount for line in paper.lines]
    assert [entry.transactions[0].text for entry in statement.entries] == [line.text for line in paper.lines]


SAMPLE = Paper(
    (
        Line(date(2026, 3, 14), 12345, "INVOICE 2026-7 THANKS", "42"),
        Line(date(2026, 3, 15), -999, "FEE", "43"),
        Line(date(2026, 3, 16), 1, "A LONG TEXT " * 9, "44"),
    )
)


def adds_up(statement: Statement) -> bool:
    return all(
        sum((part.amount for part in entry.transactions), Decimal(0)) == entry.amount
        for entry in statement.entries
    )


def cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))]


def scratched(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def lost(data: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(data))
    return data[:start] + data[start + chance.randint(1, 90) :]


def doubled(data: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(data))
    return data[: start + chance.randint(1, 200)] + data[start:]


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("harm", [cut, scratched, lost, doubled])
def test_a_damaged_file_is_refused_or_adds_up(
    name: str, harm: Callable[[bytes, random.Random], bytes], tmp_path: Path
) -> None:
    path, data = tmp_path / "file", WRITERS[name](SAMPLE).encode()
    for seed in range(60):
        path.write_bytes(harm(data, random.Random(seed)))
        with suppress(Unreadable):
            assert all(adds_up(statement) for statement in READERS[name](path, NoticeBook()))


@pytest.mark.parametrize("name", WRITERS)
def test_a_cut_file_never_balances_with_less(name: str, tmp_path: Path) -> None:
    """Wherever the file ends, either nothing of it is read, or all entries, or the statement has no closing balance."""
    path, data = tmp_path / "file", WRITERS[name](SAMPLE).encode()
    for end in range(len(data) - 1, 0, -7):
        path.write_bytes(data[:end])
        try:
            read = list(READERS[name](path, NoticeBook()))
        except Unreadable:
            continue
        for statement in read:
            assert len(statement.entries) == len(SAMPLE.lines) or statement.difference != 0


@pytest.mark.parametrize("name", WRITERS)
def test_an_empty_statement_is_a_statement(name: str, tmp_path: Path) -> None:
    statement = only(tmp_path / "file", WRITERS[name](Paper()))
    assert (statement.entries, statement.closing) == ((), Decimal("1000.00"))


def test_two_statements_of_one_file_stay_two(tmp_path: Path) -> None:
    first, second = Paper((Line(date(2026, 3, 16), 500, "A", "1"),)), Paper(opening=100_500)
    for name in ("mt940", "n43", "cfonb120"):
        both = statements(tmp_path / name, WRITERS[name](first) + WRITERS[name](second))
        assert [statement.opening for statement in both] == [Decimal("1000.00"), Decimal("1005.00")]
        assert [len(statement.entries) for statement in both] == [1, 0]
