"""Damaged e-invoices of every family are read or refused, never a crash."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.intake.documents import NoticeBook, Unreadable
from ledger.intake.einvoices import read_einvoices
from ledger.intake.formats import format_of
from tests.ledger.einvoice_builders import cii, facturae, fatturapa, pdf
from tests.ledger.intake_helpers import FILES, put

HYBRID = pdf(("factur-x.xml", cii()))


SAMPLES: dict[str, str] = {
    "ubl": (FILES / "invoice.xml").read_text(encoding="utf-8"),
    "cii": cii(),
    "facturae": facturae(invoices=(("A", "1", "100.00"), ("B", "1", "10.00")), signed=True),
    "fatturapa": fatturapa(numbers=("F-1", "F-2")),
}


def damaged(draw: Callable[..., Any], text: str) -> str:
    """The text with a few pieces cut, doubled, swapped or replaced."""
    for _ in range(draw(st.integers(1, 4))):
        a = draw(st.integers(0, len(text)))
        b = min(len(text), a + draw(st.integers(0, 120)))
        how = draw(st.sampled_from(["cut", "double", "digits", "junk", "retag"]))
        piece = text[a:b]
        if how == "double":
            piece += piece
        elif how == "digits":
            piece = "".join(draw(st.sampled_from("0123456789.-eE ")) if c.isdigit() else c for c in piece)
        elif how == "junk":
            piece = draw(st.text(max_size=8))
        elif how == "retag":
            piece = piece.replace("Amount", "Total").replace("Invoice", "Facturae").replace("ID", "Name")
        else:
            piece = ""
        text = text[:a] + piece + text[b:]
    return text


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
    max_examples=60,
)
@given(data=st.data(), name=st.sampled_from(sorted(SAMPLES)))
def test_a_damaged_invoice_is_read_or_refused_never_a_crash(tmp_path: Path, data: Any, name: str) -> None:
    text = damaged(data.draw, SAMPLES[name])
    path = put(tmp_path, text.encode("utf-8", "surrogatepass"))
    try:
        found = format_of(path).name
        made = read_einvoices(path, found if found in SAMPLES else name, NoticeBook())
    except Unreadable:
        return
    assert len(made.extras) == len(made.chunk.documents)
    for document in made.chunk.documents:
        assert document.amount > 0
        assert document.net is not None
        assert document.tax is not None
        assert document.net + document.tax == document.amount


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
    max_examples=30,
)
@given(place=st.integers(0, 3000), junk=st.binary(max_size=6), length=st.integers(0, 200))
def test_a_damaged_pdf_is_read_or_refused_never_a_crash(
    tmp_path: Path, place: int, junk: bytes, length: int
) -> None:
    whole = HYBRID[:place] + junk + HYBRID[place + length :]
    try:
        read_einvoices(put(tmp_path, whole, "x.pdf"), "facturx", NoticeBook())
    except Unreadable as error:
        assert error.code  # noqa: PT017
