"""Workbooks made for a test."""

import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

HEADER = ("Invoice number", "Customer", "Invoice date", "Amount")

ODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.3">
<office:body><office:spreadsheet><table:table table:name="Liste">{rows}</table:table></office:spreadsheet></office:body>
</office:document-content>"""

MANIFEST = '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'


def workbook(path: Path, sheets: dict[str, Sequence[Sequence[Any]]], **formats: str) -> Path:
    """An XLSX with these sheets; a value (text, format) is written with that number format."""
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for line, cells in enumerate(rows):
                for place, cell in enumerate(cells):
                    if isinstance(cell, tuple):
                        value, form = cell
                        write = sheet.write_datetime if hasattr(value, "year") else sheet.write
                        write(line, place, value, book.add_format({"num_format": form}))
                    elif cell is not None:
                        sheet.write(line, place, cell)
            if formats.get(name) == "hidden":
                sheet.hide()
    return path


def altered(path: Path, change: Callable[[str, bytes], bytes], more: dict[str, bytes] | None = None) -> Path:
    """The same archive with its members changed."""
    with zipfile.ZipFile(path) as old:
        members = {name: change(name, old.read(name)) for name in old.namelist()} | (more or {})
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in members.items():
            new.writestr(name, data)
    path.write_bytes(kept.getvalue())
    return path


def ods(path: Path, rows: str) -> Path:
    """An OpenDocument sheet with these rows of XML."""
    with zipfile.ZipFile(path, "w") as new:
        new.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        new.writestr("META-INF/manifest.xml", MANIFEST)
        new.writestr("content.xml", ODS.format(rows=rows))
    return path


def ods_row(*cells: str, repeated: int = 1) -> str:
    """A row of text cells."""
    inside = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
        for cell in cells
    )
    return f'<table:table-row table:number-rows-repeated="{repeated}">{inside}</table:table-row>'
