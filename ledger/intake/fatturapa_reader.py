"""Reads FatturaPA 1.2 (FPA12, FPR12, FSM10 is another format), Italy's e-invoice; one file may have several.

The total (ImportoTotaleDocumento) includes tax that the customer withholds (ritenuta) or pays to the state itself
(split payment); both are booked as paid on the issue date, because they never come as money from the customer.
"""

from datetime import date
from decimal import Decimal

from lxml import etree

from ledger.intake.documents import MAX_NAME, BadCell, DocumentLine, NoticeBook, Party, Unreadable
from ledger.intake.einvoice import Attachment, EFile, Sheet, currency_of, read_sheets
from ledger.intake.einvoice_files import attachment
from ledger.intake.einvoice_totals import Totals, agree, check_payable
from ledger.intake.xml_fields import (
    ZERO,
    all_at,
    amount_at,
    date_at,
    days_after,
    first_at,
    line_of,
    sum_at,
    text_at,
)
from ledger.intake.xml_safe import local_name

ROOT = "FatturaElettronica"
SIMPLE = "FatturaElettronicaSemplificata"
CREDIT = frozenset({"TD04", "TD08"})
GENERAL = "DatiGenerali/DatiGeneraliDocumento"
GOODS = "DatiBeniServizi"
# The exchange system of Italy tells nobody off for a difference of one euro between lines and summary.
TOLERANCE = Decimal(1)


def read_fatturapa(root: etree._Element, notices: NoticeBook) -> EFile:
    """The invoices of one file. One that contradicts itself comes as a reject with the difference."""
    names = {local_name(element) for element in root.iter()}
    if SIMPLE in names:
        raise Unreadable("other_einvoice", line_of(root), format="FatturaPA semplificata (FSM10)")
    files = [element for element in root.iter() if local_name(element) == ROOT]
    bodies = [body for file in files for body in all_at(file, "FatturaElettronicaBody")]
    if not bodies:
        raise Unreadable("no_invoice_inside", line_of(root), format="FatturaPA")
    if "Signature" in names:
        notices.add("signature_not_checked", line_of(root))
    return read_sheets(bodies, _sheet, _glance, notices, whole=False)


def _glance(body: etree._Element) -> tuple[str, str, str]:
    general = first_at(body, GENERAL)
    return text_at(general, "Numero"), text_at(general, "ImportoTotaleDocumento"), text_at(general, "Divisa")


def _sheet(body: etree._Element, notices: NoticeBook) -> Sheet:
    general, goods = first_at(body, GENERAL), first_at(body, GOODS)
    if general is None or goods is None:
        raise BadCell(
            "not_in_document", field="amount" if general is not None else "number", line=line_of(body)
        )
    header = first_at(body.getparent(), "FatturaElettronicaHeader")
    totals = _totals(general, goods, notices)
    credit = text_at(general, "TipoDocumento") in CREDIT
    withheld = _withheld(general, goods)
    if withheld:
        notices.add("withheld_as_paid", line_of(general))
    issued = date_at(general, "Data")
    payments = all_at(body, "DatiPagamento/DettaglioPagamento")
    check_payable(
        where=general,
        gross=totals.gross,
        prepaid=withheld,
        rounding=amount_at(general, "Arrotondamento"),
        payable=None if credit else _asked(payments),
        notices=notices,
    )
    return Sheet(
        element=body,
        number=text_at(general, "Numero"),
        issued_on=issued,
        due_on=_due(payments, issued, notices),
        currency=currency_of(general, text_at(general, "Divisa"), "Divisa"),
        totals=totals,
        credit=credit,
        customer=_party(first_at(header, "CessionarioCommittente"), first_at(header, "DatiTrasmissione")),
        seller=_party(first_at(header, "CedentePrestatore"), None),
        order=text_at(
            body, *(f"DatiGenerali/{name}/IdDocumento" for name in ("DatiOrdineAcquisto", "DatiContratto"))
        ),
        corrects=text_at(body, "DatiGenerali/DatiFattureCollegate/IdDocumento"),
        paid=withheld or None,
        lines=[_line(line) for line in all_at(goods, "DettaglioLinee")],
        attachments=_attachments(body),
    )


def _asked(payments: list[etree._Element]) -> Decimal | None:
    """What all instalments ask for together; None when they name no amount."""
    asked = [amount for one in payments if (amount := amount_at(one, "ImportoPagamento")) is not None]
    return sum(asked, ZERO) if asked else None


