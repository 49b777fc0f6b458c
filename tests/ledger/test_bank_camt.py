"""CAMT.052, .053 and .054: versions, balances, batch entries in parts, references, returns, and what is refused."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.bank.statements import Entry, ReferredDocument, Transaction
from ledger.intake.documents import NoticeBook, Unreadable
from tests.ledger.bank_papers import (
    Line,
    Paper,
    camt,
    camt_balance,
    camt_document,
    camt_entry,
    codes,
    only,
    refusal,
)

DAY = date(2026, 3, 16)
PAPER = Paper((Line(DAY, 10_000, "INVOICE 7", "E2E-7"),))


def entry_of(
    tmp_path: Path, details: str, *, cents: int = 10_000, around: str = "", notices: NoticeBook | None = None
) -> Entry:
    """The entry of a statement with these details."""
    text = camt_entry(Line(DAY, cents), PAPER, details)
    document = camt_document(text.replace("<NtryDtls>", f"{around}<NtryDtls>"))
    return only(tmp_path / "camt.xml", document, notices).entries[0]


def part_of(tmp_path: Path, inner: str, *, cents: int = 10_000, around: str = "") -> Transaction:
    (part,) = entry_of(tmp_path, f"<TxDtls>{inner}</TxDtls>", cents=cents, around=around).transactions
    return part


def refused(tmp_path: Path, content: str | bytes) -> Unreadable:
    return refusal(tmp_path / "camt.xml", content)


@pytest.mark.parametrize("family", ["052", "053", "054"])
@pytest.mark.parametrize("version", range(1, 14))
def test_every_version_is_read(family: str, version: int, tmp_path: Path) -> None:
    name = f"camt.{family}.001.{version:02d}"
    status = "<Sts><Cd>BOOK</Cd></Sts>" if version > 7 else "<Sts>BOOK</Sts>"
    text = camt_document(camt_entry(PAPER.lines[0], PAPER, status=status), version=name)
    if version == 1:
        text = re.sub(r"(?<=[</])(BkToCstmr[A-Za-z]+)", r"\1V01", text)
    (entry,) = only(tmp_path / "camt.xml", text).entries
    assert (entry.amount, entry.booked_on, entry.pending) == (Decimal(100), DAY, False)
    assert entry.transactions[0].end_to_end_id == "E2E-7"


def test_a_namespace_is_not_needed_and_a_prefix_does_no_harm(tmp_path: Path) -> None:
    bare = camt_document(camt_entry(PAPER.lines[0], PAPER), name="bare")
    prefixed = re.sub(r"<(/?)([A-Z])", r"<\1n:\2", camt(PAPER)).replace("xmlns=", "xmlns:n=")
    assert "<n:Document" in prefixed
    assert (
        only(tmp_path / "a", bare).entries[0].transactions
        == only(tmp_path / "b", prefixed).entries[0].transactions
    )


def test_the_account_its_owner_and_the_period(tmp_path: Path) -> None:
    period = "<FrToDt><FrDtTm>2026-03-01T00:00:00</FrDtTm><ToDtTm>2026-03-16T23:59:59Z</ToDtTm></FrToDt>"
    statement = only(
        tmp_path / "camt.xml", camt_document("", extra=f"<ElctrncSeqNb>12</ElctrncSeqNb>{period}")
    )
    assert (statement.account, statement.owner, statement.number, statement.sequence) == (
        "ES9121000418450200051332",
        "ACME",
        "S-1",
        "12",
    )
    assert (statement.opened_on, statement.closed_on) == (date(2026, 3, 1), DAY)
    assert (statement.currency, statement.opening, statement.closing) == ("", None, None)


def balances(
    tmp_path: Path, *given_: tuple[str, int, str], version: str = "camt.053.001.02"
) -> tuple[object, object]:
    body = "".join(camt_balance(code, cents, PAPER).replace(str(DAY), day) for code, cents, day in given_)
    statement = only(tmp_path / "camt.xml", camt_document(body, version=version))
    return statement.opening, statement.closing


def test_the_opening_balance_is_the_first_and_the_closing_the_last(tmp_path: Path) -> None:
    assert balances(
        tmp_path,
        ("OPBD", 100, "2026-03-02"),
        ("OPBD", 50, "2026-03-01"),
        ("CLBD", 9, "2026-03-01"),
        ("CLBD", -7, "2026-03-02"),
    ) == (
        Decimal("0.5"),
        Decimal("-0.07"),
    )
    assert balances(
        tmp_path, ("PRCD", 100, "2026-03-01"), ("CLAV", 5, "2026-03-02"), ("CLBD", 7, "2026-03-02")
    ) == (
        Decimal(1),
        Decimal("0.07"),
    )


def test_interim_balances_are_the_ends_only_when_both_are_given(tmp_path: Path) -> None:
    one, two = ("ITBD", 100, "2026-03-16"), ("ITBD", 300, "2026-03-16")
    assert balances(tmp_path, one, version="camt.052.001.06") == (None, None)
    assert balances(tmp_path, ("OPBD", 1, "2026-03-16"), one, version="camt.052.001.06") == (
        Decimal("0.01"),
        None,
    )
    assert balances(tmp_path, one, two, version="camt.052.001.06") == (Decimal(1), Decimal(3))


def test_balances_in_two_currencies_are_a_fault(tmp_path: Path) -> None:
    body = camt_balance("OPBD", 1, PAPER) + camt_balance("CLBD", 1, PAPER).replace("EUR", "SEK")
    statement = only(tmp_path / "camt.xml", camt_document(body))
    assert (statement.fault, statement.params) == ("balances_in_currencies", {"found": "EUR, SEK"})


def test_an_entry_in_another_currency_is_a_fault(tmp_path: Path) -> None:
    text = camt(PAPER).replace('<Ntry><Amt Ccy="EUR">', '<Ntry><Amt Ccy="USD">')
    statement = only(tmp_path / "camt.xml", text)
    assert (statement.fault, statement.params["found"]) == ("entry_other_currency", "USD")


@pytest.mark.parametrize(("credits", "fault"), [("100.00", ""), ("99.00", "record_totals_differ")])
def test_the_banks_own_sums_must_be_the_sums(credits: str, fault: str, tmp_path: Path) -> None:
    summary = (
        f"<TxsSummry><TtlCdtNtries><Sum>{credits}</Sum></TtlCdtNtries>"
        "<TtlDbtNtries><Sum>0</Sum></TtlDbtNtries></TxsSummry>"
    )
    body = summary + camt_entry(PAPER.lines[0], PAPER)
    assert only(tmp_path / "camt.xml", camt_document(body)).fault == fault


def test_sums_that_count_a_reversal_on_the_other_side_do_no_harm(tmp_path: Path) -> None:
    summary = (
        "<TxsSummry><TtlCdtNtries><Sum>60.00</Sum></TtlCdtNtries>"
        "<TtlDbtNtries><Sum>0</Sum></TtlDbtNtries></TxsSummry>"
    )
    body = summary + camt_entry(PAPER.lines[0], PAPER) + camt_entry(Line(DAY, -4_000), PAPER)
    statement = only(tmp_path / "camt.xml", camt_document(body))
    assert (statement.fault, statement.declared_credits) == ("", None)


def test_pages_of_one_statement_are_one(tmp_path: Path) -> None:
    def page(number: int, last: str, body: str) -> str:
        paging = f"<StmtPgntn><PgNb>{number}</PgNb><LastPgInd>{last}</LastPgInd></StmtPgntn>"
        return camt_document(body, extra=paging)

    first = page(1, "false", camt_balance("OPBD", 100, PAPER) + camt_entry(Line(DAY, 50), PAPER))
    second = page(2, "true", camt_entry(Line(DAY, 70), PAPER) + camt_balance("CLBD", 220, PAPER))
    inner = re.search(r"<Stmt>.*</Stmt>", second, re.S)
    assert inner
    together = first.replace("</Stmt></BkToCstmrStmt>", "</Stmt>" + inner[0] + "</BkToCstmrStmt>")
    statement = only(tmp_path / "camt.xml", together)
    assert (len(statement.entries), statement.difference) == (2, Decimal(0))


@pytest.mark.parametrize("status", ["PDNG", "INFO", "FUTR"])
def test_what_is_not_booked_is_pending(status: str, tmp_path: Path) -> None:
    text = camt(PAPER).replace("BOOK", status)
    statement = only(tmp_path / "camt.xml", text)
    assert (statement.entries[0].pending, statement.credits) == (True, Decimal(0))


def test_five_decimals_stay(tmp_path: Path) -> None:
    text = camt(PAPER).replace(">100.00<", ">100.00005<")
    assert only(tmp_path / "camt.xml", text).entries[0].amount == Decimal("100.00005")


def test_dates_may_have_times_and_zones(tmp_path: Path) -> None:
    text = camt(PAPER).replace(f"<BookgDt><Dt>{DAY}</Dt>", f"<BookgDt><DtTm>{DAY}T23:30:00.000+02:00</DtTm>")
    text = text.replace("</BookgDt>", "</BookgDt><ValDt><Dt>2026-03-17Z</Dt></ValDt>")
    (entry,) = only(tmp_path / "camt.xml", text).entries
    assert (entry.booked_on, entry.value_on) == (DAY, date(2026, 3, 17))


def test_an_entry_without_a_day_has_the_statements(tmp_path: Path) -> None:
    notices = NoticeBook()
    text = camt(PAPER).replace(f"<BookgDt><Dt>{DAY}</Dt></BookgDt>", "")
    assert only(tmp_path / "camt.xml", text, notices).entries[0].booked_on == DAY
    assert codes(notices) == ["entry_without_date"]


def test_everything_that_a_payment_says(tmp_path: Path) -> None:
    part = part_of(
        tmp_path,
        "<Refs><AcctSvcrRef>B-1</AcctSvcrRef><InstrId>I-1</InstrId><EndToEndId>NOTPROVIDED</EndToEndId>"
        "<MndtId>M-1</MndtId></Refs><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly>"
        "</Domn></BkTxCd><Chrgs><Rcrd><Amt Ccy='EUR'>1.50</Amt></Rcrd><Rcrd><Amt Ccy='EUR'>0.5</Amt></Rcrd></Chrgs>"
        "<RltdPties><Dbtr><Pty><Nm>Norte  SL</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>FR14 2004 1010 0505 0001 3M02 606"
        "</IBAN></Id></DbtrAcct><UltmtDbtr><Nm>Sur SA</Nm></UltmtDbtr><Cdtr><Nm>ACME</Nm></Cdtr></RltdPties>"
        "<RmtInf><Ustrd>INVOICES</Ustrd><Ustrd>7 AND 8</Ustrd><Strd><RfrdDocInf><Nb>7</Nb><RltdDt>2026-02-01</RltdDt>"
        "</RfrdDocInf><RfrdDocAmt><RmtdAmt Ccy='EUR'>60</RmtdAmt></RfrdDocAmt><CdtrRefInf><Ref>RF18539007547034</Ref>"
        "</CdtrRefInf></Strd><Strd><RfrdDocInf><Tp><CdOrPrtry><Cd>CREN</Cd></CdOrPrtry></Tp><Nb>8</Nb></RfrdDocInf>"
        "<RfrdDocAmt><CdtNoteAmt Ccy='EUR'>5</CdtNoteAmt></RfrdDocAmt><CdtrRefInf><Ref>RF2</Ref></CdtrRefInf>"
        "<AddtlRmtInf>THANKS</AddtlRmtInf></Strd></RmtInf>",
    )
    assert (part.bank_reference, part.instruction_id, part.end_to_end_id, part.mandate_id) == (
        "B-1",
        "I-1",
        "",
        "M-1",
    )
    assert (part.party_name, part.party_account, part.ultimate_name) == (
        "Norte SL",
        "FR1420041010050500013M02606",
        "Sur SA",
    )
    assert (part.reference, part.references) == ("RF18539007547034", ("RF18539007547034", "RF2"))
    assert part.text == "INVOICES 7 AND 8 THANKS RF2"
    assert part.documents == (
        ReferredDocument("7", Decimal(60), date(2026, 2, 1)),
        ReferredDocument("8", Decimal(-5), None),
    )
    assert (part.charges, part.code, part.returned) == (Decimal(2), "PMNT-RCDT-ESCT", False)


def test_a_returned_collection_names_its_reason_and_the_payer(tmp_path: Path) -> None:
    part = part_of(
        tmp_path,
        "<Refs><EndToEndId>INV-7</EndToEndId></Refs><RltdPties><Dbtr><Nm>Norte SL</Nm></Dbtr><Cdtr><Nm>Acme</Nm></Cdtr>"
        "<CdtrAcct><Id><IBAN>ES9121000418450200051332</IBAN></Id></CdtrAcct></RltdPties>"
        "<RtrInf><Rsn><Cd>AM04</Cd></Rsn><AddtlInf>Insufficient funds</AddtlInf></RtrInf>",
        cents=-10_000,
    )
    assert (part.amount, part.returned, part.return_reason) == (Decimal(-100), True, "AM04")
    assert (part.party_name, part.end_to_end_id, part.text) == ("Norte SL", "INV-7", "Insufficient funds")


def test_we_are_never_the_other_party(tmp_path: Path) -> None:
    part = part_of(tmp_path, "<RltdPties><Cdtr><Nm>Acme Holding</Nm></Cdtr></RltdPties>")
    assert (part.party_name, part.party_account) == ("", "")
    anew = "<RltdPties><Cdtr><Nm>Norte</Nm></Cdtr></RltdPties><RtrInf><Rsn><Cd>MD01</Cd></Rsn></RtrInf>"
    assert part_of(tmp_path, anew, cents=-10_000).party_name == "Norte"


@pytest.mark.parametrize(
    "around",
    [
        "<RvslInd>true</RvslInd>",
        "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>IDDT</Cd><SubFmlyCd>UPDD</SubFmlyCd></Fmly></Domn></BkTxCd>",
        "<BkTxCd><Prtry><Cd>NRTI+109+931</Cd></Prtry></BkTxCd>",
    ],
)
def test_a_reversal_goes_the_way_the_entry_says(around: str, tmp_path: Path) -> None:
    part = part_of(tmp_path, "", cents=-10_000, around=around)
    assert (part.amount, part.returned) == (Decimal(-100), True)


def test_an_entry_without_details_has_its_own_text(tmp_path: Path) -> None:
    text = re.sub(r"<NtryDtls>.*</NtryDtls>", "<AddtlNtryInf>INTEREST</AddtlNtryInf>", camt(PAPER))
    (part,) = only(tmp_path / "camt.xml", text).entries[0].transactions
    assert (part.text, part.amount) == ("INTEREST", Decimal(100))


def detail(amount: str = "", *, way: str = "", text: str = "", deep: str = "", currency: str = "EUR") -> str:
    own = f'<Amt Ccy="{currency}">{amount}</Amt>' if amount and not deep else ""
    inner = f'<AmtDtls><{deep}><Amt Ccy="{currency}">{amount}</Amt></{deep}></AmtDtls>' if deep else ""
    mark = f"<CdtDbtInd>{way}</CdtDbtInd>" if way else ""
    return f"<TxDtls>{own}{mark}{inner}<RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>"


def shared(
    tmp_path: Path, *details: str, cents: int = 10_000, around: str = ""
) -> tuple[list[tuple[str, str]], list[str]]:
    """How the entry was shared out: amounts with texts, and the codes of the notices."""
    notices = NoticeBook()
    entry = entry_of(tmp_path, "".join(details), cents=cents, around=around, notices=notices)
    assert sum((part.amount for part in entry.transactions), Decimal(0)) == entry.amount
    return [(str(part.amount), part.text) for part in entry.transactions], codes(notices)


@pytest.mark.parametrize("deep", ["", "TxAmt", "InstdAmt", "CntrValAmt"])
def test_a_batch_is_split_by_the_amounts_of_its_parts(deep: str, tmp_path: Path) -> None:
    parts = detail("60.00", text="A", deep=deep), detail("40.00", text="B", deep=deep)
    assert shared(tmp_path, *parts) == ([("60.00", "A"), ("40.00", "B")], [])


def test_parts_may_go_both_ways(tmp_path: Path) -> None:
    parts = detail("110.00", way="CRDT", text="A"), detail("10.00", way="DBIT", text="B")
    assert shared(tmp_path, *parts) == ([("110.00", "A"), ("-10.00", "B")], [])


def test_parts_whose_direction_contradicts_the_sum_follow_the_entry(tmp_path: Path) -> None:
    parts = detail("60.00", way="DBIT", text="A"), detail("40.00", way="DBIT", text="B")
    assert shared(tmp_path, *parts) == ([("60.00", "A"), ("40.00", "B")], [])


def test_the_one_part_without_amount_has_the_rest(tmp_path: Path) -> None:
    assert shared(tmp_path, detail("60.00", text="A"), detail(text="B")) == (
        [("60.00", "A"), ("40.00", "B")],
        [],
    )


def test_parts_without_amounts_are_one_payment_with_all_they_say(tmp_path: Path) -> None:
    assert shared(tmp_path, detail(text="A"), detail(text="B")) == (
        [("100.00", "A B")],
        ["parts_without_amounts"],
    )
    foreign = detail("9", currency="USD", text="A"), detail("8", currency="USD", text="B")
    assert shared(tmp_path, *foreign) == ([("100.00", "A B")], ["parts_without_amounts"])


def test_what_the_parts_leave_over_is_a_payment_of_its_own(tmp_path: Path) -> None:
    listed, told = shared(tmp_path, detail("60.00", text="A"), detail("30.00", text="B"))
    assert ([amount for amount, _ in listed], told) == (["60.00", "30.00", "10.00"], ["parts_differ"])
    count = "<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch></NtryDtls>"
    listed, told = shared(tmp_path, detail("60.00", text="A"), around=count)
    assert ([amount for amount, _ in listed], told) == (["60.00", "40.00"], ["parts_differ"])


def test_parts_that_are_more_than_the_entry_are_not_believed(tmp_path: Path) -> None:
    listed, told = shared(tmp_path, detail("60.00", text="A"), detail("90.00", text="B"))
    assert (listed, told) == ([("100.00", "A B")], ["parts_differ"])


def test_charges_explain_a_difference(tmp_path: Path) -> None:
    charges = "<Chrgs><TtlChrgsAndTaxAmt Ccy='EUR'>2.00</TtlChrgsAndTaxAmt></Chrgs>"
    listed, told = shared(tmp_path, detail("60.00", text="A"), detail("42.00", text="B"), around=charges)
    assert ([amount for amount, _ in listed], told) == (["60.00", "42.00", "-2.00"], [])


def test_a_single_payment_is_what_arrived(tmp_path: Path) -> None:
    assert shared(tmp_path, detail("103.00", text="A", deep="InstdAmt")) == ([("100.00", "A")], [])


amounts = st.one_of(st.none(), st.integers(0, 20_000))


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    cents=st.integers(-20_000, 20_000),
    parts=st.lists(st.tuples(amounts, st.sampled_from(["", "CRDT", "DBIT"])), max_size=5),
    count=st.integers(0, 6),
)
def test_parts_always_add_up_to_the_entry(
    cents: int, parts: list[tuple[int | None, str]], count: int, tmp_path: Path
) -> None:
    details = [
        detail("" if own is None else f"{own / 100:.2f}", way=way, text=f"T{n}")
        for n, (own, way) in enumerate(parts)
    ]
    around = f"<NtryDtls><Btch><NbOfTxs>{count}</NbOfTxs></Btch></NtryDtls>"
    listed, _ = shared(tmp_path, *details, cents=cents, around=around)
    said = " ".join(text for _, text in listed)
    assert all(f"T{number}" in said for number in range(len(parts)))


def test_what_is_refused(tmp_path: Path) -> None:
    whole = camt(PAPER)
    assert refused(tmp_path, whole[:-40]).code == "broken_xml"
    assert refused(tmp_path, re.sub("<Stmt>.*</Stmt>", "", whole, flags=re.S)).code == "no_statement"
    error = refused(tmp_path, whole.replace(">100.00<", ">1.0.0<"))
    assert (error.code, error.line > 3) == ("bad_bank_amount", True)
    assert refused(tmp_path, whole.replace(">100.00<", ">-100.00<")).code == "bad_bank_amount"
    for text in ("NaN", "1_000", "1e3", "٣", "1,00", "9" * 16, "1.123456"):
        assert refused(tmp_path, whole.replace(">100.00<", f">{text}<")).code == "bad_bank_amount"
    assert refused(tmp_path, whole.replace('"EUR">100', '"EURO">100')).code == "bad_bank_currency"
    assert (
        refused(tmp_path, whole.replace("<CdtDbtInd>CRDT</CdtDbtInd><Sts>", "<Sts>")).code == "bad_direction"
    )
    assert (
        refused(tmp_path, whole.replace(f"<BookgDt><Dt>{DAY}", "<BookgDt><Dt>2026-02-30")).code
        == "bad_bank_date"
    )
    assert refused(tmp_path, whole.replace("ES9121000418450200051332", "")).code == "no_account"


def test_a_document_type_and_endless_depth_are_refused(tmp_path: Path) -> None:
    bomb = camt(PAPER).replace(
        "<Document", '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>\n<Document', 1
    )
    assert refused(tmp_path, bomb.replace("ACME", "&b;")).code == "xml_doctype"
    deep = camt_document("<A>" * 80 + "</A>" * 80)
    assert refused(tmp_path, deep).code == "xml_too_deep"


def test_a_payment_order_is_named(tmp_path: Path) -> None:
    order = '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn/></Document>'
    error = refused(tmp_path, order)
    assert (error.code, error.params) == ("not_this_message", {"found": "pain.001.001.09"})
