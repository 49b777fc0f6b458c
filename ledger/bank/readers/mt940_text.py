"""Field 86 of MT940: German sub-fields (?20, ?32), Dutch words between slashes (/NAME/, /REMI/), or free text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from stdnum import iban

from ledger.bank.identity import same_account
from ledger.bank.readers.common import RETURNS_GVC, account_of, joined

# A line as wide as this was cut, wherever the word stood. Some banks count differently between slashes.
WIDTH, SLASHED_WIDTH, SUBFIELD_WIDTH = 65, 64, 27
SUBFIELDS = re.compile(r"\s*(?P<code>\d{3})?\s?(?P<mark>[?>~^<!@#|])(?:00|1\d|2\d|3\d|6[0-3])")
TEXTS = (*range(20, 30), *range(60, 64))
KEYWORD = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|RREF|PURP|MTLG|IBAN|BIC)([+:])\s?")
SLASHED = re.compile(
    r"/(TRTP|IBAN|BIC|NAME|REMI|EREF|MARF|CSID|PREF|PURP|RTRN|BENM|ORDP|ADDR|ISDT|CNTP|USTD|STRD|ULTC|ULTD|ULTB|ULTO"
    r"|ACCW|SVCL|TRCD|CREF|IREF|OAMT|SWOD|SWOC|INV)(?=/)"
)
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[A-Z0-9]{11,30}|(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,3})?)\b")
REASON = re.compile(
    r"\b(A[CM]\d\d|MD0\d|MS0[23]|SL\d\d|RR0\d|AG\d\d|BE0\d|FF0\d|RC0\d|TM01|ED05|DNOR|CNOR|FOCR|CUST|DUPL|FRAD)\b"
)
NOT_GIVEN = frozenset({"NOTPROVIDED", "NONREF", "NOTPROVIDED.", ""})


@dataclass(slots=True)
class Details:
    """What field 86 says of an entry."""

    text: str = ""
    name: str = ""
    account: str = ""
    ultimate: str = ""
    end_to_end_id: str = ""
    instruction_id: str = ""
    mandate_id: str = ""
    reference: str = ""
    code: str = ""
    reason: str = ""
    returned: bool = False


def details_of(texts: Sequence[Sequence[str]], ours: str) -> Details:
    """The details of the fields 86 of one entry; several are one text. `ours` is the statement's account."""
    unbroken = "".join(line for lines in texts for line in lines)
    match = SUBFIELDS.match(unbroken)
    if match and len(re.findall(re.escape(match["mark"]) + r"\d\d", unbroken)) > 1:
        details = _subfields(unbroken, match["code"] or "", match["mark"])
    else:
        slashed = SLASHED.search(unbroken)
        text = " ".join(rejoined(lines, SLASHED_WIDTH if slashed else WIDTH) for lines in texts)
        details = _slashed(text) if slashed else _free(text, ours)
    details.returned = details.returned or details.code in RETURNS_GVC
    reason = REASON.search(details.text) if details.returned else None
    details.reason = details.reason or (reason[1] if reason else "")
    return details


def rejoined(lines: Sequence[str], width: int = WIDTH) -> str:
    """Lines as one text: a full line was cut in the middle of its words, a shorter one was not."""
    pieces = [line if len(line) >= width else line.rstrip() + " " for line in lines]
    return "".join(pieces).rstrip()


def _subfields(text: str, code: str, mark: str) -> Details:
    """?00 booking text, ?20 to ?29 and ?60 to ?63 remittance, ?31 account, ?32 and ?33 name, ?38 IBAN."""
    pieces = re.split(re.escape(mark) + r"(\d\d)", text)[1:]
    fields: dict[int, str] = {}
    for key, value in zip(pieces[::2], pieces[1::2], strict=True):
        fields[int(key)] = fields.get(int(key), "") + value
    remittance = rejoined([fields[key] for key in TEXTS if key in fields], SUBFIELD_WIDTH)
    details = _keywords(remittance)
    details.text = details.text or joined([fields.get(0, "")])
    details.code = code
    details.name = joined([rejoined([fields.get(32, ""), fields.get(33, "")], SUBFIELD_WIDTH)])[:250]
    account = account_of(fields.get(38, "") or fields.get(31, "")) or details.account
    details.account = account[:60]
    return details


def _keywords(text: str) -> Details:
    """SEPA's words in the remittance: EREF+, MREF+, SVWZ+... What has no word is text."""
    pieces = KEYWORD.split(text)
    details = Details()
    said = [pieces[0]]
    for word, sign, value in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        bare = joined([value])
        if word in ("SVWZ", "MTLG"):
            said.append(bare)
        elif word == "EREF":
            details.end_to_end_id = _given(bare)
        elif word in ("KREF", "RREF"):
            details.instruction_id = _given(bare)
        elif word == "MREF":
            details.mandate_id = _given(bare)
        elif word in ("ABWA", "ABWE"):
            details.ultimate = bare[:250]
        elif word == "IBAN" and iban.is_valid(bare.split(" ")[0]):
            first, _, rest = bare.partition(" ")
            details.account = first
            said.append(rest)
        elif sign == ":":
            said.append(f"{word}: {bare}")
    details.text = joined(said)
    return details


def _slashed(text: str) -> Details:
    """/TRTP/.../IBAN/.../NAME/.../REMI/.../EREF/..., as the Dutch banks write."""
    pieces = SLASHED.split(text)
    details = Details()
    said, kind = [pieces[0]], ""
    for word, value in zip(pieces[1::2], pieces[2::2], strict=True):
        bare = joined([value]).strip("/ ")
        if word == "TRTP":
            kind = bare
        elif word == "NAME":
            details.name = details.name or bare[:250]
        elif word == "IBAN":
            details.account = details.account or account_of(bare)[:60]
        elif word == "CNTP":
            account, _, name = [*bare.split("/", 2), "", ""][:3]
            details.account, details.name = account_of(account)[:60], name.strip("/ ")[:250]
        elif word == "EREF":
            details.end_to_end_id = _given(bare)
        elif word in ("PREF", "IREF", "CREF"):
            details.instruction_id = details.instruction_id or _given(bare)
        elif word == "MARF":
            details.mandate_id = _given(bare)
        elif word == "RTRN":
            details.returned, details.reason = True, bare[:20]
        elif word.startswith("ULT"):
            details.ultimate = bare.split("/")[0][:250]
        elif word == "STRD":
            details.reference = _given(bare.rsplit("/", 1)[-1])
            said.append(details.reference)
        elif word in ("REMI", "USTD", "INV"):
            said.append(bare)
    details.text = joined(said) or kind
    return details


def _free(text: str, ours: str) -> Details:
    return Details(text=joined([text]), account=account_in(text, ours))


def account_in(text: str, ours: str) -> str:
    """An IBAN in the text, if it is the only one and not ours: the other party's account."""
    accounts = {account_of(found) for found in IBAN.findall(text)}
    others = [each for each in accounts if iban.is_valid(each) and not same_account(each, ours)]
    return others[0][:60] if len(others) == 1 else ""


def _given(text: str) -> str:
    return "" if text.upper() in NOT_GIVEN else text[:140]
