"""Reads the French life-cycle message (CDAR): UN/CEFACT CrossDomainAcknowledgementAndResponse D22B and D23B.

A message speaks of one or several documents; each has a status (200 to 228, 501) and may give several reasons, each
with its own note, wish, and amounts: MNA is what is not approved, MAP what is (ending in TTC: tax included).
"""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from lxml import etree

from ledger.answers.messages import (
    ACTIONS,
    APPROVED,
    DISPUTED,
    MAX_REASONS,
    MAX_TEXT,
    Answered,
    Message,
    Saying,
    sums,
    together,
)
from ledger.choices import AnswerStandard
from ledger.intake.documents import BadCell, NoticeBook, Party, Reject, Unreadable
from ledger.intake.xml_fields import all_at, decimal_of, first_at, line_of, text_at, words_of
from ledger.intake.xml_safe import local_name, parse_xml

REASONS = "CDAR"
CREDIT_NOTES = {"381", "396", "261", "262", "502", "503"}
DATES = ("DateTimeString", "DateTime")
MOMENT = re.compile(r"(\d{4}-?\d{2}-?\d{2})(?:\d{2,6}|T.*)?", re.ASCII)
MOST_DOCUMENTS = 10_000


def read_cdar(path: Path, notices: NoticeBook) -> Message:
    """The message. Raises Unreadable; what it says about single documents may be among its rejects."""
    root = parse_xml(path)
    head = first_at(root, "ExchangedDocument|HeaderExchangedDocument")
    if local_name(root) != "CrossDomainAcknowledgementAndResponse":
        raise Unreadable("not_an_answer", line_of(root), root=local_name(root))
    message = Message(
        standard=AnswerStandard.CDAR,
        id=text_at(head, "ID"),
        sender=_identity(head, "IssuerTradeParty") or _identity(head, "SenderTradeParty"),
        receiver=_receiver(head),
    )
    sent_on = _date(first_at(head, "IssueDateTime"), notices)
    papers = all_at(root, "AcknowledgementDocument")
    pairs = [(paper, one) for paper in papers for one in all_at(paper, "ReferenceReferencedDocument")]
    if not pairs:
        raise Unreadable("answer_without_document", line_of(root))
    for position, (paper, document) in enumerate(pairs[:MOST_DOCUMENTS], start=1):
        answered = _read_document(paper, document, position, message, notices)
        if answered is not None:
            effective = answered.effective_on or _date(first_at(paper, "IssueDateTime"), notices) or sent_on
            message.answers.append(replace(answered, effective_on=effective))
    return message


def _identity(head: etree._Element | None, party: str) -> str:
    node = first_at(head, party)
    if node is None:
        return ""
    named = first_at(node, "GlobalID", "ID", "URIUniversalCommunication/URIID")
    scheme = named.get("schemeID", "") if named is not None else ""
    text = words_of(named) or text_at(node, "Name")
    return (f"{scheme}:{text}" if scheme and text else text)[:200]


def _receiver(head: etree._Element | None) -> Party:
    """The recipient who is the seller (role SE), else the first one."""
    parties = all_at(head, "RecipientTradeParty") if head is not None else []
    node = next((one for one in parties if text_at(one, "RoleCode") == "SE"), parties[0] if parties else None)
    tax_id = text_at(node, "SpecifiedTaxRegistration/ID", "SpecifiedLegalOrganization/ID", "GlobalID", "ID")
    return Party(name=text_at(node, "Name")[:200], tax_id=tax_id[:120])


def _date(node: etree._Element | None, notices: NoticeBook) -> date | None:
    """The day of a date-time (20260311, 202603111015, 20260311101500, ISO); a word when it cannot be read."""
    written = first_at(node, *DATES) if node is not None else None
    if node is None or written is None:
        return None
    found = MOMENT.fullmatch((written.text or "").strip())
    try:
        return date.fromisoformat(found[1] if found else "")
    except ValueError:
        notices.add("answer_date_unread", line_of(node))
        return None


