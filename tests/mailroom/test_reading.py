"""Answers as real mail programs write them: what is new, what is quoted, what a machine wrote."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.choices import Automatic
from mailroom.inbound.quotes import MARKS, split
from mailroom.inbound.reading import Read, read_eml

SAMPLES = Path(__file__).parent / "samples"
SAID = {
    "gmail_es": "Sí, aquí lo tiene. Firmó el señor Vega.",
    "gmail_fr": "Oui, le voici. Deux palettes manquaient.",
    "gmail_en": "Yes, here it is.",
    "outlook_es": "Buenos días:\n\nFaltaban dos palés, se anotó en el albarán.\n\nUn saludo,\nAna",
    "outlook_fr": "Bonjour,\n\nIl manquait deux palettes.\n\nCordialement,\nLuc",
    "outlook_en": "Two pallets were missing.\n\nKind regards\nJo",
    "outlook_mobile_es": "Faltaban dos palés.",
    "apple_es": "Está firmado, se lo mando esta tarde.",
    "apple_fr": "C'est signé, je vous l'envoie ce soir.",
    "apple_en": "It is signed, I will send it tonight.",
    "below_the_quote_fr": "Oui, il est signé.",
}


def sample(name: str) -> Read:
    return read_eml((SAMPLES / f"{name}.eml").read_bytes())


@pytest.mark.parametrize("name", sorted(SAID))
def test_only_what_is_new_is_said(name: str) -> None:
    parts = split(sample(name).text)
    assert parts.said == SAID[name]
    assert "albarán firmado" in parts.rest or "livraison signé" in parts.rest or "delivery note" in parts.rest


def test_answers_between_the_lines_keep_those_lines() -> None:
    parts = split(sample("between_the_lines_en").text)
    assert parts.said.startswith("See below.")
    assert "> How many pallets came?\n\nTen." in parts.said


@pytest.mark.parametrize("language", sorted(MARKS))
def test_everything_under_our_own_line_is_ours(language: str) -> None:
    parts = split(f"Vale.\n\n{MARKS[language]}\n\nAlgo nuestro, sin marca alguna.\n")
    assert parts.said == "Vale."
    assert "Algo nuestro" in parts.rest


def test_a_mail_that_quotes_nothing_stays_whole() -> None:
    text = "Buenos días:\n\nEl precio de la F-1 es 12,50 €.\nDe: momento no pagamos.\n\nA las 10:30 llamé."
    assert split(text) == split(text).__class__(text, "")


def test_a_mail_that_is_nothing_but_a_quotation_is_said_whole() -> None:
    text = (
        "-----Original Message-----\nFrom: a@b.example\nSent: Monday\nTo: c@d.example\n\nWhere is the money?"
    )
    assert split(text).said == text


@given(st.text(alphabet="ab>-:\n ", max_size=200) | st.text(max_size=200))
def test_no_line_is_lost(text: str) -> None:
    parts = split(text)
    words = {line.strip() for line in text.split("\n") if line.strip()}
    kept = {line.strip() for line in f"{parts.said}\n{parts.rest}".split("\n")}
    assert words <= kept


def test_a_reply_says_whom_it_answers_and_through_which_address() -> None:
    mail = sample("gmail_es")
    assert mail.in_reply_to == "0123456789abcdef@acme.example"
    assert mail.references == ("0123456789abcdef@acme.example",)
    assert mail.recipients == (f"reply+{'a' * 32}@zanjar.example",)
    assert mail.automatic == ""


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ("Auto-Submitted: auto-replied", Automatic.AWAY),
        ("Auto-Submitted: auto-generated", Automatic.MACHINE),
        ("Auto-Submitted: no", ""),
        ("X-Autoreply: yes", Automatic.AWAY),
        ("Precedence: bulk", Automatic.MACHINE),
        ("Precedence: list", Automatic.LIST),
        ("List-Id: <news.example>", Automatic.LIST),
        ("Return-Path: <>", Automatic.MACHINE),
        ("Return-Path: <ana@b.example>", ""),
        ("Subject: Respuesta automática: Re: [D-1]", Automatic.AWAY),
        ("Subject: Automatic reply: [D-1]", Automatic.AWAY),
        ("Subject: Absenceur", ""),
        ("Content-Type: multipart/report; report-type=disposition-notification; boundary=x", "receipt"),
    ],
)
def test_what_machines_write_is_known(headers: str, reason: str) -> None:
    assert read_eml(f"From: a@b.example\r\n{headers}\r\n\r\nHola\r\n".encode()).automatic == reason


@pytest.mark.parametrize("name", ["away_es", "away_fr"])
def test_who_is_away_has_not_answered(name: str) -> None:
    assert sample(name).automatic == Automatic.AWAY


def test_a_report_tells_which_letter_came_back_and_why() -> None:
    mail = sample("bounce")
    assert mail.automatic == Automatic.REPORT
    assert mail.bounce is not None
    assert (mail.bounce.recipient, mail.bounce.failed) == ("ana@norte.example", True)
    assert mail.bounce.diagnostic.startswith("5.1.1 smtp; 550 5.1.1 <ana@norte.example>")


def test_lines_broken_for_the_journey_are_joined() -> None:
    head = "From: a@b.example\r\nContent-Type: text/plain; format=flowed\r\n\r\n"
    text = read_eml(f"{head}El precio \r\nes 12,50. \r\n\r\nFin\r\n-- \r\nAna\r\n".encode()).text
    assert text == "El precio es 12,50.\n\nFin\n--\nAna"


@given(st.binary(max_size=300))
def test_a_report_of_any_bytes_is_read_or_refused(data: bytes) -> None:
    head = b"From: a@b.example\r\nContent-Type: multipart/report; boundary=x\r\n\r\n--x\r\n"
    mail = read_eml(head + b"Content-Type: message/delivery-status\r\n\r\n" + data)
    assert mail.bounce is None or "\x00" not in mail.bounce.diagnostic


@pytest.mark.parametrize("charset", ["utf-8", "cp1252"])
def test_letters_beyond_ascii_are_read_though_nobody_said_which(charset: str) -> None:
    assert read_eml("From: a@b.example\r\n\r\n¿Está?\r\n".encode(charset)).text == "¿Está?"
