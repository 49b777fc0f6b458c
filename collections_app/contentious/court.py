"""The court file: petición inicial de proceso monitorio, or requête en injonction de payer, filled from the file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils import translation
from django.utils.translation import gettext as _

from collections_app.choices_contentious import FileAct, Law
from collections_app.choices_interest import RateBasis
from collections_app.contentious import drawing
from collections_app.contentious.claim import Claim
from collections_app.contentious.drawing import Document, Part, Section
from collections_app.contentious.parties import facts_of, missing
from collections_app.errors import ContentiousError
from collections_app.models import DebitNote, LegalFile, NoticeLine
from disputes.choices import Status
from disputes.models import DisputeLine
from lib import formats

CATALOGUE = Path(__file__).parent.parent / "catalogue"
LANGUAGES = {Law.ES.value: "es", Law.FR.value: "fr"}


@cache
def _texts(language: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((CATALOGUE / f"court_{language}.yaml").read_text("utf-8"))
    return loaded


@dataclass(frozen=True, slots=True)
class Enclosures:
    """Which of the documents there are, beside the invoices, the statement and the calculation."""

    reminders: bool
    notice: bool
    disputes: bool


def enclosures_of(file: LegalFile, claim: Claim) -> Enclosures:
    """What was sent and settled about these invoices. Two queries, and one for the notice."""
    ids = [one.invoice.pk for one in claim.lines]
    return Enclosures(
        reminders=NoticeLine.objects.filter(invoice__in=ids, counts=True).exists(),
        notice=file.steps.filter(act=FileAct.NOTIFY).exists(),
        disputes=DisputeLine.objects.filter(
            invoice__in=ids, dispute__status__in=[Status.SOLVED, Status.REJECTED]
        ).exists(),
    )


def court_file(file: LegalFile, claim: Claim) -> bytes:
    """The PDF in the court's language. Raises ContentiousError with the list of what is missing."""
    if file.law not in LANGUAGES:
        raise ContentiousError(_("There is no court file for this law."), code="file_no_court")
    lacking = missing(file)
    if lacking:
        names = ", ".join(str(one.words) for one in lacking)
        raise ContentiousError(
            _("Missing for the court file: %(names)s.") % {"names": names}, code="file_facts"
        )
    if not claim.principal:
        raise ContentiousError(_("Nothing is left to claim: close the file."), code="file_nothing_left")
    language = LANGUAGES[file.law]
    with translation.override(language):
        return drawing.as_pdf(_Writer(file, claim, language).document())


