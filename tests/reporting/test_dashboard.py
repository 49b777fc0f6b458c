"""The dashboard and its table behind each figure: what it shows, to whom, in how many queries; with and
without JS.
"""

import re
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from ledger.models import Invoice
from tests.factories import Cast
from tests.reporting.company import Company, bill, contest

D = Decimal
PAGE = "/dashboard/?as_of=2026-03-16"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def read(client: Client, url: str, status: int = 200) -> str:
    """The text of a page, entities resolved."""
    answer = client.get(url)
    assert answer.status_code == status, (url, answer.status_code)
    return unescape(answer.content.decode())


def plain(html: str) -> str:
    """The words of a page without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_dashboard_shows_the_figures_of_the_small_company(company: Company) -> None:
    text = plain(read(signed_in(company.cast.fin), PAGE))
    for words in (
        "1 open dispute",
        "16.3 days less if all were solved",
        "78.9",
        "19.7",
        "best possible 16.0",
    ):
        assert words in text
    assert "Not yet placed on invoices: -€350.00" in text
    assert "As of the end of 16 Mar 2026" in text


@pytest.mark.parametrize("who", ["fin", "alice", "carl", "adam"])
def test_finance_credit_managers_collectors_and_admins_see_the_whole(company: Company, who: str) -> None:
    assert "€800.00" in read(signed_in(getattr(company.cast, who)), PAGE)


def test_a_salesperson_sees_the_figures_of_their_own_customers(company: Company) -> None:
    sam = read(signed_in(company.cast.sam), PAGE + "&show=invoices")
    assert "A-1" in sam
    assert "B-1" not in sam
    assert 'name="salesperson"' not in sam
    assert "B-1" in read(signed_in(company.cast.sofia), PAGE + "&show=invoices")


def test_a_filter_never_opens_what_is_not_ones_own(company: Company) -> None:
    cast = company.cast
    for extra in (f"&salesperson={cast.sofia.pk}", f"&customer={cast.sur.pk}"):
        assert "B-1" not in read(signed_in(cast.sam), PAGE + "&show=invoices" + extra)


def test_strangers_and_experts_get_404_and_nobody_gets_the_sign_in_page(company: Company) -> None:
    paths = ("/dashboard/", "/dashboard/behind/?show=invoices", "/dashboard/files/aging.csv")
    for path in paths:
        assert signed_in(company.cast.eva).get(path).status_code == 404
        assert Client().get(path).status_code == 302
    other = signed_in(company.cast.mallory)
    assert other.get("/dashboard/?entity=ACM").status_code == 404
    assert other.get("/dashboard/behind/?show=invoices&entity=ACM").status_code == 404
    assert other.get("/dashboard/files/aging.csv?entity=ACM").status_code == 404
    assert "A-1" not in read(other, "/dashboard/?as_of=2026-03-16&show=invoices")


def links(html: str, attribute: str) -> list[str]:
    """The addresses that the shapes of the charts lead to."""
    charts = " ".join(re.findall(r"<svg class=\"chart.*?</svg>", html, re.DOTALL))
    return [unescape(link) for link in re.findall(rf' {attribute}="([^"]+)"', charts)]


def test_every_bar_leads_to_rows_that_add_up_to_it_with_and_without_js(company: Company) -> None:
    client = signed_in(company.cast.fin)
    html = read(client, PAGE)
    pages, fragments = links(html, "href"), links(html, "hx-get")
    assert len(pages) == len(fragments) > 30
    for page, fragment in set(zip(pages, fragments, strict=True)):
        assert page.endswith("#behind")
        whole, part = read(client, page.removesuffix("#behind")), read(client, fragment)
        assert "<html" not in part
        assert re.sub(r"\s+", "", part) in re.sub(r"\s+", "", whole)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("show=invoices&part=disputed", "2 invoices · €500.00"),
        ("show=invoices&part=undisputed&bucket=1_30", "1 invoice · €300.00"),
        ("show=invoices&part=late", "2 invoices · €1,100.00"),
        ("show=invoices&part=overdue", "2 invoices · €1,500.00"),
        ("show=invoices&part=nonsense&bucket=nonsense&page=x", "3 invoices · €2,000.00"),
        ("show=disputes&by=reason&key=price", "1 open dispute · €500.00"),
        ("show=disputes&by=nonsense", "1 open dispute · €500.00"),
        ("show=months", "€2,000.00 · 78.875 days"),
        ("show=months&at=2026-02-28", "€2,100.00 · 86.125 days"),
        ("show=months&at=yesterday", "78.875 days"),
        ("show=answers", "0 answers"),
        ("show=settled", "0 disputes settled"),
    ],
)
def test_the_table_behind_a_figure_says_what_it_adds_up_to(company: Company, query: str, words: str) -> None:
    part = read(signed_in(company.cast.fin), f"/dashboard/behind/?as_of=2026-03-16&{query}")
    assert words in plain(part)


def test_rows_lead_on_to_the_invoice_and_the_dispute(company: Company) -> None:
    client = signed_in(company.cast.fin)
    rows = read(client, "/dashboard/behind/?as_of=2026-03-16&show=invoices")
    assert f'href="/invoices/{company.a1.pk}/"' in rows
    rows = read(client, "/dashboard/behind/?as_of=2026-03-16&show=disputes")
    assert f'href="/disputes/{company.dispute.pk}/"' in rows
    assert signed_in(company.cast.fin).get("/dashboard/behind/").status_code == 404


def test_filters_are_kept_in_the_address_and_in_every_link(company: Company) -> None:
    html = read(signed_in(company.cast.fin), PAGE + f"&salesperson={company.cast.sofia.pk}&months=6")
    assert f'<option value="{company.cast.sofia.pk}" selected>' in html
    assert all(
        f"salesperson={company.cast.sofia.pk}" in link and "months=6" in link for link in links(html, "href")
    )
    assert "€800" in html
    assert "€1,200" not in html


def test_wrong_filters_are_named_and_the_page_still_stands(company: Company) -> None:
    html = read(signed_in(company.cast.fin), "/dashboard/?as_of=31.02.2026&months=7&segment=none")
    assert html.count('aria-invalid="true"') == 3


def test_without_figures_the_page_says_what_to_do(cast: Cast) -> None:
    assert "There are no figures yet." in read(signed_in(cast.fin), "/dashboard/")


def test_a_missing_exchange_rate_is_told_on_the_page_and_on_the_file(company: Company) -> None:
    bill(company.cast.sur, "G-1", "10.00", date(2026, 1, 1), date(2026, 1, 31), currency="GBP")
    client = signed_in(company.cast.fin)
    for path in (
        PAGE,
        "/dashboard/files/aging.pdf?as_of=2026-03-16",
        "/dashboard/behind/?as_of=2026-03-16&show=invoices",
    ):
        assert "no exchange rate for GBP on 2026-03-16" in read(client, path, status=409)


def test_the_page_takes_the_same_queries_whatever_the_size(company: Company) -> None:
    client, counts = signed_in(company.cast.fin), []
    for batch in range(2):
        with CaptureQueriesContext(connection) as queries:
            read(client, PAGE + "&show=invoices")
        counts.append(len(queries))
        for i in range(12):
            extra = bill(company.cast.norte, f"Q-{batch}-{i}", "10.00", date(2026, 1, 1), date(2026, 1, 31))
            contest((extra, "5.00"), reason="quality", by=company.cast.alice)
    assert counts[0] == counts[1]
    assert counts[0] <= 27


def test_long_tables_come_in_pages(company: Company) -> None:
    for i in range(55):
        bill(company.cast.norte, f"P-{i}", "1.00", date(2026, 1, 1), date(2026, 1, 31))
    client = signed_in(company.cast.fin)
    first = read(client, "/dashboard/behind/?as_of=2026-03-16&show=invoices")
    assert "page=2#behind" in first
    second = read(client, "/dashboard/behind/?as_of=2026-03-16&show=invoices&page=2")
    assert second.count("<tr>") == 1 + 58 - 50
    assert Invoice.objects.filter(kind="invoice").count() == 59


@pytest.mark.parametrize("form", ["csv", "xlsx", "pdf", "parquet", "json"])
def test_files_carry_the_filters_of_the_page(company: Company, form: str) -> None:
    client = signed_in(company.cast.sam)
    answer = client.get(f"/dashboard/files/aging.{form}?as_of=2026-03-16")
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == f'attachment; filename="aging-ACM-2026-03-16.{form}"'
    if form == "csv":
        assert "Comercial Norte" in answer.content.decode()
        assert "Distribuciones Sur" not in answer.content.decode()
    assert client.get("/dashboard/files/nonsense.csv").status_code == 404
    assert client.get("/dashboard/files/aging.doc").status_code == 404


def test_no_shape_carries_a_comma_or_an_inline_style_in_any_language(company: Company) -> None:
    company.cast.fin.language = "es"
    company.cast.fin.save()
    html = read(signed_in(company.cast.fin), PAGE)
    charts = " ".join(re.findall(r"<svg class=\"chart.*?</svg>", html, re.DOTALL))
    assert re.findall(r' (?:x|y|width|height|cx|cy|x1|y1)="(?!-?\d+")', charts) == []
    assert "style=" not in charts
