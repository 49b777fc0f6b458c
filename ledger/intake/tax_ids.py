"""Tax ids and countries as e-invoices write them."""

from stdnum.es import nif

from ledger.intake.parties import tax_key

# Three-letter codes of ISO 3166 that Facturae writes, for the countries that our customers come from.
ALPHA3 = {
    "ESP": "ES", "FRA": "FR", "PRT": "PT", "DEU": "DE", "ITA": "IT", "GBR": "GB", "IRL": "IE", "BEL": "BE", "NLD": "NL",
    "LUX": "LU", "AUT": "AT", "CHE": "CH", "AND": "AD", "DNK": "DK", "SWE": "SE", "NOR": "NO", "FIN": "FI", "POL": "PL",
    "CZE": "CZ", "SVK": "SK", "HUN": "HU", "ROU": "RO", "BGR": "BG", "GRC": "GR", "HRV": "HR", "SVN": "SI", "EST": "EE",
    "LVA": "LV", "LTU": "LT", "MLT": "MT", "CYP": "CY", "USA": "US", "CAN": "CA", "MEX": "MX", "BRA": "BR", "ARG": "AR",
    "CHL": "CL", "COL": "CO", "PER": "PE", "MAR": "MA", "CHN": "CN", "JPN": "JP", "IND": "IN", "TUR": "TR", "ARE": "AE",
}  # fmt: skip


def country_of(code: str) -> str:
    """A country as two letters; empty when it is not known."""
    code = code.upper()
    return code if len(code) == 2 and code.isalpha() else ALPHA3.get(code, "")


def looks_wrong(tax_id: str, country: str) -> bool:
    """Whether the check digit of a Spanish tax id does not fit; other countries' are not judged here."""
    key = tax_key(tax_id).removeprefix(country)
    return country == "ES" and bool(key) and not nif.is_valid(key)
