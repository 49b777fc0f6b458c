"""The words that ERPs put in header rows, in six languages, for each field of a document."""

HEADERS: dict[str, str] = {
    "number": (
        "invoice number|invoice no|invoice nr|invoice id|invoice|inv no|inv number|document number|"
        "document no|doc id|doc no|doc number|number|no|bill number|reference number|numero factura|"
        "numero de factura|n factura|num factura|no factura|nro factura|factura|documento|"
        "numero documento|n documento|num documento|numero facture|numero de facture|n facture|"
        "no facture|num facture|facture|numero piece|n piece|piece|piece ref|rechnungsnummer|"
        "rechnungs nr|rechnungsnr|rechnung nr|rechnung|belegnummer|beleg nr|belegnr|numero fattura|"
        "n fattura|fattura|numero da fatura|n da fatura|numero fatura|fatura|nota fiscal|numero|"
        "nummer|nr|n"
    ),
    "customer_code": (
        "customer id|customer code|customer number|customer no|customer nr|cust number|cust no|"
        "cust id|cust code|account number|account no|client number|client code|client id|client no|"
        "debtor number|debtor no|sold to|codigo cliente|codigo de cliente|cod cliente|n cliente|"
        "num cliente|numero cliente|numero de cliente|id cliente|code client|numero client|"
        "numero de client|n client|no client|num client|compte client|compte auxiliaire|kundennummer|"
        "kunden nr|kundennr|kunde nr|debitorennummer|debitor nr|debitor|kunden id|codice cliente|"
        "numero do cliente|codigo do cliente|cod cli"
    ),
    "customer_name": (
        "customer name|customer|name customer|client name|client|company name|company|account name|"
        "debtor|debtor name|buyer|buyer name|bill to|bill to name|nombre cliente|nombre del cliente|"
        "nombre de cliente|cliente|razon social|nombre|nom client|nom du client|raison sociale|nom|"
        "kundenname|kunde|name|firma|firmenname|debitorenname|nome cliente|ragione sociale|"
        "nome do cliente|nome|intestatario|denominazione|denominacion|deudor"
    ),
    "customer_tax_id": (
        "tax id|vat id|vat number|vat no|tax number|vat registration number|customer vat|nif|cif|"
        "nif cif|cif nif|dni|nif cliente|cif cliente|nif del cliente|siren|siret|numero tva|n tva|"
        "tva intracommunautaire|tva intracom|ust id|ust idnr|ust id nr|ustid|umsatzsteuer id|"
        "steuernummer|partita iva|p iva|piva|codice fiscale|contribuinte|nipc|customer tax id|"
        "fiscal id"
    ),
    "customer_country": (
        "country|country code|customer country|pais|codigo pais|pays|code pays|land|landercode|paese|nazione"
    ),
    "customer_email": (
        "customer email|customer e mail|client email|billing email|email|e mail|correo|"
        "correo electronico|email cliente|email client|courriel|mail"
    ),
    "contact_email": (
        "contact email|contact e mail|contact person email|contact mail|email contact|e mail contact|email of contact|"
        "email contacto|email de contacto|email del contacto|e mail contacto|e mail de contacto|e mail del contacto|"
        "correo contacto|correo de contacto|correo del contacto|mail contact|email du contact|e mail du contact|"
        "mail du contact|courriel contact|courriel du contact|contact courriel|email ansprechpartner|"
        "e mail ansprechpartner|kontakt email|kontakt e mail|email contatto|e mail contatto|email do contacto"
    ),
    "issued_on": (
        "invoice date|issue date|issued on|issued|date of issue|date issued|document date|doc date|"
        "posting date|bill date|billing date|date|fecha factura|fecha de factura|fecha emision|"
        "fecha de emision|fecha de expedicion|fecha expedicion|fecha documento|fecha|date facture|"
        "date de facture|date de la facture|date emission|date d emission|date piece|rechnungsdatum|"
        "rechnungs datum|belegdatum|ausstellungsdatum|datum|buchungsdatum|data fattura|"
        "data emissione|data documento|data|data da fatura|data de emissao|data emissao"
    ),
    "due_on": (
        "due date|due on|due|due in date|payment due|payment due date|net due date|date due|maturity|"
        "maturity date|vencimiento|fecha vencimiento|fecha de vencimiento|f vencimiento|vto|"
        "fecha vto|echeance|date echeance|date d echeance|date de echeance|faelligkeit|falligkeit|"
        "fallig am|faellig am|falligkeitsdatum|faelligkeitsdatum|fallig|zahlbar bis|scadenza|"
        "data scadenza|data di scadenza|data de vencimento|vencimento|data vencimento"
    ),
    "terms_days": (
        "terms days|payment terms days|payment terms|payment days|terms|net days|days|credit days|"
        "plazo|plazo de pago|plazo dias|dias|dias de pago|dias vencimiento|condiciones de pago|delai|"
        "delai de paiement|conditions de paiement|delai jours|jours|zahlungsziel|zahlungsziel tage|"
        "zahlungsfrist|tage|giorni|termini di pagamento|giorni pagamento|prazo|prazo dias"
    ),
    "amount": (
        "amount incl tax|amount including tax|amount incl vat|gross amount|total amount|"
        "total incl tax|total incl vat|invoice amount|invoice total|grand total|gross|gross total|"
        "amount|total|converted|open amount|amount due|document amount|importe total|total factura|"
        "importe factura|importe con iva|total con iva|importe bruto|importe|montant ttc|total ttc|"
        "ttc|montant total|montant facture|montant|bruttobetrag|brutto|rechnungsbetrag|gesamtbetrag|"
        "gesamtsumme|summe brutto|betrag|endbetrag|importo totale|totale fattura|totale documento|"
        "totale|importo|lordo|valor total|total da fatura|valor|montante"
    ),
    "net": (
        "net amount|net|net total|amount excl tax|amount excl vat|amount excluding tax|subtotal|"
        "taxable amount|total excl tax|base imponible|base|importe neto|neto|importe sin iva|"
        "montant ht|total ht|ht|montant hors taxe|nettobetrag|netto|summe netto|imponibile|"
        "importo netto|valor liquido|base tributavel"
    ),
    "tax": (
        "tax|tax amount|vat|vat amount|total tax|total vat|iva|cuota iva|importe iva|cuota|igic|tva|"
        "montant tva|total tva|mwst|mwst betrag|ust|umsatzsteuer|steuer|steuerbetrag|imposta|"
        "importo iva|valor iva|impuesto"
    ),
    "currency": (
        "currency|currency code|curr|ccy|invoice currency|document currency|moneda|divisa|cod moneda|"
        "devise|code devise|monnaie|waehrung|wahrung|wahrungscode|buchungswahrung|wkz|valuta|"
        "divisa codice|moeda"
    ),
    "kind": (
        "kind|type|document type|doc type|invoice type|transaction type|tipo|tipo documento|"
        "tipo de documento|tipo doc|tipo factura|type de piece|type document|type de document|nature|"
        "belegart|art|dokumenttyp|tipo di documento|clase"
    ),
    "order_reference": (
        "order reference|order number|order no|order|po number|po|po no|purchase order|"
        "customer reference|your reference|customer order|pedido|numero pedido|n pedido|"
        "numero de pedido|su pedido|su referencia|commande|bon de commande|numero commande|"
        "numero de commande|n commande|votre reference|bestellnummer|bestell nr|bestellung|"
        "ihre bestellung|auftragsnummer|ihr zeichen|ordine|numero ordine|n ordine|encomenda|"
        "numero da encomenda"
    ),
    "corrects": (
        "corrects|original invoice|corrected invoice|credited invoice|related invoice|"
        "factura rectificada|factura original|rectifica a|facture d origine|facture origine|"
        "facture corrigee|ursprungsrechnung|ursprungliche rechnung|bezug|fattura originale|"
        "fattura di riferimento|fatura original"
    ),
    "salesperson": (
        "salesperson|salesperson email|sales rep|sales rep email|salesman|account manager|"
        "account manager email|seller email|comercial|email comercial|correo comercial|vendedor|"
        "email vendedor|agente|commercial|email commercial|vendeur|mail commercial|representant|"
        "vertreter|verkaufer|aussendienst|vertriebsmitarbeiter|venditore|agente email"
    ),
    "settled_on": (
        "settled on|settled date|settlement date|paid on|paid date|date paid|payment date|clear date|"
        "clearing date|cleared on|fecha pago|fecha de pago|fecha cobro|fecha de cobro|cobrado el|"
        "pagado el|date paiement|date de paiement|date reglement|date de reglement|paye le|regle le|"
        "zahlungsdatum|bezahlt am|zahldatum|ausgleichsdatum|ausgleich|data pagamento|"
        "data di pagamento|pagato il|data incasso|data de pagamento|pago em"
    ),
    "paid": (
        "paid|paid amount|amount paid|prepaid|already paid|payment amount|pagado|importe pagado|"
        "cobrado|importe cobrado|anticipo|paye|montant paye|montant regle|regle|deja paye|acompte|"
        "bezahlt|gezahlt|zahlbetrag|bereits bezahlt|anzahlung|pagato|importo pagato|incassato|"
        "acconto|pago|valor pago"
    ),
}

