"""Norma 43, CFONB 120 and OFX: what their records say, what contradicts itself, and what is refused."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ledger.bank.statements import Transaction
from ledger.intake.documents import NoticeBook, Unreadable
from tests.ledger.bank_papers import Line, Paper, cfonb, codes, norma43, ofx, only, refusal

DAY = date(2026, 3, 16)
PAPER = Paper(
    (
        Line(DAY, 10_000, "TRANSFERENCIA DE NORTE SL POR LA FACTURA 2026-7", "777"),
        Line(DAY, -250, "COMISION", "8"),
    )
)


def refused(tmp_path: Path, content: str | bytes) -> Unreadable:
    return refusal(tmp_path / "bank.txt", content)


def changed(text: str, line: int, start: int, by: str) -> str:
    """The text with something else from column `start` of a line; both count from one."""
    rows = text.splitlines()
    row = rows[line - 1]
    rows[line - 1] = row[: start - 1] + by + row[start - 1 + len(by) :]
    return "\r\n".join(rows) + "\r\n"


def first(tmp_path: Path, content: str) -> Transaction:
    return only(tmp_path / "bank.txt", content).entries[0].transactions[0]


def test_norma43_gives_account_owner_period_and_codes(tmp_path: Path) -> None:
    statement = only(tmp_path / "bank.txt", norma43(PAPER))
    assert (statement.account, statement.owner, statement.currency) == ("210004180200051332", "ACME", "EUR")
    assert (statement.opened_on, statement.closed_on, statement.difference) == (DAY, DAY, Decimal(0))
    part = statement.entries[0].transactions[0]
    assert (part.text, part.code, part.reference) == (PAPER.lines[0].text, "04-001", "000000000777")
    assert part.bank_reference == ""
    assert not part.returned


def test_norma43_knows_returns_and_two_references(tmp_path: Path) -> None:
    text = changed(changed(norma43(PAPER), 2, 23, "14"), 2, 65, "B76543214       ")
    part = first(tmp_path, changed(text, 2, 43, "0000012345"))
    assert (part.returned, part.references) == (True, ("000000000777", "B76543214"))
    assert part.bank_reference == "0000012345"


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "cp850"])
def test_norma43_in_old_encodings(encoding: str, tmp_path: Path) -> None:
    paper = Paper((Line(DAY, 100, "COMISIÓN año Señor Muñoz café", "1"),))
    statement = only(tmp_path / "bank.txt", norma43(paper).encode(encoding))
    assert statement.entries[0].transactions[0].text == paper.lines[0].text


def test_norma43_without_line_ends_and_without_padding(tmp_path: Path) -> None:
    whole = norma43(PAPER)
    expected = only(tmp_path / "bank.txt", whole)
    solid = only(tmp_path / "solid.txt", whole.replace("\r\n", ""))
    assert [e.amount for e in solid.entries] == [e.amount for e in expected.entries]
    assert only(tmp_path / "solid.txt", whole.replace("\r\n", "").rstrip()).difference == 0
    bare = "\n".join(row.rstrip() for row in whole.splitlines())
    assert only(tmp_path / "bank.txt", bare).entries == expected.entries


def test_norma43_finds_the_other_account_in_the_text(tmp_path: Path) -> None:
    other, ours = "ES7620770024003102575766", PAPER.account
    text = f"DE {other} A {ours}"
    assert first(tmp_path, norma43(Paper((Line(DAY, 100, text, "1"),)))).party_account == other


def test_norma43_with_an_invalid_sign_of_a_balance(tmp_path: Path) -> None:
    notices = NoticeBook()
    rows = norma43(PAPER).splitlines()
    statement = only(tmp_path / "bank.txt", changed(norma43(PAPER), len(rows) - 1, 59, "0"), notices)
    assert (statement.difference, codes(notices)) == (Decimal(0), ["bad_sign_key"])


@pytest.mark.parametrize(
    ("start", "by", "fault"), [(26, "9" * 14, "record_totals_differ"), (40, "00007", "record_count_differs")]
)
def test_norma43_held_when_its_own_sums_differ(start: int, by: str, fault: str, tmp_path: Path) -> None:
    rows = norma43(PAPER).splitlines()
    assert only(tmp_path / "bank.txt", changed(norma43(PAPER), len(rows) - 1, start, by)).fault == fault


def test_norma43_counts_its_records(tmp_path: Path) -> None:
    notices = NoticeBook()
    rows = norma43(PAPER).splitlines()
    assert (
        only(tmp_path / "bank.txt", changed(norma43(PAPER), len(rows), 21, "000099"), notices).difference == 0
    )
    assert codes(notices) == ["record_count_differs"]


def test_norma43_keeps_an_equivalent_and_a_zero_amount_apart(tmp_path: Path) -> None:
    paper = Paper((Line(DAY, 0, "NADA", "1"),))
    rows = norma43(paper).splitlines()
    rows.insert(3, "2401840" + "0" * 12 + "55")
    statement = only(tmp_path / "bank.txt", "\n".join(rows))
    assert [(entry.amount, entry.transactions[0].text) for entry in statement.entries] == [
        (Decimal(0), "NADA")
    ]


def test_norma43_refuses_with_line_and_column(tmp_path: Path) -> None:
    whole = norma43(PAPER)
    rows = whole.splitlines()
    error = refused(tmp_path, "\n".join(rows[:4]))
    assert (error.code, error.line) == ("cut_off", 4)
    error = refused(tmp_path, changed(whole, 2, 29, "00000000X01000"))
    assert (error.code, error.line, error.column) == ("bad_bank_amount", 2, 29)
    error = refused(tmp_path, changed(whole, 2, 28, "7"))
    assert (error.code, error.line, error.column) == ("bad_direction", 2, 28)
    error = refused(tmp_path, changed(whole, 2, 11, "261316"))
    assert (error.code, error.line, error.column) == ("bad_bank_date", 2, 11)
    assert refused(tmp_path, changed(whole, 1, 48, "999")).code == "bad_bank_currency"
    assert refused(tmp_path, whole[: whole.index("\r\n33") + 70]).code == "bad_bank_amount"
    assert refused(tmp_path, changed(whole, len(rows) - 1, 3, "9999")).code == "bad_record"
    assert refused(tmp_path, "\n".join([rows[0], *rows])).code == "bad_record"


def test_cfonb_gives_the_account_and_what_the_details_say(tmp_path: Path) -> None:
    details = {
        "NPY": "NORTE SARL",
        "NBE": "NOUS",
        "RCN": "INV-7" + " " * 30 + "PAIEMENT",
        "RUM": "MANDAT-7",
        "LCC": "FACTURE 2026-8",
        "CPY": "FR1420041010050500013M02606",
        "LCS": "RF18539007547034",
    }
    paper = Paper((Line(DAY, 10_000, "VIR SEPA RECU", "BANK-1"),))
    statement = only(tmp_path / "bank.txt", cfonb(paper, details=details))
    assert (statement.account, statement.currency) == ("20041010050500013M026", "EUR")
    part = statement.entries[0].transactions[0]
    assert (part.party_name, part.party_account) == ("NORTE SARL", "FR1420041010050500013M02606")
    assert (part.end_to_end_id, part.mandate_id, part.reference) == ("INV-7", "MANDAT-7", "RF18539007547034")
    assert (part.bank_reference, part.code) == ("BANK-1", "06")
    assert part.text == "VIR SEPA RECU FACTURE 2026-8 RF18539007547034"
    out = replace(paper, lines=(Line(DAY, -10_000, "VIR SEPA EMIS", "BANK-1"),))
    assert first(tmp_path, cfonb(out, details=details)).party_name == "NOUS"


def test_cfonb_decimals_signs_and_rejects(tmp_path: Path) -> None:
    text = cfonb(Paper((Line(DAY, -12_345, "IMPAYE", "1"),)))
    part = first(tmp_path, changed(text, 2, 41, "12"))
    assert (part.amount, part.returned, part.return_reason) == (Decimal("-123.45"), True, "12")
    assert first(tmp_path, changed(text, 2, 20, "3")).amount == Decimal("-12.345")
    assert first(tmp_path, changed(text, 2, 20, " ")).amount == Decimal("-123.45")
    assert first(tmp_path, changed(text, 2, 104, "è")).amount == Decimal("-123.40")


def test_cfonb_records_of_other_lengths(tmp_path: Path) -> None:
    notices = NoticeBook()
    rows = cfonb(PAPER).splitlines()
    loose = "\n".join([rows[0].rstrip(), rows[1] + "   ", "", *[row.rstrip() for row in rows[2:]], "", ""])
    assert only(tmp_path / "bank.txt", loose, notices).difference == 0
    assert codes(notices) == ["lines_not_120"]
    assert only(tmp_path / "solid.txt", "".join(rows).rstrip()).difference == 0


def test_cfonb_refuses_with_line_and_column(tmp_path: Path) -> None:
    whole = cfonb(PAPER)
    rows = whole.splitlines()
    error = refused(tmp_path, "\n".join(rows[:-1]))
    assert (error.code, error.line) == ("cut_off", len(rows) - 1)
    error = refused(tmp_path, changed(whole, 2, 91, "0000000000010?"))
    assert (error.code, error.line, error.column) == ("bad_bank_amount", 2, 91)
    assert refused(tmp_path, "\n".join([*rows[:-1], rows[-1][:100]])).code == "bad_bank_amount"
    error = refused(tmp_path, changed(whole, 2, 35, "321326"))
    assert (error.code, error.line, error.column) == ("bad_bank_date", 2, 35)
    assert refused(tmp_path, "\n".join([rows[0], *rows])).code == "bad_record"
    assert refused(tmp_path, changed(whole, 2, 22, "99999999999")).code == "bad_record"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("-1234,5", "-1234.5"),
        ("+12.34", "12.34"),
        ("1 234,56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1.234.567", "1234567"),
        ("0.125", "0.125"),
        (".5", "0.5"),
    ],
)
def test_ofx_amounts(text: str, amount: str, tmp_path: Path) -> None:
    paper = Paper((Line(DAY, 100, "A", "1"),))
    assert first(tmp_path, ofx(paper).replace("<TRNAMT>1.00", f"<TRNAMT>{text}")).amount == Decimal(amount)


@pytest.mark.parametrize("text", ["$120", "NaN", "1.234", "1,234", "12e5", "1.0.0", "9" * 20, "1.123456"])
def test_ofx_lists_an_entry_with_a_bad_amount_and_takes_the_rest(text: str, tmp_path: Path) -> None:
    statement = only(tmp_path / "bank.ofx", ofx(PAPER).replace("<TRNAMT>100.00", f"<TRNAMT>{text}"))
    (reject,) = statement.rejects
    assert (reject.code, reject.column, reject.line) == ("not_an_amount", "TRNAMT", 13)
    assert [entry.amount for entry in statement.entries] == [Decimal("-2.50")]


def test_ofx_in_a_currency_with_three_decimals(tmp_path: Path) -> None:
    text = ofx(replace(PAPER, currency="TND")).replace("<TRNAMT>100.00", "<TRNAMT>1.234")
    assert first(tmp_path, text).amount == Decimal("1.234")


def test_ofx_lists_an_entry_with_a_bad_day(tmp_path: Path) -> None:
    statement = only(tmp_path / "bank.ofx", ofx(PAPER).replace("<DTPOSTED>20260316", "<DTPOSTED>20261316", 1))
    assert [(reject.code, reject.column) for reject in statement.rejects] == [("not_a_date", "DTPOSTED")]
    assert len(statement.entries) == 1


def test_ofx_lists_an_entry_without_amount_or_day(tmp_path: Path) -> None:
    statement = only(tmp_path / "bank.ofx", ofx(PAPER).replace("<TRNAMT>100.00", "<TRNAMT>"))
    assert [(reject.code, reject.column) for reject in statement.rejects] == [("missing", "TRNAMT")]
    statement = only(tmp_path / "bank.ofx", ofx(PAPER).replace("<DTPOSTED>20260316120000.000[-5:EST]", "", 1))
    assert [(reject.code, reject.column) for reject in statement.rejects] == [("missing", "DTPOSTED")]


@pytest.mark.parametrize(("text", "told"), [("", []), ("N/A", ["balance_unreadable"])])
def test_ofx_without_a_balance(text: str, told: list[str], tmp_path: Path) -> None:
    notices = NoticeBook()
    statement = only(tmp_path / "bank.ofx", ofx(PAPER).replace("<BALAMT>1097.50", f"<BALAMT>{text}"), notices)
    assert (statement.closing, len(statement.entries), codes(notices)) == (None, 2, told)


def test_ofx_days_with_and_without_time_and_zone(tmp_path: Path) -> None:
    for way in ("20260316", "20260316233000", "20260316233000.000[-11:XXX]", "202603162330"):
        text = ofx(PAPER).replace("20260316120000.000[-5:EST]", way)
        assert only(tmp_path / "bank.ofx", text).entries[0].booked_on == DAY


def test_ofx_names_memos_entities_and_raw_text(tmp_path: Path) -> None:
    said = "<PAYEE><NAME>Norte &amp; Sur</PAYEE><MEMO><![CDATA[7 < 8]]>"
    said += "<BANKACCTTO><ACCTID>NL91ABNA0417164300</BANKACCTTO>"
    text = ofx(PAPER).replace(f"<MEMO>{PAPER.lines[0].text}", said)
    part = first(tmp_path, text)
    assert (part.party_name, part.party_account, part.text) == (
        "Norte & Sur",
        "NL91ABNA0417164300",
        "Norte & Sur 7 < 8",
    )


def test_ofx_credit_cards_and_french_accounts(tmp_path: Path) -> None:
    card = ofx(PAPER).replace("BANKACCTFROM", "CCACCTFROM").replace("STMTRS", "CCSTMTRS")
    assert only(tmp_path / "bank.ofx", card.replace(PAPER.account, "4111 1111")).account == "41111111"
    parts = "<BANKID>20041<BRANCHID>01005<ACCTID>0500013M026"
    french = only(tmp_path / "bank.ofx", ofx(PAPER).replace(f"<ACCTID>{PAPER.account}", parts))
    assert french.account == "20041010050500013M026"


def test_ofx_in_another_currency_is_a_fault(tmp_path: Path) -> None:
    text = ofx(PAPER).replace("</STMTTRN>", "<CURRENCY><CURRATE>1.1<CURSYM>USD</CURRENCY></STMTTRN>", 1)
    assert only(tmp_path / "bank.ofx", text).fault == "entry_other_currency"


def test_ofx_refused(tmp_path: Path) -> None:
    whole = ofx(PAPER)
    assert refused(tmp_path, whole[:-8]).code == "cut_off"
    assert refused(tmp_path, whole.replace("STMTRS>", "INVSTMTRS>")).code == "investments"
    failed = (
        "OFXHEADER:100\n\n<OFX><SONRS><STATUS><CODE>15500<SEVERITY>ERROR<MESSAGE>No</STATUS></SONRS></OFX>"
    )
    error = refused(tmp_path, failed)
    assert (error.code, error.params) == ("ofx_failed", {"detail": "15500 No"})
    assert refused(tmp_path, "OFXHEADER:100\n\n<OFX></OFX>").code == "no_statement"
    assert refused(tmp_path, whole.replace("<CURDEF>EUR", "")).code == "bad_bank_currency"
    assert refused(tmp_path, whole.replace(f"<ACCTID>{PAPER.account}", "")).code == "no_account"
