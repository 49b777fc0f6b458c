"""Builds small e-invoices of every family, each with one thing to change."""

import zlib
from decimal import Decimal
from io import BytesIO

from pypdf import PdfWriter
from pypdf.generic import NameObject, StreamObject

RSM = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
UDT = "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"
OLD_RSM = "urn:ferd:CrossIndustryDocument:invoice:1p0"
OLD_RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:12"


DUE = '<ram:DueDateDateTime><udt:DateTimeString format="102">20260303</udt:DateTimeString></ram:DueDateDateTime>'
PAYMENT = (
    "<DataScadenzaPagamento>2026-03-03</DataScadenzaPagamento><ImportoPagamento>122.00</ImportoPagamento>"
)


def money(value: Decimal | str | int) -> str:
    """An amount as the formats write it."""
    return f"{Decimal(value):.2f}"


def cii(
    *,
    number: str = "C-1",
    kind: str = "380",
    lines: tuple[tuple[str, str, str], ...] = (("Chairs", "10", "15.00"), ("Lamps", "4", "15.00")),
    rate: str = "21",
    terms: str = DUE,
    extra_total: str = "",
    agreement: str = "",
    settlement: str = "",
    currency: str = "EUR",
    buyer: str = "Almacenes Río",
    tax_id: str = "ESB76543214",
) -> str:
    """A Cross Industry Invoice of today: lines are name, quantity and price."""
    nets = [Decimal(quantity) * Decimal(price) for _name, quantity, price in lines]
    net = sum(nets, Decimal(0))
    tax = (net * Decimal(rate) / 100).quantize(Decimal("0.01"))
    items = _cii_lines(lines, rate)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rsm:CrossIndustryInvoice xmlns:rsm="{RSM}" xmlns:ram="{RAM}" '
        f'xmlns:udt="{UDT}"><rsm:ExchangedDocument><ram:ID>{number}</ram:ID><ram:TypeCode>{kind}</ram:TypeCode>'
        '<ram:IssueDateTime><udt:DateTimeString format="102">20260201</udt:DateTimeString></ram:IssueDateTime>'
        f"</rsm:ExchangedDocument>\n<rsm:SupplyChainTradeTransaction>{items}<ram:ApplicableHeaderTradeAgreement>"
        "<ram:BuyerReference>REF-9</ram:BuyerReference><ram:SellerTradeParty><ram:Name>Acme Ibérica, S.L.</ram:Name>"
        f"</ram:SellerTradeParty><ram:BuyerTradeParty><ram:Name>{buyer}</ram:Name><ram:PostalTradeAddress>"
        "<ram:CountryID>ES</ram:CountryID></ram:PostalTradeAddress>"
        '<ram:URIUniversalCommunication><ram:URIID schemeID="9920">ESB76543214</ram:URIID>'
        f'</ram:URIUniversalCommunication><ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">{tax_id}</ram:ID>'
        f"</ram:SpecifiedTaxRegistration></ram:BuyerTradeParty>{agreement}</ram:ApplicableHeaderTradeAgreement>"
        "<ram:ApplicableHeaderTradeDelivery/>\n<ram:ApplicableHeaderTradeSettlement>"
        f"<ram:InvoiceCurrencyCode>{currency}</ram:InvoiceCurrencyCode>"
        f"<ram:SpecifiedTradePaymentTerms>{terms}</ram:SpecifiedTradePaymentTerms>\n"
        "<ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
        f"<ram:LineTotalAmount>{money(net)}</ram:LineTotalAmount>"
        f"<ram:TaxBasisTotalAmount>{money(net)}</ram:TaxBasisTotalAmount>"
        f'<ram:TaxTotalAmount currencyID="{currency}">{money(tax)}</ram:TaxTotalAmount>'
        f"<ram:GrandTotalAmount>{money(net + tax)}</ram:GrandTotalAmount>{extra_total}"
        "</ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
        f"{settlement}</ram:ApplicableHeaderTradeSettlement></rsm:SupplyChainTradeTransaction>"
        "</rsm:CrossIndustryInvoice>\n"
    )