def _read_document(
    paper: etree._Element, node: etree._Element, position: int, message: Message, notices: NoticeBook
) -> Answered | None:
    statuses = all_at(node, "SpecifiedDocumentStatus")
    number = text_at(node, "IssuerAssignedID", "ID")[:80]
    status = text_at(node, "ProcessConditionCode") or next(
        (found for one in statuses if (found := text_at(one, "ProcessConditionCode", "ConditionCode"))), ""
    )
    status = status or text_at(node, "StatusCode") or text_at(paper, "ProcessConditionCode", "StatusCode")
    line = line_of(node)
    if not number or not status:
        code = "answer_names_no_invoice" if not number else "answer_without_status"
        message.rejects.append(Reject(line, code, raw=(number, status)))
        return None
    sayings = [saying for one in statuses for saying in _sayings(one, notices)][:MAX_REASONS]
    disputed, approved, currency = sums(sayings)
    effective = next((_date(first_at(one, "ReferenceDateTime"), notices) for one in statuses), None)
    return Answered(
        line=line,
        position=position,
        number=number,
        status=status[:20].upper(),
        issued_on=_date(first_at(node, "FormattedIssueDateTime", "IssueDateTime"), notices),
        is_credit=text_at(node, "TypeCode") in CREDIT_NOTES,
        effective_on=effective,
        text=together(*(words_of(one) for one in _notes(node, paper))),
        sayings=tuple(sayings),
        disputed=disputed,
        approved=approved,
        currency=currency,
    )


def _notes(node: etree._Element, paper: etree._Element) -> list[etree._Element]:
    return [
        *all_at(node, "IncludedNote/Content|ContentText"),
        *all_at(paper, "IncludedNote/Content|ContentText"),
    ]


def _sayings(status: etree._Element, notices: NoticeBook) -> list[Saying]:
    """A reason with its amount, and what we are asked to do, if anything."""
    notes = [words_of(one) for one in all_at(status, "IncludedNote/Content|ContentText")]
    words = [words_of(one) for one in all_at(status, "Reason|ReasonInformation")]
    values, amount, currency, means = _characteristics(status, notices)
    reason = Saying(
        code=text_at(status, "ReasonCode")[:40].upper(),
        scheme=REASONS,
        text=together(*words, *notes),
        amount=amount,
        currency=currency,
        means=means,
        values=tuple(values),
    )
    wish = text_at(status, "RequestedActionCode")[:40].upper()
    wished = text_at(status, "RequestedAction")[:MAX_TEXT]
    found = [reason, Saying(code=wish, scheme=ACTIONS, text=wished)]
    return [one for one in found if one.code or one.text or one.values or one.amount is not None]


def _characteristics(
    status: etree._Element, notices: NoticeBook
) -> tuple[list[tuple[str, str]], Decimal | None, str, str]:
    """Fields with the value they should have; the amount that the reason is about, its currency and meaning."""
    values: list[tuple[str, str]] = []
    named: dict[str, tuple[Decimal, str, str]] = {}
    for node in all_at(status, "SpecifiedDocumentCharacteristic"):
        kind, field = text_at(node, "TypeCode").upper(), text_at(node, "ID")
        amount = first_at(node, "ValueAmount")
        if field or amount is None or (kind and not kind.startswith(("MNA", "MAP"))):
            value = text_at(node, "Value", "ValueAmount", "ValuePercent", "ValueText", "Description")
            values.append(((field or kind)[:80], value[:500]))
            continue
        try:
            found = decimal_of(amount)
        except BadCell:
            notices.add("answer_amount_unread", line_of(node))
            continue
        if 0 <= found < 10**12:
            means = APPROVED if kind.startswith("MAP") else DISPUTED
            currency = (amount.get("currencyID") or "")[:3].upper()
            named[means + (" TTC" if kind.endswith("TTC") else "")] = found, currency, means
    # What is not approved says more than what is, and with tax more than without.
    for key in (f"{DISPUTED} TTC", DISPUTED, f"{APPROVED} TTC", APPROVED):
        if key in named:
            return values, *named[key]
    return values, None, "", ""
