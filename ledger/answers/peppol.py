"""Reads UBL 2.1 application responses: the Peppol Invoice Response, and the message level response told apart.

The Invoice Response (BIS Billing's process, transaction T111) says what the customer does with the invoice; the message
level response (T71, and its successor MLS) only whether the file could be read. Also inside a StandardBusinessDocument.
"""

from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from lxml import etree

from ledger.answers.messages import (
    ACTIONS,
    APPROVED,
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
from ledger.intake.xml_fields import NUMBER, all_at, date_at, line_of, text_at, words_of
from ledger.intake.xml_safe import local_name, parse_xml

CREDIT_NOTES = {"381", "396", "261", "262", "81", "83", "532"}
# Fields of the invoice whose right value is the amount that the customer will pay.
PAYABLE = {"BT-112", "BT-115"}


def read_peppol(path: Path, notices: NoticeBook) -> Message:
    """The message. Raises Unreadable; what it says about single documents may be among its rejects."""
    root = parse_xml(path)
    found = root if local_name(root) == "ApplicationResponse" else _wrapped(root)
    if found is None:
        raise Unreadable("not_an_answer", line_of(root), root=local_name(root))
    sender, receiver = _party(found, "SenderParty"), _party(found, "ReceiverParty")
    message = Message(
        standard=_standard(found),
        id=text_at(found, "ID", "UUID"),
        sender=sender.endpoint or sender.tax_id or sender.name,
        receiver=receiver,
    )
    responses = all_at(found, "DocumentResponse")
    if not responses:
        raise Unreadable("answer_without_document", line_of(found))
    for position, response in enumerate(responses, start=1):
        _read_response(found, response, position, message, notices)
    return message


def _wrapped(root: etree._Element) -> etree._Element | None:
    return next((child for child in root if local_name(child) == "ApplicationResponse"), None)


def _standard(root: etree._Element) -> str:
    """An Invoice Response unless it says that it is a message level one, or speaks of lines of the file."""
    kind = f"{text_at(root, 'CustomizationID')} {text_at(root, 'ProfileID')}".lower()
    if ":mlr" in kind or ":mls" in kind or "/mlr" in kind:
        return AnswerStandard.MLR
    return AnswerStandard.PEPPOL


def _party(root: etree._Element, name: str) -> Party:
    node = next(iter(all_at(root, name)), None)
    if node is None:
        return Party()
    endpoint = next(iter(all_at(node, "EndpointID")), None)
    scheme = endpoint.get("schemeID", "") if endpoint is not None else ""
    address = words_of(endpoint)
    return Party(
        name=text_at(node, "PartyLegalEntity/RegistrationName", "PartyName/Name")[:200],
        tax_id=text_at(
            node, "PartyTaxScheme/CompanyID", "PartyLegalEntity/CompanyID", "PartyIdentification/ID"
        )[:120],
        endpoint=(f"{scheme}:{address}" if scheme else address)[:120],
    )


def _read_response(
    root: etree._Element, node: etree._Element, position: int, message: Message, notices: NoticeBook
) -> None:
    line = line_of(node)
    reference = next(iter(all_at(node, "DocumentReference")), None)
    number, status = text_at(reference, "ID")[:80], text_at(node, "Response/ResponseCode").upper()
    if not number or not status:
        code = "answer_names_no_invoice" if not number else "answer_without_status"
        message.rejects.append(Reject(line, code, raw=(number, status)))
        return
    sayings = _sayings(node)
    disputed, approved, currency = sums(sayings)
    message.answers.append(
        Answered(
            line=line,
            position=position,
            number=number,
            status=status[:20],
            issued_on=_date(reference, notices, line, "IssueDate"),
            is_credit=text_at(reference, "DocumentTypeCode") in CREDIT_NOTES,
            effective_on=_date(node, notices, line, "Response/EffectiveDate")
            or _date(root, notices, line, "IssueDate"),
            text=together(*map(words_of, [*all_at(node, "Response/Description"), *all_at(root, "Note")])),
            sayings=tuple(sayings),
            disputed=disputed,
            approved=approved,
            currency=currency,
        )
    )


def _date(node: etree._Element | None, notices: NoticeBook, line: int, path: str) -> date | None:
    try:
        return date_at(node, path)
    except BadCell:
        notices.add("answer_date_unread", line)
        return None


def _sayings(node: etree._Element) -> list[Saying]:
    """Reasons and wishes, of the whole response and of its lines, in order."""
    found = [_saying(status) for status in all_at(node, "Response/Status")]
    for line in all_at(node, "LineResponse"):
        place = text_at(line, "LineReference/LineID")
        for response in all_at(line, "Response"):
            words = [words_of(one) for one in all_at(response, "Description")]
            statuses = all_at(response, "Status")
            of_line = [_saying(status, place, *words) for status in statuses]
            found += of_line or [Saying(text=together(place, *words))]
    return [one for one in found if one.code or one.text or one.values][:MAX_REASONS]


def _saying(status: etree._Element, place: str = "", *more: str) -> Saying:
    code = next(iter(all_at(status, "StatusReasonCode|ConditionCode")), None)
    scheme = code.get("listID", "") if code is not None else ""
    values = tuple(
        (text_at(one, "AttributeID")[:80], text_at(one, "Description")[:500])
        for one in all_at(status, "Condition")
    )
    text = together(place, *(words_of(one) for one in all_at(status, "StatusReason|Text")), *more)
    amount = _payable(values) if scheme != ACTIONS else None
    return Saying(
        code=words_of(code)[:40].upper(),
        scheme=scheme[:40],
        text=text[:MAX_TEXT],
        amount=amount,
        means=APPROVED if amount is not None else "",
        values=values,
    )


def _payable(values: tuple[tuple[str, str], ...]) -> Decimal | None:
    """What the customer says that the invoice should amount to, when they name it."""
    for name, value in values:
        if name.upper() in PAYABLE and NUMBER.fullmatch(value.strip()):
            with suppress(InvalidOperation):
                amount = Decimal(value.strip())
                if 0 <= amount < 10**12:
                    return amount
    return None
