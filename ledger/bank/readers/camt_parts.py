"""The transactions of a CAMT entry: what each detail says, and how a batch entry is shared out among them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from lxml import etree

from ledger.bank.readers.camt_fields import (
    code_of,
    day_at,
    every,
    money_at,
    one,
    reference_at,
    sign_at,
    text_at,
)
from ledger.bank.readers.common import RETURNS_GVC, account_of, joined
from ledger.bank.statements import ZERO, ReferredDocument, Transaction
from ledger.intake.documents import NoticeBook

# Subfamilies of ISO 20022 that say that something came back: unpaid, returned, reversed.
RETURNS = frozenset({"RRTN", "UPDD", "PRDD", "UPCQ", "UPCT", "UDFT", "ARPD", "RCDD"})
OWN_AMOUNTS = (
    "Amt",
    "AmtDtls/TxAmt/Amt",
    "AmtDtls/CntrValAmt/Amt",
    "AmtDtls/InstdAmt/Amt",
    "AmtDtls/AnncdPstngAmt/Amt",
)
DOCUMENT_AMOUNTS = (
    "RfrdDocAmt/RmtdAmt",
    "RfrdDocAmt/RmtAmtAndTp/Amt",
    "RfrdDocAmt/DuePyblAmt",
    "RfrdDocAmt/DuePyblAmtAndTp/Amt",
)


@dataclass(frozen=True, slots=True)
class Ours:
    """Whose statement it is, to tell us from the other party."""

    account: str
    owner: str


@dataclass(frozen=True, slots=True)
class Part:
    """A detail of an entry: the transaction as it will be, and the amount that it names in the entry's currency."""

    transaction: Transaction
    own: Decimal | None
    sign: int


def part_of(detail: etree._Element, entry: Transaction, ours: Ours) -> Part:
    """What one TxDtls says. What it does not say is the entry's."""
    sign = sign_at(detail) or (1 if entry.amount >= 0 else -1)
    reason = text_at(detail, "RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry", "RtrInf/RtrRsn/Cd", "RtrInf/RtrRsn/Prtry")
    code = code_of(one(detail, "BkTxCd")) or entry.code
    returned = entry.returned or one(detail, "RtrInf") is not None or is_return(code)
    name, account, ultimate = _party(detail, ours, incoming=sign > 0, returned=returned)
    references = _references(detail)
    transaction = replace(
        entry,
        text=_text(detail, references),
        reference=references[0] if references else "",
        references=references,
        end_to_end_id=reference_at(detail, "Refs/EndToEndId"),
        instruction_id=reference_at(detail, "Refs/InstrId"),
        mandate_id=reference_at(detail, "Refs/MndtId"),
        bank_reference=reference_at(detail, "Refs/AcctSvcrRef", "Refs/TxId") or entry.bank_reference,
        party_name=name,
        party_account=account,
        ultimate_name=ultimate,
        code=code,
        documents=_documents(detail),
        charges=charges_of(detail, entry.currency),
        returned=returned,
        return_reason=reason[:20],
    )
    return Part(transaction, _own(detail, entry.currency), sign)


def is_return(code: str) -> bool:
    """Whether a bank transaction code says that something came back."""
    return code.rsplit("-", 1)[-1] in RETURNS or any(
        piece in RETURNS_GVC for piece in code.split("+") if "+" in code
    )


def charges_of(element: etree._Element, currency: str) -> Decimal | None:
    """The bank's charges in the account's currency; None when there are none."""
    total = money_at(element, "Chrgs/TtlChrgsAndTaxAmt")
    records = [total] if total else []
    if not records:
        holders = every(element, "Chrgs/Rcrd") or every(element, "Chrgs")
        records = [money for holder in holders if (money := money_at(holder, "Amt"))]
    amount = sum((money[0] for money in records if money[1] == currency), ZERO)
    return amount or None


def _own(detail: etree._Element, currency: str) -> Decimal | None:
    for path in OWN_AMOUNTS:
        money = money_at(detail, path)
        if money and money[1] == currency and money[0]:
            return money[0]
    return None


def _party(detail: etree._Element, ours: Ours, *, incoming: bool, returned: bool) -> tuple[str, str, str]:
    """Name and account of the other party, and for whom it acts. Who paid us is the debtor, whom we paid the creditor.

    A return keeps the parties of what came back, or names them anew: the other party is on the side where we are not.
    """
    sides: tuple[str, ...] = ("Dbtr",) if incoming else ("Cdtr",)
    if returned:
        sides = ("Cdtr", "Dbtr") if incoming else ("Dbtr", "Cdtr")
    parties = one(detail, "RltdPties")
    for side in sides:
        name = text_at(parties, f"{side}/Nm", f"{side}/Pty/Nm", f"{side}/Agt/FinInstnId/Nm")
        account = account_of(
            text_at(
                parties,
                *(f"{side}Acct/Id/{way}" for way in ("IBAN", "Othr/Id", "BBAN", "PrtryAcct/Id", "UPIC")),
            )
        )
        ultimate = text_at(parties, f"Ultmt{side}/Nm", f"Ultmt{side}/Pty/Nm")
        we = account == ours.account if account else name.casefold() == ours.owner.casefold()
        if (name or account or ultimate) and not we:
            named = name or ultimate
            return named[:250], account[:60], ultimate[:250] if ultimate != named else ""
    return "", "", ""


