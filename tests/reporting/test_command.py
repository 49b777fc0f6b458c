"""`manage.py report`: exit codes, complaints that say what to do, and files that open again with the same
figures.
"""

import csv
import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command
from python_calamine import CalamineWorkbook

from accounts import services as people
from ledger import services as ledger
from reporting.reports import NAMES
from tests.reporting.company import EARLY, Company, bill

D = Decimal
FIXED = ("--entity", "ACM", "--as-of", "2026-03-16")


def run(*words: str) -> str:
    """What the command prints."""
    out = io.StringIO()
    call_command("report", *words, stdout=out)
    return out.getvalue()


def test_an_unknown_report_says_which_exist(company: Company) -> None:
    with pytest.raises(CommandError, match="aging, dso, dispute-dso"):
        run("agng")


def test_without_entities_it_says_what_to_do(db: None) -> None:
    with pytest.raises(CommandError) as refused:
        run("aging")
    assert refused.value.returncode == 1


def test_with_several_entities_it_asks_to_choose(company: Company) -> None:
    with pytest.raises(CommandError, match="ACM, OTH"):
        run("aging")
    with pytest.raises(CommandError, match="XXX"):
        run("aging", "--entity", "XXX")


def test_the_only_entity_need_not_be_named(db: None) -> None:
    entity = people.open_entity(code="ONE", name="One", country="FR", currency="EUR", at=EARLY, language="fr")
    customer = ledger.record_customer(entity=entity, code="C", name="C", at=EARLY)
    bill(customer, "1", "10.00", date(2026, 1, 1), date(2026, 1, 31))
    assert json.loads(run("aging", "--as-of", "2026-03-16", "--format", "json"))["total"] == "10.00"


@pytest.mark.parametrize(
    "words", [("--as-of", "16/03/2026"), ("--known-at", "noon"), ("--format", "doc"), ("--from", "x")]
)
def test_wrong_options_are_refused_by_name(company: Company, words: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match=words[0]):
        run("aging", "--entity", "ACM", *words)


def test_a_dimension_a_report_does_not_have_is_refused(company: Company) -> None:
    with pytest.raises(CommandError, match="customer"):
        run("aging", *FIXED, "--by", "stage")


def test_the_table_shows_the_figures_in_the_entitys_language(company: Company) -> None:
    text = run("aging", *FIXED)
    assert "Comercial Norte, S.A." in text
    assert "1.650,00" in text
    assert "-350,00" in text


def test_known_at_without_an_offset_is_in_the_entitys_time_zone(company: Company) -> None:
    moment = EARLY.strftime("%Y-%m-%dT10:00")  # 09:00 UTC is 10:00 in Madrid
    assert (
        json.loads(run("dso", *FIXED, "--known-at", moment, "--format", "json"))["receivables"] == "2900.00"
    )
    earlier = EARLY.strftime("%Y-%m-%dT09:59")
    assert json.loads(run("dso", *FIXED, "--known-at", earlier, "--format", "json"))["receivables"] == "0.00"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["table", "json", "csv", "xlsx", "pdf", "parquet"])
def test_every_report_comes_in_every_format(company: Company, name: str, form: str, tmp_path: Path) -> None:
    target = tmp_path / f"{name}.{form}"
    assert run(name, *FIXED, "--format", form, "-o", str(target)) == ""
    starts = {"xlsx": b"PK", "pdf": b"%PDF-", "parquet": b"PAR1", "json": b"{"}
    assert target.read_bytes().startswith(starts.get(form, b""))
    assert target.stat().st_size > 20


def test_csv_xlsx_and_parquet_hold_the_same_rows(company: Company, tmp_path: Path) -> None:
    for form in ("csv", "xlsx", "parquet"):
        run("aging", *FIXED, "--format", form, "-o", str(tmp_path / f"a.{form}"))
    rows = list(csv.DictReader((tmp_path / "a.csv").open(encoding="utf-8", newline="")))
    table = pq.read_table(tmp_path / "a.parquet").to_pylist()
    sheet = CalamineWorkbook.from_path(str(tmp_path / "a.xlsx")).get_sheet_by_index(0).to_python()
    head = next(i for i, row in enumerate(sheet) if len([cell for cell in row if cell]) > 5)
    for i, row in enumerate(rows):
        assert D(row["total"]) == table[i]["total"] == D(str(sheet[head + 1 + i][-2]))
        assert row["label"] == table[i]["label"] == sheet[head + 1 + i][0]
    assert [row["total"] for row in rows] == ["1050.00", "600.00"]
    assert sheet[head + 3][-2] == 1650.0


def test_dates_in_a_spreadsheet_are_dates_and_the_header_stays(company: Company, tmp_path: Path) -> None:
    target = tmp_path / "d.xlsx"
    run("disputes", *FIXED, "--format", "xlsx", "-o", str(target))
    cells = [
        cell
        for row in CalamineWorkbook.from_path(str(target)).get_sheet_by_index(0).to_python()
        for cell in row
    ]
    assert date(2026, 3, 10) in cells
    assert b'state="frozen"' in ZipFile(target).read("xl/worksheets/sheet1.xml")


def test_no_cell_of_an_export_is_a_formula(company: Company, tmp_path: Path) -> None:
    bad = ledger.record_customer(entity=company.cast.entity, code="X-1", name="=cmd|'/C calc'!A0", at=EARLY)
    bill(bad, "X-1", "10.00", date(2026, 1, 1), date(2026, 1, 31))
    assert "'=cmd|" in run("aging", *FIXED, "--format", "csv")
    target = tmp_path / "x.xlsx"
    run("aging", *FIXED, "--format", "xlsx", "-o", str(target))
    archive = ZipFile(target)
    assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    assert b"quotePrefix" in archive.read("xl/styles.xml")
    assert b"=cmd|" in archive.read("xl/sharedStrings.xml")


def test_a_file_that_cannot_be_written_is_named(company: Company) -> None:
    with pytest.raises(CommandError, match="/nowhere/at/all"):
        run("aging", *FIXED, "--format", "csv", "-o", "/nowhere/at/all.csv")
