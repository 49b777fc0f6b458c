"""The words that banks put in the header rows of their tables, in German, French, Italian, English and Spanish."""

import re
from functools import lru_cache

from ledger.intake.amounts import CURRENCIES
from ledger.intake.dates import plain
from ledger.intake.mapping import folded

# Role of a column -> phrases of folded header words. The longest phrase that a header contains tells its role; a
# phrase that stands for several roles is decided by the values. `*` stands for the rest of a word.
PHRASES: dict[str, str] = {
    "booked": (
        "buchungsdatum|buchungstag|buchung|gebucht am|erfassungsdatum|auftragsdatum|verbuchungsdatum|booking date|"
        "booked at|booked on|booked|posting date|posted date|posted on|date posted|entry date|completed date|"
        "date de comptabilisation|date comptable|date d ecriture|date ecriture|ecriture|date operation|"
        "date d operation|date de l operation|date op|data registrazione|data di registrazione|"
        "data contabilizzazione|data di contabilizzazione|data contabile|data operazione|data movimento|"
        "fecha operacion|fecha de operacion|fecha contable|f operativa|f contable|f operacion|"
        "registrazione|date d enregistrement|registration date|boekdatum|boekingsdatum|"
        "fecha de la operacion|fecha movimiento|paid date|payment date|fecha apunte|fecha asiento"
    ),
    "date": "datum|date|data|fecha|dia|jour",
    "trade": (
        "abschlussdatum|abschluss|transaktionsdatum|einkaufsdatum|kaufdatum|belegdatum|trade date|transaction date|"
        "purchase date|started date|date de transaction|date de conclusion|date d achat|date achat|"
        "data dell operazione|data di chiusura|data di acquisto|data transazione|data acquisto|fecha compra|"
        "fecha de compra|fecha transaccion"
    ),
    "value": (
        "valuta|valutadatum|valuta date|value date|value|wert|wertstellung|wertstellungsdatum|wertstellungstag|"
        "date de valeur|date valeur|valeur|data valuta|data di valuta|data della valuta|fecha valor|fecha de valor|"
        "f valor|valor"
    ),
    "debit": (
        "belastung*|lastschrift*|soll|debit*|d bit|debito|debiti|addebit*|importo addebito|dare|uscit*|sorti*|"
        "depense*|cargo|cargos|adeudo|adeudos|debe|salida*|gasto|gastos|pago|pagos|ausgang|ausgange|ausgaben|"
        "abgang|abbuchung*|debit amount|debits|paid out|money out|withdrawal*|outgoing*|retrait*|payments|"
        "belastung betrag|montant debit|importe cargo"
    ),
    "credit": (
        "gutschrift*|haben|credit*|cr dit|credito|crediti|accredit*|importo accredito|avere|entrat*|recett*|"
        "abono|abonos|haber|ingreso|ingresos|entrada*|eingang|eingange|einnahmen|zugang|credit amount|credits|"
        "paid in|money in|deposit*|incoming*|versement*|receipts|gutschrift betrag|montant credit|importe abono"
    ),
    "amount": (
        "betrag|umsatz|transaktionsbetrag|buchungsbetrag|amount|transaction amount|credit debit amount|"
        "debit credit amount|paid amount|montant|montant de la transaction|importo|importo della transazione|"
        "importo operazione|movimento|movimenti|quantit*|importe|importe operacion|monto|cantidad|movimiento|"
        "bedrag|betrag in kontowahrung|total|gross|net|netto|brutto|lordo|brut"
    ),
    "detail": (
        "betrag detail|detail betrag|detailbetrag|einzelbetrag|betrag einzelzahlung|einzelzahlung|individual amount|"
        "sous montant|importo singolo|importe individual|importe detalle|montant detail|importo dettaglio|detail|"
        "details|single amount"
    ),
    "direction": (
        "belastung gutschrift|gutschrift belastung|soll haben|soll haben kennzeichen|haben soll|s h|h s|debit credit|"
        "af bij|bij af|credit debit|debit kredit|kredit debit|d c|c d|dc|cd|dr cr|cr dr|debit or credit|"
        "addebito accredito|accredito addebito|dare avere|"
        "sens|cargo abono|abono cargo|debe haber|vorzeichen|sign|signe|segno|signo|"
        "debit credit indicator|"
        "credit debit indicator|type"
    ),
    "balance": (
        "saldo|balance|solde|kontostand|running balance|saldo nach buchung|saldo contabile|saldo contable|"
        "solde apres operation|balance after|closing balance|saldo in"
    ),
    "currency": (
        "wahrung|w hrung|whg|whrg|wrg|waehrung|buchungswahrung|kontowahrung|currency|curr|ccy|currency code|"
        "account currency|monnaie|monn|mon|devise|moneta|divisa|moneda|valuta"
    ),
    "account": (
        "iban|konto|kontonummer|konto nr|konto no|auftragskonto|kartenkonto|account|account number|account no|"
        "account nr|iban kontoinhaber|numero de compte|num ro de compte|compte|conto|numero di conto|conto no|"
        "cuenta|numero de cuenta|n cuenta"
    ),
    "party_account": (
        "gegenkonto|iban zahlungsbeteiligter|kontonummer iban|iban auftraggeber|iban des auftraggebers|"
        "kontonummer zahlungsbeteiligter|iban empfanger|counterparty iban|counterparty account|partner iban|"
        "partner account|bank account|payer iban|sender iban|payee account|payee account number|"
        "account of payer|tegenrekening|compte banque|conto banca|cuenta banco|payer account|"
        "iban contrepartie|compte contrepartie|"
        "iban controparte|conto controparte|cuenta ordenante|cuenta contraparte|iban ordenante|konto bank|"
        "account iban partner"
    ),
    "party": (
        "name|auftraggeber|begunstigter|auftraggeber begunstigter|name auftraggeber begunstigter|zahlungspflichtiger|"
        "begunstigter zahlungspflichtiger|zahlungspflichtige r|sender|debitor name|"
        "name zahlungsbeteiligter|auftraggeber empfanger|empfanger|zahler|"
        "payer|payer name|payee|partner name|counterparty|counterparty name|client name|customer name|nom|"
        "contrepartie|beneficiaire|donneur d ordre|payeur|nom de la contrepartie|controparte|ordinante|"
        "beneficiario|ordinante beneficiario|ordenante|nombre|nombre ordenante|contraparte|name des partners|"
        "debtor name|debtor"
    ),
    "reference": (
        "referenznummer|zahlungsreferenz|qr referenz|esr referenz|strukturierte referenz|payment reference|"
        "structured reference|creditor reference|reference qr|reference du paiement|reference structuree|"
        "riferimento pagamento|riferimento strutturato|numero di riferimento|referencia de pago|referencia 1"
    ),
    "end_to_end": (
        "end to end|end to end id|end to end referenz|end to end reference|e2e|kundenreferenz|"
        "kundenreferenz end to end|endtoendid"
    ),
    "bank_reference": (
        "transaktions nr|transaktionsnummer|transaktions id|transaction no|transaction number|transaction id|"
        "n de transaction|no de transaction|numero de transaction|n di transazione|numero di transazione|"
        "id transazione|zkb referenz|bankreferenz|bank reference|rif esterno|numero di ordine|numero ordine|"
        "reference banque|reference bancaire|referencia banco|referencia bancaria|numero de operacion|"
        "numero operacion|buchungsreferenz|auftragsnummer|transaction reference|referencia|reference|referenz|"
        "riferimento"
    ),
    "text": (
        "buchungstext|text|texte|testo|beschreibung*|buchungsdetails|bezeichnung|verwendungszweck|zahlungszweck|"
        "zahlungsgrund|mitteilung*|mitteilung referenz|avisierungstext|zusatzinfos*|vorgang|buchungsart|"
        "auftragsart|bewegungstyp|umsatzart|info|information*|detail|details|description*|booking text|"
        "booking details|notification text|narrative|memo|label|transactions|transaction|particulars|"
        "payment details|remittance*|libell*|nature|motif|communication*|texte comptable|texte de notification|"
        "merchant|handler|haendler|commercant|esercente|activity name|details de comptabilisation|"
        "type de transaction|descrizion*|descrizione movimento|"
        "testo contabilizzazione|testo di contabilizzazione|testo d avviso|testo di avviso|causale|"
        "dettagli*|denominazione|tipo di movimento|tipo di ordine|descrizione operazione|operazione|concept*|"
        "descripcion*|observaciones|detalle|detalles|mas datos|movimiento|operacion|comentario|"
        "adresse auftraggeber begunstigter|message|purpose|type of transaction|tipo"
    ),
    "card": (
        "karte|kartennummer|karten nr|card|card number|card no|carte|numero de carte|num ro de carte|carta|"
        "numero carta|numero di carta|tarjeta|numero de tarjeta"
    ),
    "status": "status|stato|statut|etat|estado|buchungsstatus|state",
    "other_amount": (
        "originalbetrag|betrag originalwahrung|fremdwahrungsbetrag|betrag in fremdwahrung|original amount|"
        "foreign amount|amount currency|original currency amount|montant original|montant initial|"
        "montant en devise|importo originale|importe original|importe divisa|originalwahrung|"
        "original currency|monnaie originale|moneta originale|divisa original|kurs|cours|cours des devises|cambio|"
        "corso|devisenkurs|exchange rate|rate|tipo de cambio|importo originario|umrechnungskurs"
    ),
    "fee": "gebuhr|gebuhren|fee|fees|frais|commission|commissione|commissioni|spese|comision|comisiones",
    "ignored": (
        "bic|blz|swift|bankname|bank|bezeichnung auftragskonto|account label|account name|"
        "bewertungsdatum|datum von|datum bis|date d evaluation|date du|date au|data di valutazione|data dal|data al|"
        "abschlusszeit|uhrzeit|zeit|time|trade time|heure|heure de transaction|ora|ora dell operazione|hora|"
        "fussnoten|footnotes|notes de bas de page|note a pie di pagina|kategorie|categorie|category|categoria|tag|"
        "rechnungsperiode|invoicing period|periode de facturation|periodo contabile|betrag letzte|portfolio|"
        "portefeuille|portafoglio|produkt|produit|prodotto|relation bancaire|relazione bancaria|bankbeziehung|"
        "card type|titulaire de compte carte|titulaire|titolare|secteur|saldo verfugbar|available balance|"
        "solde disponible|saldo disponibile|saldo disponible|date solde|data saldo|fecha saldo"
    ),
}