def _totals(general: etree._Element, goods: etree._Element, notices: NoticeBook) -> Totals:
    """Net and tax are the summary's; the total must be what they make, with what the format adds beside them."""
    summary = all_at(goods, "DatiRiepilogo")
    net = sum_at(goods, "DatiRiepilogo/ImponibileImporto")
    tax = sum_at(goods, "DatiRiepilogo/Imposta")
    lines = sum_at(goods, "DettaglioLinee/PrezzoTotale") + sum_at(
        general, "DatiCassaPrevidenziale/ImportoContributoCassa"
    )
    rounding = sum_at(goods, "DatiRiepilogo/Arrotondamento")
    if not summary:
        raise BadCell("not_in_document", field="tax", line=line_of(goods))
    agree("ImponibileImporto", net - rounding, lines, goods, TOLERANCE * len(summary))
    stated = amount_at(general, "ImportoTotaleDocumento")
    if stated is None:
        notices.add("total_computed", line_of(general))
        return Totals(net, tax, net + tax)
    extra = _beside(general, stated - net - tax)
    if extra is None:
        agree("ImportoTotaleDocumento", stated, net + tax, general)
    return Totals(net + (extra or ZERO), tax, stated)


def _beside(general: etree._Element, difference: Decimal) -> Decimal | None:
    """What the total has and the summary has not: stamp duty, rounding, a discount on the whole; None if none fits."""
    stamp = sum_at(general, "DatiBollo/ImportoBollo")
    rounding = amount_at(general, "Arrotondamento") or ZERO
    change = ZERO
    for one in all_at(general, "ScontoMaggiorazione"):
        sign = -1 if text_at(one, "Tipo") == "SC" else 1
        change += sign * (amount_at(one, "Importo") or ZERO)
    fits = {
        ZERO,
        *(a + b + c for a in (ZERO, stamp) for b in (ZERO, rounding) for c in (ZERO, change)),
    }
    return difference if difference in fits else None


def _withheld(general: etree._Element, goods: etree._Element) -> Decimal:
    """Withholding tax, and the tax of a split payment (EsigibilitaIVA S): the customer pays both to the state."""
    split = sum(
        (
            amount_at(one, "Imposta") or ZERO
            for one in all_at(goods, "DatiRiepilogo")
            if text_at(one, "EsigibilitaIVA").upper() == "S"
        ),
        ZERO,
    )
    return sum_at(general, "DatiRitenuta/ImportoRitenuta") + split


def _due(payments: list[etree._Element], issued: date | None, notices: NoticeBook) -> date | None:
    """The earliest instalment; its date, or its days after the day that its terms count from."""
    dates = []
    for one in payments:
        day = date_at(one, "DataScadenzaPagamento")
        days = amount_at(one, "GiorniTerminiPagamento")
        start = date_at(one, "DataRiferimentoTerminiPagamento") or issued
        if day is None and days is not None and start is not None:
            day = days_after(start, int(min(max(days, ZERO), Decimal(999))))
        dates += [day] if day else []
    if len(dates) > 1:
        notices.add("instalments", line_of(payments[0]))
    return min(dates, default=None)


def _line(line: etree._Element) -> DocumentLine:
    return DocumentLine(
        line_of(line),
        text_at(line, "Descrizione"),
        amount_at(line, "Quantita"),
        text_at(line, "UnitaMisura"),
        amount_at(line, "PrezzoUnitario"),
        amount_at(line, "PrezzoTotale") or ZERO,
        amount_at(line, "AliquotaIVA"),
    )


def _party(party: etree._Element | None, sent: etree._Element | None) -> Party:
    """A company or a person; the tax id with its country, else the fiscal code."""
    if party is None:
        return Party()
    data = first_at(party, "DatiAnagrafici")
    name = text_at(data, "Anagrafica/Denominazione")
    person = " ".join(
        part for part in (text_at(data, f"Anagrafica/{n}") for n in ("Nome", "Cognome")) if part
    )
    vat = text_at(data, "IdFiscaleIVA/IdPaese").upper() + text_at(data, "IdFiscaleIVA/IdCodice")
    # Six signs name a public office; seven are the channel of an intermediary, which many customers share.
    office = text_at(sent, "CodiceDestinatario")
    email = text_at(party, "Contatti/Email")
    country = text_at(party, "Sede/Nazione").upper()
    return Party(
        (name or person)[:MAX_NAME],
        "",
        (vat if text_at(data, "IdFiscaleIVA/IdCodice") else text_at(data, "CodiceFiscale"))[:40],
        f"0201:{office}" if len(office) == 6 and office.strip("0X") else "",
        country if len(country) == 2 else "",
        email[:254] if "@" in email else "",
    )


def _attachments(body: etree._Element) -> list[Attachment]:
    found = []
    for node in all_at(body, "Allegati"):
        data = first_at(node, "Attachment")
        if data is None or text_at(node, "AlgoritmoCompressione"):
            continue
        name = text_at(node, "NomeAttachment")
        kind = text_at(node, "FormatoAttachment").lower()
        one = attachment(data, name if "." in name else f"{name}.{kind}", "")
        found += [one] if one else []
    return found
