"""Messages of customers' systems for tests, written as the standards say."""

from __future__ import annotations

from pathlib import Path

UBL = (
    'xmlns="urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2" '
    'xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" '
    'xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"'
)
CDAR = (
    'xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossDomainAcknowledgementAndResponse:100" '
    'xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100" '
    'xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100" '
    'xmlns:qdt="urn:un:unece:uncefact:data:standard:QualifiedDataType:100"'
)
IMR = "urn:fdc:peppol.eu:poacc:trns:invoice_response:3"
MLR = "urn:fdc:peppol.eu:poacc:trns:mlr:3"


def reason(code: str, text: str = "", scheme: str = "OPStatusReason", **conditions: str) -> str:
    """One status clarification; `conditions` are fields (BT_48) with the value they should have."""
    given = "".join(
        f"<cac:Condition><cbc:AttributeID>{name.replace('_', '-')}</cbc:AttributeID>"
        f"<cbc:Description>{value}</cbc:Description></cac:Condition>"
        for name, value in conditions.items()
    )
    words = f"<cbc:StatusReason>{text}</cbc:StatusReason>" if text else ""
    told = f'<cbc:StatusReasonCode listID="{scheme}">{code}</cbc:StatusReasonCode>'
    return f"<cac:Status>{told}{words}{given}</cac:Status>"


def response(
    number: str, status: str, *reasons: str, issued_on: str = "2026-01-15", kind: str = "380"
) -> str:
    """What a message says about one document."""
    return (
        f'<cac:DocumentResponse><cac:Response><cbc:ResponseCode listID="UNCL4343OpSubset">{status}</cbc:ResponseCode>'
        f"<cbc:EffectiveDate>2026-03-10</cbc:EffectiveDate>{''.join(reasons)}</cac:Response>"
        f"<cac:DocumentReference><cbc:ID>{number}</cbc:ID><cbc:IssueDate>{issued_on}</cbc:IssueDate>"
        f"<cbc:DocumentTypeCode>{kind}</cbc:DocumentTypeCode></cac:DocumentReference></cac:DocumentResponse>"
    )


def peppol(*responses: str, id: str = "MSG-1", sender: str = "9915:test", custom: str = IMR) -> str:
    """An application response."""
    scheme, _colon, address = sender.partition(":")
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><ApplicationResponse {UBL}>'
        f"<cbc:CustomizationID>{custom}</cbc:CustomizationID><cbc:ID>{id}</cbc:ID>"
        "<cbc:IssueDate>2026-03-11</cbc:IssueDate><cac:SenderParty>"
        f'<cbc:EndpointID schemeID="{scheme}">{address}</cbc:EndpointID><cac:PartyLegalEntity>'
        "<cbc:RegistrationName>Buyer</cbc:RegistrationName></cac:PartyLegalEntity></cac:SenderParty>"
        "<cac:ReceiverParty><cac:PartyLegalEntity><cbc:RegistrationName>Seller</cbc:RegistrationName>"
        f"</cac:PartyLegalEntity></cac:ReceiverParty>{''.join(responses)}</ApplicationResponse>"
    )


def motive(code: str, text: str = "", action: str = "", **amounts: str) -> str:
    """One reason of a French message; amounts by type (MNATTC=...)."""
    given = "".join(
        f"<ram:SpecifiedDocumentCharacteristic><ram:TypeCode>{kind}</ram:TypeCode>"
        f'<ram:ValueAmount currencyID="EUR">{value}</ram:ValueAmount></ram:SpecifiedDocumentCharacteristic>'
        for kind, value in amounts.items()
    )
    wish = f"<ram:RequestedActionCode>{action}</ram:RequestedActionCode>" if action else ""
    note = f"<ram:IncludedNote><ram:Content>{text}</ram:Content></ram:IncludedNote>" if text else ""
    return (
        f"<ram:SpecifiedDocumentStatus><ram:ReasonCode>{code}</ram:ReasonCode>{wish}"
        f"<ram:SequenceNumeric>1</ram:SequenceNumeric>{note}{given}</ram:SpecifiedDocumentStatus>"
    )


def document(number: str, status: str, *motives: str) -> str:
    """What a French message says about one document."""
    return (
        f"<ram:ReferenceReferencedDocument><ram:IssuerAssignedID>{number}</ram:IssuerAssignedID>"
        "<ram:TypeCode>380</ram:TypeCode><ram:FormattedIssueDateTime>"
        '<qdt:DateTimeString format="102">20260115</qdt:DateTimeString></ram:FormattedIssueDateTime>'
        f"<ram:ProcessConditionCode>{status}</ram:ProcessConditionCode>{''.join(motives)}"
        "</ram:ReferenceReferencedDocument>"
    )


def cdar(*documents: str, id: str = "LC-1") -> str:
    """A French life-cycle message."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><rsm:CrossDomainAcknowledgementAndResponse {CDAR}>'
        "<rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter>"
        "<ram:ID>urn.cpro.gouv.fr:1p0:CDV:invoice</ram:ID></ram:GuidelineSpecifiedDocumentContextParameter>"
        f"</rsm:ExchangedDocumentContext><rsm:ExchangedDocument><ram:ID>{id}</ram:ID><ram:IssueDateTime>"
        '<udt:DateTimeString format="204">20260311101500</udt:DateTimeString></ram:IssueDateTime>'
        '<ram:IssuerTradeParty><ram:GlobalID schemeID="0002">123456789</ram:GlobalID></ram:IssuerTradeParty>'
        "</rsm:ExchangedDocument><rsm:AcknowledgementDocument><ram:TypeCode>23</ram:TypeCode>"
        f"{''.join(documents)}</rsm:AcknowledgementDocument></rsm:CrossDomainAcknowledgementAndResponse>"
    )


def write(folder: Path, text: str, name: str = "answer.xml") -> Path:
    """The message as a file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