# Words that a list of invoices or an accounting ledger has and a bank's table has not.
FOREIGN = re.compile(
    r"\b(invoice (number|no|nr|id|date|amount)|rechnungs ?(nr|nummer|datum|betrag)|factura|n facture|num(ero)? facture|"
    r"date facture|fattura|fatura|due (date|in date|on)|due|f?alligkeit\w*|faelligkeit\w*|vencimiento|echeance|"
    r"scadenza|net amount|netto(betrag)?|base imponible|imponibile|montant (ht|ttc)|total ttc|iva|tva|vat|mwst|"
    r"tax( amount)?|journal (code|lib)|ecriture num|compte num|piece ref|comp aux num|"
    r"gk|gegenkonto nr|prozentsatz|umrechnungsfaktor|doc id|document (no|number|type)|kunden ?(nr|nummer)|"
    r"cust(omer)? (number|no|id)|customer code|cod(igo)? cliente|code client|codice cliente|days late|"
    r"unit price|menge|stuckpreis|cantidad facturada|belegnummer|factura n)\b"
)

SIGNS = {"€": "EUR", "£": "GBP", " euros": "EUR", " euro": "EUR"}
CODE = re.compile(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])")


def _compiled() -> tuple[dict[str, list[str]], list[tuple[str, str]]]:
    whole: dict[str, list[str]] = {}
    starts: list[tuple[str, str]] = []
    for role, phrases in PHRASES.items():
        for phrase in phrases.split("|"):
            if phrase.endswith("*"):
                starts.append((phrase[:-1], role))
            else:
                whole.setdefault(phrase, []).append(role)
    return whole, starts