LINE_PREFIXES = (
    "position",
    "pos",
    "line",
    "item",
    "linea",
    "ligne",
    "zeile",
    "riga",
    "artikel",
    "linha",
)
LINE_HEADERS: dict[str, str] = {
    "line_description": (
        "description|name|text|descripcion|concepto|designation|libelle|beschreibung|bezeichnung|"
        "descrizione|descricao"
    ),
    "line_quantity": "quantity|qty|amount|cantidad|quantite|menge|anzahl|quantita|quantidade",
    "line_unit_price": "unit price|price|precio|precio unitario|prix|prix unitaire|preis|einzelpreis|prezzo|preco",
    "line_net": (
        "nettotal afterdiscount|net total after discount|nettotal|net total|net|net amount|importe|"
        "neto|base|ht|montant ht|netto|nettobetrag|imponibile|importo"
    ),
    "line_tax": (
        "vattotal|vat total|vat amount|tax amount|tax total|cuota|importe iva|montant tva|mwst betrag|imposta"
    ),
    "line_tax_rate": "vat|tax|vat rate|tax rate|tipo iva|iva|taux tva|tva|mwst|steuersatz|aliquota|taxa iva",
    "line_amount": (
        "total|total incl tax|gross|gross amount|amount incl tax|total ttc|ttc|brutto|bruttobetrag|"
        "totale|valor"
    ),
}

CREDIT_WORDS = (
    "credit note|credit memo|credit|cn|abono|nota de abono|nota de credito|nota credito|"
    "rectificativa|factura rectificativa|avoir|note de credit|facture d avoir|gutschrift|gs|"
    "rechnungskorrektur|stornorechnung|storno|nota di credito|nota accredito|dg|rg|381|384 c|cr|"
    "a|nc|td04|fr"
)
INVOICE_WORDS = (
    "invoice|inv|in|sales invoice|bill|factura|fac|f|factura ordinaria|facture|fa|rechnung|re|"
    "fattura|ft|fatura|standard invoice|rv|dr|ri|380|td01|i|debit note|nota de cargo|debit"
)
TOTALS_WORDS = (
    "total|totals|grand total|sum|subtotal|suma|sumas|totales|total general|totaux|total general|"
    "somme|summe|gesamt|gesamtsumme|zwischensumme|totale|totali|somma|soma|totais"
)