def _references(detail: etree._Element) -> tuple[str, ...]:
    found = [
        reference_at(strd, "CdtrRefInf/Ref", "CdtrRefInf/CdtrRef") for strd in every(detail, "RmtInf/Strd")
    ]
    return tuple(dict.fromkeys(reference for reference in found if reference))


def _text(detail: etree._Element, references: Sequence[str]) -> str:
    lines = [element.text or "" for element in every(detail, "RmtInf/Ustrd")]
    lines += [element.text or "" for element in every(detail, "RmtInf/Strd/AddtlRmtInf")]
    lines += references[1:]
    if not any(line.strip() for line in lines):
        lines = [text_at(detail, "AddtlTxInf")]
    lines += [element.text or "" for element in every(detail, "RtrInf/AddtlInf")]
    lines += [element.text or "" for element in every(detail, "RtrInf/AddtlRtrRsnInf")]
    return joined(lines)


def _documents(detail: etree._Element) -> tuple[ReferredDocument, ...]:
    """The documents of structured remittances. A credit note's amount is less than zero."""
    found = []
    for strd in every(detail, "RmtInf/Strd"):
        infos = every(strd, "RfrdDocInf")
        for info in infos:
            number = text_at(info, "Nb", "RfrdDocNb")
            if number:
                amount = _document_amount(strd, info) if len(infos) == 1 else None
                day = day_at(info, "RltdDt/Dt", "RltdDt") or day_at(strd, "RfrdDocRltdDt")
                found.append(ReferredDocument(number[:140], amount, day))
    return tuple(found)


def _document_amount(strd: etree._Element, info: etree._Element) -> Decimal | None:
    credit = text_at(info, "Tp/CdOrPrtry/Cd", "RfrdDocTp/Cd", "Tp/Cd") == "CREN"
    paths = ("RfrdDocAmt/CdtNoteAmt", *DOCUMENT_AMOUNTS) if credit else DOCUMENT_AMOUNTS
    money = next((money for path in paths if (money := money_at(strd, path))), None)
    if money is None:
        return None
    return -money[0] if credit else money[0]


def share(
    entry: Transaction, parts: Sequence[Part], batch: int, line: int, notices: NoticeBook
) -> tuple[Transaction, ...]:
    """The transactions of an entry. They always add up to the entry: nothing is lost, nothing is invented."""
    if not parts:
        return (entry,)
    total = abs(entry.amount)
    first = parts[0]
    if len(parts) == 1 and (batch <= 1 or first.own is None or first.own >= total):
        return (replace(first.transaction, text=first.transaction.text or entry.text, amount=entry.amount),)
    direction = 1 if entry.amount >= 0 else -1
    known = [part for part in parts if part.own is not None]
    silent = [part for part in parts if part.own is None]
    for signs in ([part.sign for part in known], [direction] * len(known)):
        taken = [
            replace(part.transaction, amount=sign * (part.own or ZERO))
            for part, sign in zip(known, signs, strict=True)
        ]
        rest = entry.amount - sum((each.amount for each in taken), ZERO)
        if not silent and not rest:
            return tuple(taken)
        if known and len(silent) == 1 and rest * direction > 0:
            return (*taken, replace(silent[0].transaction, amount=rest))
    return _with_rest(entry, parts, [part.transaction for part in silent], taken, rest, line, notices)


def _with_rest(
    entry: Transaction,
    parts: Sequence[Part],
    silent: Sequence[Transaction],
    taken: Sequence[Transaction],
    rest: Decimal,
    line: int,
    notices: NoticeBook,
) -> tuple[Transaction, ...]:
    """Parts that do not make the entry: a rest in its direction, or charges, is a transaction; else all are one."""
    if not taken:
        notices.add("parts_without_amounts", line)
        return (_merged(entry, [part.transaction for part in parts], entry.amount),)
    charges = sum((part.transaction.charges or ZERO for part in parts), ZERO) or entry.charges
    if not silent and rest < 0 and -rest == charges:
        return (*taken, replace(entry, amount=rest, charges=None))
    notices.add("parts_differ", line, difference=f"{rest} {entry.currency}")
    if rest * entry.amount > 0:
        return (*taken, _merged(entry, silent, rest))
    return (_merged(entry, [part.transaction for part in parts], entry.amount),)


def _merged(entry: Transaction, parts: Sequence[Transaction], amount: Decimal) -> Transaction:
    """One transaction that says what all of `parts` say: texts and references together, the rest where they agree."""

    def agreed(values: Sequence[str]) -> str:
        return values[0] if len(set(values)) == 1 else ""

    references = tuple(dict.fromkeys(reference for part in parts for reference in part.references))
    texts = dict.fromkeys(part.text for part in parts if part.text)
    charges = sum((part.charges or ZERO for part in parts), ZERO)
    return replace(
        entry,
        amount=amount,
        text=joined([*texts, *references]) or entry.text,
        references=references,
        reference=references[0] if len(references) == 1 else "",
        documents=tuple(document for part in parts for document in part.documents),
        party_name=agreed([part.party_name for part in parts]),
        party_account=agreed([part.party_account for part in parts]),
        ultimate_name=agreed([part.ultimate_name for part in parts]),
        end_to_end_id=agreed([part.end_to_end_id for part in parts]),
        mandate_id=agreed([part.mandate_id for part in parts]),
        charges=charges or entry.charges,
        returned=bool(parts) and all(part.returned for part in parts),
        return_reason=agreed([part.return_reason for part in parts]),
    )
