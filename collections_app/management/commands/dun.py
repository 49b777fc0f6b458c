"""`manage.py dun`: decides, queues and sends the notices due on a day. Running it twice sends once."""

import json
from argparse import ArgumentParser
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import LegalEntity
from collections_app.models import Plan
from collections_app.services.day import CustomerRow, preview
from collections_app.services.dunning import run_day
from lib import clock
from lib.money import ZERO


class Command(BaseCommand):
    """Door to the dunning service."""

    help = "Decides, queues and sends the notices due that day. Running it twice sends once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options of DESIGN.md."""
        parser.add_argument("--on", type=date.fromisoformat, metavar="DATE", help="the day (default: today)")
        parser.add_argument("--entity", metavar="CODE", help="one legal entity (default: all)")
        parser.add_argument("--plan", metavar="NAME", help="only customers who follow this plan")
        parser.add_argument("--dry-run", action="store_true", help="say what would go and write nothing")
        parser.add_argument("--json", action="store_true", help="print the whole decision as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Runs each entity's day and prints every customer, what is asked, and why others are not."""
        entities = self._entities(options["entity"], options["plan"])
        days = [self._day(entity, options) for entity in entities]
        if options["json"]:
            answer = {"dry_run": options["dry_run"], "entities": days}
            self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2))
            return
        for day in days:
            self._print(day, dry=options["dry_run"])

    def _entities(self, code: str | None, plan: str | None) -> list[LegalEntity]:
        found = LegalEntity.objects.filter(code=code) if code else LegalEntity.objects.all()
        if code and not found:
            raise CommandError(f"There is no legal entity {code!r}.")
        if plan:
            found = found.filter(pk__in=Plan.objects.filter(code=plan, active=True).values("entity"))
            if not found:
                raise CommandError(f"There is no active plan {plan!r} here.")
        return list(found.order_by("code"))

    def _day(self, entity: LegalEntity, options: dict[str, Any]) -> dict[str, Any]:
        on = options["on"] or clock.today(entity.time_zone)
        plan = options["plan"]
        if options["dry_run"]:
            rows = preview(entity=entity, on=on, plan=plan)
        else:
            rows = run_day(entity=entity, on=on, at=clock.now(), plan=plan)
        return {
            "entity": entity.code,
            "on": on.isoformat(),
            "customers": [_customer(row) for row in rows],
            "totals": _totals(rows),
        }

    def _print(self, day: dict[str, Any], *, dry: bool) -> None:
        self.stdout.write(f"{day['entity']}  {day['on']}{'  (dry run: nothing was written)' if dry else ''}")
        for row in day["customers"]:
            asked = f"{row['asked']} {row['currency']}"
            self.stdout.write(
                f"  {row['outcome']:<10} {asked:>16}  {row['customer']}  {_whom(row)}  {row['reason']}"
            )
            for invoice in row["invoices"]:
                parts = "  ".join(
                    f"{name} {invoice[name]}" for name in ("open", "disputed", "promised", "asked")
                )
                self.stdout.write(f"      {invoice['number']}  {parts}  {invoice['reason']}")
        counts = ", ".join(
            f"{number} {outcome}" for outcome, number in sorted(day["totals"]["outcomes"].items())
        )
        self.stdout.write(f"  {counts or 'nothing is due'}")


def _whom(row: dict[str, Any]) -> str:
    return f"{row['name']}, {row['contact']}" if row["contact"] else str(row["name"])


def _customer(row: CustomerRow) -> dict[str, Any]:
    return {
        "customer": row.customer.code,
        "name": row.customer.name,
        "contact": row.contact.name if row.contact else None,
        "currency": row.currency,
        "outcome": row.outcome,
        "step": row.step.kind if row.step else None,
        "step_days": row.step.days if row.step else None,
        "asked": str(row.asked),
        "code": row.why.value,
        "reason": row.sentence,
        "notice": row.notice_id,
        "invoices": [
            {
                "number": line.number,
                "due_on": line.due_on.isoformat(),
                "days_late": line.late,
                "open": str(line.open),
                "disputed": str(line.disputed),
                "promised": str(line.promised),
                "asked": str(line.asked),
                "code": line.why.value,
                "reason": line.sentence,
            }
            for line in row.items
        ],
    }


def _totals(rows: list[CustomerRow]) -> dict[str, Any]:
    """How many of each outcome, and what is asked per currency of those that go or went."""
    asked: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for row in rows:
        if row.outcome in ("send", "sent"):
            asked[row.currency] += row.asked
    return {
        "outcomes": dict(Counter(row.outcome for row in rows)),
        "asked": {currency: str(amount) for currency, amount in asked.items()},
    }
