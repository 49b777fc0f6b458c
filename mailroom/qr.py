"""The square that a banking app reads: an EPC QR code (EPC069-12, version 2) that fills in a transfer in euros."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import Self

from segno import QRCode
from segno.helpers import make_epc_qr
from stdnum import iban as ibans

LEAST, MOST = Decimal("0.01"), Decimal("999999999.99")
LONGEST_NAME, MOST_BYTES = 70, 200
# Banking apps need the light edge around it: four modules, as the standard of QR codes says.
BORDER = 4


@dataclass(frozen=True, slots=True)
class Transfer:
    """What a bank needs for a transfer in euros. `reference` is an ISO 11649 one."""

    name: str
    iban: str
    amount: Decimal
    reference: str

    @classmethod
    def of(cls, *, name: str, iban: str, amount: Decimal, currency: str, reference: str) -> Self | None:
        """The transfer, or None where no code can say it: another currency, no valid IBAN, an amount out of range."""
        if currency != "EUR" or not ibans.is_valid(iban) or not LEAST <= amount <= MOST or not name.strip():
            return None
        if not reference:
            return None
        known = " ".join(name.split())[:LONGEST_NAME].encode()[:MOST_BYTES].decode(errors="ignore")
        return cls(known, ibans.compact(iban), amount, reference)

    def as_data(self) -> dict[str, str]:
        """As it is stored with a letter."""
        return {
            "name": self.name,
            "iban": self.iban,
            "amount": str(self.amount),
            "reference": self.reference,
        }

    @classmethod
    def from_data(cls, data: dict[str, str]) -> Self:
        """As it was stored."""
        return cls(data["name"], data["iban"], Decimal(data["amount"]), data["reference"])


def _code(transfer: Transfer) -> QRCode:
    return make_epc_qr(
        name=transfer.name,
        iban=transfer.iban,
        amount=transfer.amount,
        reference=transfer.reference,
        encoding="utf-8",
    )


def as_png(transfer: Transfer) -> bytes:
    """The picture for an e-mail, about 200 pixels wide, black on white also in the dark."""
    out = BytesIO()
    _code(transfer).save(out, kind="png", scale=4, border=BORDER)
    return out.getvalue()


def as_svg(transfer: Transfer) -> str:
    """The drawing for paper and pages."""
    out = BytesIO()
    _code(transfer).save(
        out, kind="svg", scale=1, border=BORDER, light="#fff", xmldecl=False, svgns=True, omitsize=True
    )
    return out.getvalue().decode()