def _cii_lines(lines: tuple[tuple[str, str, str], ...], rate: str) -> str:
    """The lines; prices are stated for two pieces."""
    return "".join(
        f"<ram:IncludedSupplyChainTradeLineItem><ram:AssociatedDocumentLineDocument><ram:LineID>{n}</ram:LineID>"
        f"</ram:AssociatedDocumentLineDocument><ram:SpecifiedTradeProduct><ram:Name>{name}</ram:Name>"
        "</ram:SpecifiedTradeProduct><ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice>"
        f"<ram:ChargeAmount>{Decimal(price) * 2}</ram:ChargeAmount><ram:BasisQuantity>2</ram:BasisQuantity>"
        "</ram:NetPriceProductTradePrice></ram:SpecifiedLineTradeAgreement><ram:SpecifiedLineTradeDelivery>"
        f'<ram:BilledQuantity unitCode="C62">{quantity}</ram:BilledQuantity></ram:SpecifiedLineTradeDelivery>'
        "<ram:SpecifiedLineTradeSettlement><ram:ApplicableTradeTax>"
        f"<ram:RateApplicablePercent>{rate}</ram:RateApplicablePercent></ram:ApplicableTradeTax>"
        "<ram:SpecifiedTradeSettlementLineMonetarySummation>"
        f"<ram:LineTotalAmount>{money(Decimal(quantity) * Decimal(price))}</ram:LineTotalAmount>"
        "</ram:SpecifiedTradeSettlementLineMonetarySummation></ram:SpecifiedLineTradeSettlement>"
        "</ram:IncludedSupplyChainTradeLineItem>"
        for n, (name, quantity, price) in enumerate(lines, start=1)
    )


def zugferd1(*, with_tax: bool = False, off: str = "0.00") -> str:
    """A ZUGFeRD 1.0 invoice: older names; `with_tax` states its lines with tax, `off` moves the sum of lines."""
    text = cii().replace(RSM, OLD_RSM).replace(RAM, OLD_RAM)
    for new, old in (
        ("rsm:CrossIndustryInvoice", "rsm:CrossIndustryDocument"),
        ("rsm:ExchangedDocument", "rsm:HeaderExchangedDocument"),
        ("rsm:SupplyChainTradeTransaction", "rsm:SpecifiedSupplyChainTradeTransaction"),
        ("ApplicableHeaderTradeAgreement", "ApplicableSupplyChainTradeAgreement"),
        ("ApplicableHeaderTradeSettlement", "ApplicableSupplyChainTradeSettlement"),
        ("HeaderMonetarySummation", "MonetarySummation"),
        ("LineMonetarySummation", "MonetarySummation"),
        ("SpecifiedLineTrade", "SpecifiedSupplyChainTrade"),
        ("RateApplicablePercent", "ApplicablePercent"),
    ):
        text = text.replace(new, old)
    if with_tax:
        text = text.replace(">150.00</ram:LineTotal", ">181.50</ram:LineTotal")
        text = text.replace(">60.00</ram:LineTotal", ">72.60</ram:LineTotal")
    stated = money(Decimal("150.00") + Decimal(off))
    return text.replace(">150.00</ram:LineTotal", f">{stated}</ram:LineTotal")


def facturae(
    *,
    version: str = "3.2.2",
    invoices: tuple[tuple[str, str, str], ...] = (("A", "1", "100.00"),),
    signed: bool = False,
    totals: str = "",
    withheld: str = "0.00",
    payments: str = "",
    header: str = "",
    day: str = "2026-02-01",
    nif: str = "B76543214",
    more: str = "",
) -> str:
    """A Facturae file: invoices are series, number and net amount, at 21 %."""
    bodies = "".join(
        _facturae_invoice(
            series, number, Decimal(net), Decimal(withheld), totals, payments, header, day, more
        )
        for series, number, net in invoices
    )
    signature = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo/></ds:Signature>'
    space = {"3.1": "v3_1", "3.2": "v3_2"}.get(version, "v" + version.replace(".", "_"))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<fe:Facturae xmlns:fe="http://www.facturae.es/Facturae{space}">'
        f"<FileHeader><SchemaVersion>{version}</SchemaVersion><Modality>L</Modality><Batch>"
        f"<InvoicesCount>{len(invoices)}</InvoicesCount></Batch></FileHeader><Parties><SellerParty>"
        "<TaxIdentification><TaxIdentificationNumber>B12345674</TaxIdentificationNumber></TaxIdentification>"
        "<LegalEntity><CorporateName>Acme Ibérica, S.L.</CorporateName></LegalEntity></SellerParty><BuyerParty>"
        f"<TaxIdentification><TaxIdentificationNumber>{nif}</TaxIdentificationNumber></TaxIdentification>"
        "<LegalEntity><CorporateName>Almacenes Río, S.A.</CorporateName><AddressInSpain>"
        "<CountryCode>ESP</CountryCode></AddressInSpain></LegalEntity></BuyerParty></Parties>"
        f"<Invoices>{bodies}</Invoices>{signature if signed else ''}</fe:Facturae>\n"
    )


