"""The square that a banking app reads: an EPC QR code (EPC069-12, version 2) that fills in a transfer in euros."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from io import BytesIO
from struct import pack
from typing import Self
from zlib import compress, crc32

import segno
from segno import QRCode
from stdnum import iban as ibans

LEAST, MOST = Decimal("0.01"), Decimal("999999999.99")
LONGEST_NAME, MOST_BYTES = 70, 200
# Banking apps need the light edge around it: four modules, as the standard of QR codes says.
BORDER = 4
# Dots of the picture to a module, and how a light and a dark one are written.
SCALE = 4
DOTS = ("1" * SCALE, "0" * SCALE)
MASK = 3


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
        if currency != "EUR" or not _valid(iban) or not LEAST <= amount <= MOST or not name.strip():
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


@lru_cache(maxsize=256)
def _valid(iban: str) -> bool:
    """The same few accounts come again and again in a day's letters."""
    return bool(ibans.is_valid(iban))


def _code(transfer: Transfer) -> QRCode:
    """The lines of an EPC code. Readers take any of the eight masks; weighing them all costs seven times the rest."""
    amount = f"EUR{transfer.amount.normalize():f}"
    lines = ("BCD", "002", "1", "SCT", "", transfer.name, transfer.iban, amount, "", transfer.reference)
    return segno.make_qr("\n".join(lines).encode(), error="m", boost_error=False, mask=MASK)


def as_png(transfer: Transfer) -> bytes:
    """The picture for an e-mail, about 200 pixels wide, black on white also in the dark."""
    rows = _code(transfer).matrix
    width = (len(rows) + 2 * BORDER) * SCALE
    edge = "1" * (BORDER * SCALE)
    light = [_packed("1" * width)] * (BORDER * SCALE)
    drawn = [_packed(edge + "".join(DOTS[module] for module in row) + edge) * SCALE for row in rows]
    return _png(width, b"".join([*light, *drawn, *light]))


def _packed(bits: str) -> bytes:
    """A row of the picture: its filter (none), and eight dots to a byte."""
    return b"\0" + int(bits.ljust(-len(bits) % 8 + len(bits), "0"), 2).to_bytes((len(bits) + 7) // 8)


def _png(width: int, rows: bytes) -> bytes:
    """A square of one bit a dot, 1 is white."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + kind + data + pack(">I", crc32(kind + data))

    head = pack(">IIBBBBB", width, width, 1, 0, 0, 0, 0)
    parts = chunk(b"IHDR", head), chunk(b"IDAT", compress(rows, 9)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def as_svg(transfer: Transfer) -> str:
    """The drawing for paper and pages."""
    out = BytesIO()
    _code(transfer).save(
        out, kind="svg", scale=1, border=BORDER, light="#fff", xmldecl=False, svgns=True, omitsize=True
    )
    return out.getvalue().decode()