class _Writer:
    """Fills the texts of one country with one file."""

    def __init__(self, file: LegalFile, claim: Claim, language: str) -> None:
        self.file, self.claim, self.language = file, claim, language
        self.texts, self.facts = _texts(language), facts_of(file)
        self.enclosed = enclosures_of(file, claim)
        noticed = file.steps.filter(act=FileAct.NOTIFY).order_by("-seq").first()
        self.values = self.facts | {
            "creditor": file.entity.name,
            "debtor": file.customer.name,
            "on": formats.day(claim.on, "long"),
            "total": self.money(claim.total),
            "interest": self.money(claim.interest),
            "costs": self.money(claim.costs),
            "numbers": ", ".join(one.invoice.number for one in claim.standing),
            "noticed": formats.day(noticed.on, "long") if noticed else "",
            "deadline": formats.day(file.deadline, "long") if file.deadline else "",
            "tracking": "",
        }
        if file.tracking:
            self.values["tracking"] = self.texts["tracking"].format(tracking=file.tracking)

    def money(self, amount: Any) -> str:
        """An amount of the claim."""
        return formats.money(amount, self.claim.currency)

    def say(self, name: str) -> str:
        """A text, filled."""
        return str(self.texts[name]).format_map(self.values)

    def document(self) -> Document:
        """The whole."""
        texts, values = self.texts, self.values
        more = [drawing.text(one.format_map(values)) for one in texts["more"]]
        return Document(
            language=self.language,
            to=self.say("to"),
            title=texts["title"],
            subtitle=texts["law"],
            author=self.file.entity.name,
            footer=f"{self.file.entity.name} / {self.file.customer.name} · {self.file.ref}",
            page=_("Page"),
            sections=[
                Section("", [drawing.text(self.say("intro")), drawing.text(self.say("object"))]),
                Section(texts["parties"], [self._party("creditor"), self._party("debtor")]),
                Section(texts["facts"], self._facts()),
                Section(texts["sums"], [self._sums()]),
                Section(texts["grounds"], [self._numbered(texts["grounds_list"])]),
                Section(texts["documents"], [self._documents()]),
                Section(texts["prayer_title"], [drawing.text(self.say("prayer")), *more]),
            ],
            on=self.claim.on,
            signature=[self.say("signature"), self.facts["signer"], self.facts["capacity"]],
        )

    def _party(self, side: str) -> Part:
        names = self.texts["names"]
        rows = [(names["name"], str(self.values[side]))]
        for name in ("tax_id", "registry", "address", "contact"):
            if name in names:
                rows.append((names[name], self.facts.get(f"{side}_{name}", "")))
        return drawing.pairs(self.texts[side], rows)

    def _facts(self) -> list[Part]:
        claim, facts = self.claim, self.facts
        parts = [drawing.lead(self.texts["ground"]), drawing.text(facts["ground"])]
        parts += [drawing.text(self.say("debt")), self._debt()]
        if claim.interest:
            parts += [drawing.text(self.say("interest")), self._interest()]
            parts.append(drawing.small(self.texts["formula"]))
        else:
            parts.append(drawing.text(self.say("interest_none")))
        parts.append(drawing.text(self.say("costs" if claim.costs else "costs_none")))
        if self.enclosed.notice:
            parts.append(drawing.text(self.say("notice")))
        if "negotiation" in self.texts:
            parts += [drawing.lead(self.texts["negotiation"]), drawing.text(facts["negotiation"])]
        return parts

    def _debt(self) -> Part:
        rows = [
            [
                one.invoice.number,
                formats.day(one.invoice.issued_on),
                formats.day(one.invoice.due_on),
                self.money(one.invoice.amount),
                self.money(one.paid),
                self.money(one.principal),
            ]
            for one in self.claim.standing
        ]
        total = ["Total", "", "", "", "", self.money(self.claim.principal)]
        return drawing.table(self.texts["debt_heads"], rows, (3, 4, 5), total)

    def _interest(self) -> Part:
        rows = interest_rows(self.claim)
        total = ["Total", "", "", "", "", "", self.money(self.claim.interest)]
        return drawing.table(self.texts["interest_heads"], rows, (3, 4, 5, 6), total)

    def _sums(self) -> Part:
        claim, names = self.claim, self.texts["sum_rows"]
        rows = [
            [names[name].format_map(self.values), self.money(getattr(claim, name))]
            for name in ("principal", "interest", "costs")
            if getattr(claim, name)
        ]
        return drawing.table(self.texts["sum_heads"], rows, (1,), [names["total"], self.money(claim.total)])

    def _numbered(self, rows: list[str]) -> Part:
        return drawing.listed([(f"{n}.", one.format_map(self.values)) for n, one in enumerate(rows, 1)])

    def _documents(self) -> Part:
        has = {"reminders": self.enclosed.reminders, "notice": self.enclosed.notice}
        has |= {"disputes": self.enclosed.disputes, "interest": bool(self.claim.interest)}
        names = [one for name, one in self.texts["list"].items() if has.get(name, True)]
        mark = self.texts["document"]
        return drawing.listed(
            [(mark.format(n=n), one.format_map(self.values)) for n, one in enumerate(names, 1)]
        )


def interest_rows(claim: Claim) -> list[list[str]]:
    """The lines of the interest, invoice by invoice: number, from, to, days, base, rate, interest."""
    rows = []
    for one in claim.lines:
        if one.position is None:
            continue
        for line in one.position.explanation.lines:
            basis = RateBasis(line.basis).label
            rows.append(
                [
                    one.invoice.number,
                    formats.day(line.first),
                    formats.day(line.last),
                    str(line.days),
                    formats.money(line.base, claim.currency),
                    f"{formats.number(line.rate)} % ({basis})",
                    formats.money(line.amount, claim.currency),
                ]
            )
        if one.position.waived:
            off = formats.money(-one.position.waived, claim.currency)
            rows.append([one.invoice.number, "", "", "", _("Waived"), "", off])
    return rows


def claimed_before(file: LegalFile, on: date) -> list[DebitNote]:
    """Debit notes that claimed interest of these invoices already: it is not counted again, and not in the claim."""
    ids = file.lines.values("invoice_id")
    notes = DebitNote.objects.standing().filter(lines__invoice__in=ids, issued_on__lte=on)
    return list(notes.distinct().order_by("pk"))
