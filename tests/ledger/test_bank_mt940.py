"""MT940 and MT942 as banks write them: frames, marks, texts, statements in parts, and what is refused."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.bank.statements import Statement, Transaction
from ledger.intake.documents import NoticeBook, Unreadable
from ledger.intake.formats import format_of
from tests.ledger.bank_papers import Line, Paper, codes, mt940, only, refusal, statements, wrapped

DAY = date(2026, 3, 16)


def message(*rows: str, opening: str = ":60F:C260315EUR1000,", closing: str = ":62F:C260316EUR1100,") -> str:
    """A bare message around the rows."""
    head = [":20:T", ":25:ES9121000418450200051332", ":28C:7/1"]
    return "\n".join([*head, *filter(None, [opening, *rows, closing]), "-"]) + "\n"


def read(tmp_path: Path, *rows: str, **ends: str) -> Statement:
    return only(tmp_path / "mt.sta", message(*rows, **ends))


def part_of(tmp_path: Path, *rows: str) -> Transaction:
    """The one transaction of a statement with these rows."""
    (entry,) = read(tmp_path, *rows).entries
    (part,) = entry.transactions
    return part


def said(tmp_path: Path, text: str) -> Transaction:
    """The transaction whose field 86 is `text`, in lines as SWIFT cuts them."""
    return part_of(
        tmp_path, ":61:2603160316C100,NTRFNONREF", *wrapped(f":86:{text}", 69)[:1], *wrapped(text[65:])
    )


def refused(tmp_path: Path, content: str) -> Unreadable:
    return refusal(tmp_path / "mt.sta", content)


@pytest.mark.parametrize(
    ("mark", "amount", "returned"),
    [
        ("C", 100, False),
        ("D", -100, False),
        ("RC", -100, True),
        ("RD", 100, True),
        ("CR", 100, False),
        ("RDR", 100, True),
    ],
)
def test_marks_and_funds_codes(mark: str, amount: int, returned: bool, tmp_path: Path) -> None:
    statement = read(
        tmp_path, f":61:2603160316{mark}100,NTRFNONREF", closing=f":62F:C260316EUR{1000 + amount},"
    )
    assert (statement.entries[0].amount, statement.difference) == (Decimal(amount), Decimal(0))
    assert statement.entries[0].transactions[0].returned is returned


@pytest.mark.parametrize(
    ("text", "amount"),
    [("1,", "1"), ("0,5", "0.5"), ("000012,34", "12.34"), ("1234567,891", "1234567.891"), ("7", "7")],
)
def test_amounts(text: str, amount: str, tmp_path: Path) -> None:
    assert read(tmp_path, f":61:260316C{text}NTRFNONREF").entries[0].amount == Decimal(amount)


@pytest.mark.parametrize(
    ("dates", "booked", "value"),
    [
        ("2603160317", date(2026, 3, 17), DAY),
        ("260316", DAY, DAY),
        ("2512310102", date(2026, 1, 2), date(2025, 12, 31)),
        ("2601021231", date(2025, 12, 31), date(2026, 1, 2)),
        ("2602300302", date(2026, 3, 2), date(2026, 2, 28)),
        ("2603160229", DAY, DAY),
    ],
)
def test_the_entry_date_is_near_the_value_date(dates: str, booked: date, value: date, tmp_path: Path) -> None:
    (entry,) = read(tmp_path, f":61:{dates}C1,NTRFNONREF").entries
    assert (entry.booked_on, entry.value_on) == (booked, value)


def test_references_and_the_second_line(tmp_path: Path) -> None:
    part = part_of(
        tmp_path, ":61:2603160316C100,NTRFE2E-7//BANK-9", "/OCMT/USD110,/CHGS/EUR1,50", ":86:HELLO"
    )
    assert (part.end_to_end_id, part.bank_reference, part.charges, part.text) == (
        "E2E-7",
        "BANK-9",
        Decimal("1.5"),
        "HELLO",
    )
    part = part_of(tmp_path, ":61:260316D100,N0600733959555      NORTE SL      ", ":86:BILL 7")
    assert (part.end_to_end_id, part.party_name) == ("0733959555", "NORTE SL")


def test_german_subfields(tmp_path: Path) -> None:
    part = said(
        tmp_path,
        "166?00GUTSCHRIFT?109310?20EREF+INV-7?21KREF+K-1?22MREF+M-1?23SVWZ+RECHNUNG 2026-7 UND"
        "?24 2026-8 DANKE?30COBADEFFXXX?31DE89370400440532013000?32NORTE GMBH UND SOEHNE AUS B"
        "?33ERLIN?34914?60ABWA+SUR SA",
    )
    assert (part.end_to_end_id, part.instruction_id, part.mandate_id) == ("INV-7", "K-1", "M-1")
    assert part.text == "RECHNUNG 2026-7 UND 2026-8 DANKE"
    assert (part.party_name, part.party_account) == (
        "NORTE GMBH UND SOEHNE AUS BERLIN",
        "DE89370400440532013000",
    )
    assert (part.ultimate_name, part.code, part.returned) == ("SUR SA", "NTRF+166", False)


@pytest.mark.parametrize("mark", "?<^~>")
def test_other_separators_of_subfields(mark: str, tmp_path: Path) -> None:
    part = said(
        tmp_path, "073?00PRZELEW?20FAKTURA 7?32NORTE?38PL61109010140000071219812874".replace("?", mark)
    )
    assert (part.text, part.party_name, part.party_account) == (
        "FAKTURA 7",
        "NORTE",
        "PL61109010140000071219812874",
    )


def test_a_returned_german_collection(tmp_path: Path) -> None:
    part = said(tmp_path, "109?00RUECKLASTSCHRIFT?20EREF+INV-7?21SVWZ+AM04 KEINE DECKUNG?32NORTE")
    assert (part.returned, part.return_reason, part.end_to_end_id) == (True, "AM04", "INV-7")


def test_dutch_words_between_slashes(tmp_path: Path) -> None:
    part = said(
        tmp_path,
        "/TRTP/SEPA OVERBOEKING/IBAN/NL91ABNA0417164300/BIC/ABNANL2A/NAME/NORTE BV IN AMSTERDAM AAN"
        "/REMI/FACTUUR 7/EREF/NOTPROVIDED",
    )
    assert (part.party_name, part.party_account) == ("NORTE BV IN AMSTERDAM AAN", "NL91ABNA0417164300")
    assert (part.text, part.end_to_end_id) == ("FACTUUR 7", "")


def test_dutch_counterparty_structured_reference_and_return(tmp_path: Path) -> None:
    part = said(
        tmp_path, "/EREF/E-7//CNTP/NL91ABNA0417164300/ABNANL2A/NORTE BV///REMI/STRD/CUR/9001123456789010/"
    )
    assert (part.end_to_end_id, part.party_name, part.party_account) == (
        "E-7",
        "NORTE BV",
        "NL91ABNA0417164300",
    )
    assert part.reference == "9001123456789010"
    part = said(tmp_path, "/MARF/M-7/EREF/E-7/RTRN/MS03/BENM//NAME/NORTE/REMI/USTD//FACTUUR 7/")
    assert (part.returned, part.return_reason, part.mandate_id, part.text) == (
        True,
        "MS03",
        "M-7",
        "FACTUUR 7",
    )


def test_free_text_keeps_its_words(tmp_path: Path) -> None:
    text = (
        "PAYMENT OF INVOICE 2026-0007 BY NORTE LIMITED FROM NL91ABNA0417164300 WITH MANY THANKS AND REGARDS"
    )
    part = said(tmp_path, text)
    assert (part.text, part.party_account) == (text, "NL91ABNA0417164300")
    part = part_of(tmp_path, ":61:260316C100,NTRFNONREF", ":86:INVOICE 7", "SECOND LINE", ":86:THIRD")
    assert part.text == "INVOICE 7 SECOND LINE THIRD"


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(text=st.text(st.sampled_from("ABCDEFGHIJKLMNO 0123456789."), min_size=1, max_size=300))
def test_free_text_is_the_same_however_it_is_cut(text: str, tmp_path: Path) -> None:
    text = "X" + " ".join(text.split())
    assert said(tmp_path, text).text == text


def test_statements_in_parts_are_one(tmp_path: Path) -> None:
    first = message(":61:260316C40,NTRFA", closing=":62M:C260316EUR1040,")
    second = message(":61:260316C60,NTRFB", opening=":60M:C260316EUR1040,").replace("7/1", "7/2")
    statement = only(tmp_path / "mt.sta", first + second)
    assert (len(statement.entries), statement.difference, statement.number) == (2, Decimal(0), "7")
    other = second.replace("60M:C260316EUR1040,", "60M:C260316EUR1041,")
    assert len(statements(tmp_path / "mt.sta", first + other)) == 2


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_frames_of_all_kinds(ends: str, tmp_path: Path) -> None:
    bare = message(":61:260316C100,NTRFA")
    block = "{1:F01X}{2:I940X}{4:\n" + bare.replace("\n-\n", "\n-}\n")
    for whole in (
        bare,
        bare + bare,
        block,
        block + block,
        block.replace("-}\n", "-}{5:{CHK:1}}\n") + "$\n" + block,
    ):
        found = statements(tmp_path / "mt.sta", whole.replace("\n", ends))
        assert all(statement.difference == 0 for statement in found)
        assert len(found) == whole.count(":25:")
    headed = "ABNANL2A\n940\nABNANL2A\n" + bare.replace(":20:T\n", "")
    assert len(statements(tmp_path / "mt.sta", headed + headed)) == 2
    joined = bare.replace("-\n", "\n")
    assert len(statements(tmp_path / "mt.sta", joined + joined)) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "cp850"])
def test_encodings(encoding: str, tmp_path: Path) -> None:
    text = message(":61:260316C100,NTRFA", ":86:Müller für Señora Nuñez")
    statement = only(tmp_path / "mt.sta", text.encode(encoding))
    assert statement.entries[0].transactions[0].text == "Müller für Señora Nuñez"


def test_the_account_may_have_its_currency_behind(tmp_path: Path) -> None:
    statement = only(tmp_path / "mt.sta", message().replace("51332", "51332 EUR"))
    assert statement.account == "ES9121000418450200051332"


def test_text_behind_the_closing_balance_is_nobodys(tmp_path: Path) -> None:
    statement = read(
        tmp_path, ":61:260316C100,NTRFA", ":86:MINE", closing=":62F:C260316EUR1100,\n:86:SUMMARY"
    )
    assert statement.entries[0].transactions[0].text == "MINE"


def test_an_interim_report(tmp_path: Path) -> None:
    rows = [
        ":34F:EUR0,",
        ":13D:2603161200+0100",
        ":61:260316C100,NTRFA",
        ":61:260316EC7,NTRFA",
        ":90D:0EUR0,",
        ":90C:1EUR90,",
    ]
    notices = NoticeBook()
    path = tmp_path / "mt.sta"
    statement = only(path, message(*rows, opening="", closing=""), notices)
    assert format_of(path).name == "mt942"
    assert (statement.currency, statement.closed_on, statement.opening) == ("EUR", DAY, None)
    assert [entry.pending for entry in statement.entries] == [False, True]
    assert codes(notices) == ["interim_sums_differ"]


def test_a_statement_without_closing_balance_is_told(tmp_path: Path) -> None:
    notices = NoticeBook()
    statement = only(tmp_path / "mt.sta", message(":61:260316C100,NTRFA", closing=""), notices)
    assert (statement.difference, codes(notices)) == (None, ["cut_statement"])


def test_balances_in_two_currencies_are_a_fault(tmp_path: Path) -> None:
    assert read(tmp_path, closing=":62F:C260316USD1,").fault == "balances_in_currencies"


def test_what_is_refused(tmp_path: Path) -> None:
    whole = mt940(Paper((Line(DAY, 12345, "A", "1"), Line(DAY, 1, "B", "2"))))
    error = refused(tmp_path, whole[: whole.index(":62F:")])
    assert (error.code, error.line) == ("cut_off", 9)
    error = refused(tmp_path, message(":61:260316C12"))
    assert (error.code, error.line) == ("bad_record", 5)
    assert refused(tmp_path, message(":61:261316C12,NTRFA")).code == "bad_record"
    assert refused(tmp_path, message(":61:260316X12,NTRFA")).code == "bad_record"
    assert refused(tmp_path, message(":61:260316C12,1234567NTRFA")).code == "bad_record"
    assert refused(tmp_path, message(closing=":62F:C260316EUR")).code == "bad_record"
    assert refused(tmp_path, message(closing=":62F:C260316QQQ1,")).code == "bad_bank_currency"
    assert refused(tmp_path, message().replace("ES9121000418450200051332", "")).code == "no_account"
    two = message() + message(":61:260316C1,NTRFA", closing="").replace("-\n", "")
    assert refused(tmp_path, two).code == "cut_off"
