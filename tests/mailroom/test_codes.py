"""The code to scan: the lines of the standard, in a picture whose dots are its modules."""

import re
import zlib
from decimal import Decimal

import segno
from hypothesis import given
from hypothesis import strategies as st
from segno import helpers

from mailroom.qr import BORDER, LEAST, MASK, MOST, SCALE, Transfer, as_png, as_svg

IBAN = "ES9121000418450200051332"
AMOUNTS = st.decimals(LEAST, MOST, places=2)
NAMES = st.text(st.characters(categories=["L", "N"], max_codepoint=0x17F), min_size=1, max_size=60)


def modules(transfer: Transfer) -> list[list[int]]:
    """The code as the library writes it, 1 is dark, the light edge around it."""
    known = (transfer.name, IBAN, transfer.amount, None, transfer.reference, None, None, "utf-8")
    lines = helpers._make_epc_qr_data(*known)
    code = segno.make_qr(lines, error="m", boost_error=False, mask=MASK)
    return [list(row) for row in code.matrix_iter(scale=SCALE, border=BORDER)]


def dots(png: bytes) -> list[list[int]]:
    """The dots of a picture of one bit each, 1 is dark."""
    width = int.from_bytes(png[16:20])
    packed = zlib.decompress(png[png.index(b"IDAT") + 4 : png.index(b"IEND") - 8])
    row = (width + 7) // 8 + 1
    lines = [packed[start + 1 : start + row] for start in range(0, len(packed), row)]
    return [[1 - int(bit) for bit in f"{int.from_bytes(line):0{8 * (row - 1)}b}"[:width]] for line in lines]


@given(NAMES, AMOUNTS, st.integers(0, 10**9))
def test_the_picture_is_the_code_of_the_standard(name: str, amount: Decimal, number: int) -> None:
    transfer = Transfer(name, IBAN, amount, f"RF18{number}")
    assert dots(as_png(transfer)) == modules(transfer)


def test_the_drawing_is_the_same_code() -> None:
    transfer = Transfer("Acme", IBAN, Decimal("12.50"), "RF18539007547034")
    width = len(modules(transfer)) // SCALE
    drawn = as_svg(transfer)
    assert re.search(r'viewBox="0 0 (\d+) ', drawn)[1] == str(width)  # type: ignore[index]
    assert len(as_png(transfer)) < 1000
