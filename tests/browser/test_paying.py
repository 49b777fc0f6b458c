"""The customer's side of a reminder in a browser: pay on a phone; ours: download a print batch."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from accounts.services import change_settings
from collections_app.paying import links
from ledger.models import Payment
from lib import clock
from mailroom import services as mailroom
from mailroom.choices import Channel
from mailroom.models import PrintBatch
from tests.browser.stage import NARROW, session_cookie
from tests.factories import AT, Cast, make_invoice
from tests.live import Live

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_customer_pays_on_the_phone_without_signing_in(cast: Cast, live: Live, chromium: Browser) -> None:
    on = clock.today("Europe/Madrid")
    make_invoice(
        cast.norte, "1234.50", issued_on=on - timedelta(days=40), due_on=on - timedelta(days=10), number="F-1"
    )
    cast.entity.iban = "ES9121000418450200051332"
    cast.entity.save()
    change_settings(entity=cast.entity, part="paying", values={"provider": "sandbox"}, by=cast.alice, at=AT)
    token = links.make(customer_id=cast.norte.pk, currency="EUR", on=on)
    context = chromium.new_context(viewport=NARROW, locale="es-ES")  # type: ignore[arg-type]
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{live.url}/pay/{token}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("1.234,50 €")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    expect(page.get_by_role("img", name="Código")).to_be_visible()
    page.get_by_role("button", name="Copiar IBAN").click()
    expect(page.get_by_role("status")).to_have_text("IBAN copiado")
    assert page.evaluate("navigator.clipboard.readText()") == "ES9121000418450200051332"
    page.get_by_role("button", name="Pagar 1.234,50 € en línea").click()
    page.get_by_role("button", name="Simular el pago").click()
    expect(page.get_by_text("Recibimos 1.234,50 €")).to_be_visible()
    expect(page.get_by_role("heading", name="Nada que pagar")).to_be_visible()
    assert Payment.objects.get().method == "online"
    assert context.cookies() == []
    context.close()


def test_a_print_batch_is_made_downloaded_and_marked_as_posted(
    cast: Cast, live: Live, chromium: Browser, tmp_path: Path
) -> None:
    words = mailroom.plain(entity=cast.entity, language="es", subject="Aviso", text="Hola")
    paper = mailroom.Paper("Norte\nCalle 1\n28001 Madrid", AT.date(), "RF18 5390")
    draft = mailroom.Draft(cast.entity, "p:1", "test", "", "Norte", words, channel=Channel.POST, paper=paper)
    mailroom.deliver(letter_id=mailroom.queue_letter(draft=draft, at=AT).pk, at=AT)
    context = chromium.new_context(accept_downloads=True)
    context.add_cookies([session_cookie(cast.carl, live.url)])  # type: ignore[list-item]
    page = context.new_page()
    page.goto(f"{live.url}/letters/print/")
    page.get_by_role("button", name="Make a batch").click()
    with page.expect_download() as started:
        page.get_by_role("link", name="Download the PDF").click()
    file = tmp_path / "batch.pdf"
    started.value.save_as(file)
    assert file.read_bytes().startswith(b"%PDF")
    page.get_by_role("button", name="It is posted").click()
    expect(page.get_by_text("Posted", exact=True).first).to_be_visible()
    assert PrintBatch.objects.get().posted_by == cast.carl
    context.close()