WHOLE, STARTS = _compiled()


@lru_cache(maxsize=4096)
def roles_of(header: str) -> tuple[str, ...]:
    """The roles that a header may name, the likeliest first; empty when its words say nothing."""
    if len(header) > 80:
        return ()
    words = _words(header)
    spans = (
        (start, end)
        for size in range(len(words), 0, -1)
        for start in range(len(words) - size + 1)
        for end in [start + size]
    )
    found: list[str] = []
    for start, end in spans:
        phrase = " ".join(words[start:end])
        roles = list(WHOLE.get(phrase, ()))
        roles += [role for stem, role in STARTS if phrase.startswith(stem) and end - start == 1]
        if start or end < len(words):
            # A lone letter pair inside a longer header means nothing.
            roles = [role for role in roles if len(phrase) > 3 or role not in {"direction", "currency"}]
        if roles and not found:
            found = roles
        elif roles:
            found += [role for role in roles if role not in found]
    return tuple(dict.fromkeys(found))


def _words(header: str) -> list[str]:
    """The folded words of a header without the currency that amounts carry in theirs: `Saldo (CHF)`, `in CHF`."""
    code = currency_in(header)
    words = folded(header).split()
    if code and len(words) > 1:
        words = [word for word in words if word != code.lower()]
        words = words[:-1] if len(words) > 1 and words[-1] == "in" else words
    return words