def _facturae_invoice(
    series: str,
    number: str,
    net: Decimal,
    held: Decimal,
    totals: str,
    payments: str,
    header: str,
    day: str,
    more: str,
) -> str:
    tax = (net * 21 / 100).quantize(Decimal("0.01"))
    total = net + tax - held
    plan = payments or "<Installment><InstallmentDueDate>2026-03-03</InstallmentDueDate></Installment>"
    code = f"<InvoiceSeriesCode>{series}</InvoiceSeriesCode>" if series else ""
    return (
        f"\n<Invoice><InvoiceHeader><InvoiceNumber>{number}</InvoiceNumber>{code}<InvoiceClass>OO</InvoiceClass>"
        f"{header}</InvoiceHeader><InvoiceIssueData><IssueDate>{day}</IssueDate><InvoiceCurrencyCode>EUR"
        "</InvoiceCurrencyCode></InvoiceIssueData><InvoiceTotals>"
        f"<TotalGrossAmount>{money(net)}</TotalGrossAmount>"
        f"<TotalGrossAmountBeforeTaxes>{money(net)}</TotalGrossAmountBeforeTaxes>"
        f"<TotalTaxOutputs>{money(tax)}</TotalTaxOutputs><TotalTaxesWithheld>{money(held)}</TotalTaxesWithheld>"
        f"<InvoiceTotal>{money(total)}</InvoiceTotal>{totals}"
        f"</InvoiceTotals><Items><InvoiceLine><ItemDescription>Trabajo</ItemDescription><Quantity>2.0</Quantity>"
        f"<UnitOfMeasure>02</UnitOfMeasure><UnitPriceWithoutTax>{net / 2}</UnitPriceWithoutTax>"
        f"<GrossAmount>{net}</GrossAmount><TaxesOutputs><Tax><TaxRate>21.00</TaxRate></Tax></TaxesOutputs>"
        f"</InvoiceLine></Items><PaymentDetails>{plan}</PaymentDetails>{more}</Invoice>"
    )


def fatturapa(
    *,
    kind: str = "TD01",
    general: str = "<ImportoTotaleDocumento>122.00</ImportoTotaleDocumento>",
    goods: str = "",
    payment: str = PAYMENT,
    due: str = "I",
    numbers: tuple[str, ...] = ("F-1",),
    line: str = "100.00",
    more: str = "",
) -> str:
    """A FatturaPA file with a net amount of 100 at 22 %."""
    bodies = "".join(
        "\n<FatturaElettronicaBody><DatiGenerali><DatiGeneraliDocumento>"
        f"<TipoDocumento>{kind}</TipoDocumento><Divisa>EUR</Divisa><Data>2026-02-01</Data><Numero>{number}</Numero>"
        f"{general}</DatiGeneraliDocumento></DatiGenerali><DatiBeniServizi><DettaglioLinee><NumeroLinea>1</NumeroLinea>"
        f"<Descrizione>Lavoro</Descrizione><Quantita>4.00</Quantita><PrezzoUnitario>25.00</PrezzoUnitario>"
        f"<PrezzoTotale>{line}</PrezzoTotale><AliquotaIVA>22.00</AliquotaIVA></DettaglioLinee>{goods}<DatiRiepilogo>"
        "<AliquotaIVA>22.00</AliquotaIVA><ImponibileImporto>100.00</ImponibileImporto><Imposta>22.00</Imposta>"
        f"<EsigibilitaIVA>{due}</EsigibilitaIVA></DatiRiepilogo></DatiBeniServizi><DatiPagamento><DettaglioPagamento>"
        f"{payment}</DettaglioPagamento></DatiPagamento>{more}</FatturaElettronicaBody>"
        for number in numbers
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<p:FatturaElettronica versione="FPR12" '
        'xmlns:p="http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2"><FatturaElettronicaHeader>'
        "<DatiTrasmissione><CodiceDestinatario>ABC1234</CodiceDestinatario></DatiTrasmissione><CedentePrestatore>"
        "<DatiAnagrafici><IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>01234567890</IdCodice></IdFiscaleIVA>"
        "<Anagrafica><Denominazione>Acme Italia</Denominazione></Anagrafica></DatiAnagrafici></CedentePrestatore>"
        "<CessionarioCommittente><DatiAnagrafici><CodiceFiscale>RSSMRA80A01H501U</CodiceFiscale><Anagrafica>"
        "<Nome>Mario</Nome><Cognome>Rossi</Cognome></Anagrafica></DatiAnagrafici><Sede><Nazione>IT</Nazione></Sede>"
        f"</CessionarioCommittente></FatturaElettronicaHeader>{bodies}</p:FatturaElettronica>\n"
    )


def bomb() -> bytes:
    """A small PDF whose attachment unpacks to 100 MB."""
    writer = PdfWriter()
    writer.add_attachment("factur-x.xml", b"x")
    for part in writer._objects:
        if isinstance(part, StreamObject) and part.get("/Type") == "/EmbeddedFile":
            part._data = zlib.compress(b"<a>" + b" " * (100 << 20))
            part[NameObject("/Filter")] = NameObject("/FlateDecode")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def pdf(*attached: tuple[str, str | bytes], password: str = "") -> bytes:
    """A PDF of one page with these files attached."""
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    for name, content in attached:
        writer.add_attachment(name, content.encode() if isinstance(content, str) else content)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
