"""The words that ERPs put over the columns of a list of customers, in six languages."""

HEADERS: dict[str, str] = {
    "customer_code": (
        "customer number|customer code|customer id|customer no|client number|client code|account number|number|code|no|"
        "id|codigo|codigo cliente|codigo de cliente|numero cliente|n cliente|cod cliente|numero|code client|"
        "numero client|n client|compte client|kundennummer|kunden nr|kundennr|debitorennummer|debitor|nummer|nr|"
        "codice cliente|codice|codigo do cliente|numero do cliente"
    ),
    "customer_name": (
        "customer name|company name|company|customer|name|client name|client|account name|legal name|razon social|"
        "nombre|nombre cliente|cliente|empresa|nombre fiscal|raison sociale|nom|nom client|societe|firma|firmenname|"
        "kundenname|kunde|unternehmen|name 1|ragione sociale|denominazione|nome|nome cliente|nome da empresa"
    ),
    "customer_tax_id": (
        "vat id|tax id|vat number|vat no|vat|nif|cif|nif cif|cif nif|siren|siret|numero tva|n tva|"
        "tva intracommunautaire|ust id|ust idnr|ustid|uid|steuernummer|partita iva|p iva|piva|codice fiscale|"
        "contribuinte|nipc|tax number"
    ),
    "customer_email": (
        "email|e mail|mail|customer email|billing email|invoice email|correo|correo electronico|email facturacion|"
        "courriel|adresse mail|email address|e mail adresse|indirizzo email|pec"
    ),
    "customer_phone": (
        "phone|telephone|tel|phone number|telefono|telefon|telefone|mobile|movil|portable|handy|cellulare"
    ),
    "customer_country": (
        "country|country code|pais|codigo pais|pays|code pays|land|landercode|paese|nazione|address country"
    ),
    "customer_language": "language|language code|idioma|lengua|langue|sprache|lingua",
    "customer_address": (
        "address|street|address street|direccion|domicilio|calle|adresse|rue|strasse|anschrift|indirizzo|via|morada|"
        "endereco"
    ),
    "customer_city": "city|town|address city|ciudad|poblacion|localidad|ville|ort|stadt|citta|comune|cidade|localidade",
    "customer_postcode": (
        "postcode|zip|zip code|postal code|address code|cp|codigo postal|code postal|plz|postleitzahl|cap"
    ),
    "customer_endpoint": "endpoint|e invoice address|peppol id|electronic address|leitweg id|codice destinatario|dir3",
    "terms_days": (
        "payment terms days|payment terms|terms days|terms|net days|days|credit days|plazo|plazo de pago|dias|"
        "dias de pago|vencimiento|delai|delai de paiement|jours|zahlungsziel|zahlungsfrist|tage|giorni|"
        "termini di pagamento|prazo"
    ),
    "credit_limit": (
        "credit limit|limit|limite de credito|limite credito|limite|riesgo|encours autorise|limite de credit|plafond|"
        "kreditlimit|kreditlinie|fido|limite di credito"
    ),
    "segment": "segment|segmento|customer group|group|groups|grupo|groupe|gruppe|kundengruppe|gruppo|clase|category",
    "salesperson": (
        "salesperson|salesperson email|sales rep|account manager|seller|comercial|vendedor|agente|commercial|vendeur|"
        "representant|vertreter|verkaufer|venditore|email comercial"
    ),
    "contact_name": (
        "contact|contact name|contact person|person name|persona de contacto|contacto|nombre contacto|nom du contact|"
        "contact facturation|ansprechpartner|kontakt|kontaktperson|referente|contatto|person name 1"
    ),
    "contact_surname": "contact surname|person surname|apellidos|nachname|cognome|person surname 1",
    "contact_email": (
        "contact email|person email|email contacto|email contact|e mail ansprechpartner|email contatto|person email 1"
    ),
    "contact_phone": "contact phone|person phone|telefono contacto|telefon ansprechpartner|person phone 1",
}
CUSTOMER_FIELDS = list(HEADERS)
# A list of customers has none of these.
OF_DOCUMENTS = frozenset(
    {"issued_on", "due_on", "amount", "net", "tax", "paid", "settled_on", "line_amount", "line_net"}
)
SEGMENT_WORDS = {
    "estrategico": "strategic",
    "strategique": "strategic",
    "strategisch": "strategic",
    "a": "strategic",
    "clave": "key",
    "cuenta clave": "key",
    "key account": "key",
    "compte cle": "key",
    "b": "key",
    "estandar": "standard",
    "normal": "standard",
    "c": "standard",
    "riesgo": "risky",
    "de riesgo": "risky",
    "a risque": "risky",
    "risiko": "risky",
}