def is_currency(code: str) -> bool:
    """Whether the code is one of money that people pay with: no metals, no test codes."""
    return code in CURRENCIES and (code[0] != "X" or code in {"XAF", "XCD", "XOF", "XPF"})


@lru_cache(maxsize=4096)
def currency_in(text: str) -> str:
    """The currency code that stands in a header or label, or an empty text."""
    codes = [code for code in CODE.findall(text) if is_currency(code)]
    return codes[-1] if codes else next((code for sign, code in SIGNS.items() if sign in text), "")


DIRECTIONS = {
    "debit": (
        "d|dr|db|s|soll|debit|debito|dare|belastung|lastschrift|addebito|cargo|adeudo|debe|deb|af|uscita|out|"
        "sortie|minus|dbit|ausgang|spesa|dt|retrait"
    ),
    "credit": (
        "c|cr|h|k|haben|credit|kredit|credito|avere|gutschrift|accredito|abono|haber|cred|bij|entrata|in|entree|plus|"
        "crdt|eingang|ct|versement"
    ),
}
SIGN_OF = {
    word: sign for sign, name in ((-1, "debit"), (1, "credit")) for word in DIRECTIONS[name].split("|")
} | {"-": -1, "+": 1, "dbit": -1}


@lru_cache(maxsize=4096)
def direction_of(cell: str) -> int:
    """-1 for a debit, 1 for a credit, 0 when the cell says neither."""
    text = cell.strip()
    if text in SIGN_OF:
        return SIGN_OF[text]
    words = re.sub(r"[^a-z]+", " ", plain(text)).split()
    return SIGN_OF.get(words[0], 0) if words else 0


PENDING = re.compile(
    r"^(pending|vorgemerkt|vormerkung|ausstehend|offen|provisorisch|en attente|en cours|a venir|in attesa|"
    r"non contabilizzat\w*|in corso|pendiente|retenid[ao]|reserviert|authori[sz]ed|reserved|prenotat\w*)\b"
)
OPENING = re.compile(
    r"\b(anfangssaldo|eroffnungssaldo|saldovortrag|vortrag|alter saldo|anfangsbestand|opening( balance)?|"
    r"start(ing)? balance|previous balance|brought forward|solde initial|solde d ouverture|ancien solde|"
    r"solde precedent|solde de depart|report|saldo iniziale|saldo precedente|saldo di apertura|riporto|"
    r"saldo inicial|saldo anterior|saldo de apertura)\b"
)
CLOSING = re.compile(
    r"\b(schlusssaldo|schlussaldo|endsaldo|neuer saldo|abschlusssaldo|endbestand|closing( balance)?|ending balance|"
    r"end balance|solde final|solde de cloture|nouveau solde|saldo finale|saldo di chiusura|saldo final|"
    r"saldo de cierre|nuevo saldo)\b"
)
TOTAL = re.compile(
    r"\b(total\w*|umsatztotal|summe\w*|gesamt\w*|somme\w*|somma|suma\w*|totale|totali|sous total|subtotal\w*|"
    r"zwischensumme|report|saldo|solde|balance|anfangssaldo|schlusssaldo)\b"
)
