"""Whose working hours count: the most particular calendar of a legal entity, and one made up where there is none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from babel.core import get_global

from accounts.calendars import Calendar
from accounts.choices import CalendarSide
from lib.working import Closed, Office

if TYPE_CHECKING:
    from accounts.models import LegalEntity

# Where most people of a country with several zones live.
MAIN_ZONES = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "DE": "Europe/Berlin",
    "ES": "Europe/Madrid",
    "FR": "Europe/Paris",
    "GB": "Europe/London",
    "MX": "America/Mexico_City",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "US": "America/New_York",
}


def zone_of(country: str, fallback: str) -> str:
    """The time zone of a country's business; `fallback` for one that is not known."""
    if country in MAIN_ZONES:
        return MAIN_ZONES[country]
    zones = sorted(zone for zone, where in get_global("zone_territories").items() if where == country)
    return str(zones[0]) if zones else fallback


class Offices:
    """The working hours of everybody in one legal entity, and of its customers. Three queries, then none."""

    def __init__(self, entity: LegalEntity) -> None:
        self.entity = entity
        rows = list(Calendar.objects.filter(entity=entity).prefetch_related("closures"))
        default = next((row for row in rows if row.is_default), None)
        self.default = default.office() if default else Office(entity.country, entity.time_zone)
        shared: tuple[Closed, ...] = self.default.closures
        self.by_user = {row.user_id: row.office(shared) for row in rows if row.user_id}
        self.by_department = {row.department_id: row.office(shared) for row in rows if row.department_id}
        customers = [row for row in rows if row.side == CalendarSide.CUSTOMER]
        self.by_country = {row.country: row.office() for row in customers}
        self.team_of: dict[int, int] = {}
        if self.by_department:
            teams = entity.memberships.exclude(department=None).order_by("-pk")
            self.team_of = dict(teams.values_list("user_id", "department_id"))

    def ours(self, user_id: int | None = None, department_id: int | None = None) -> Office:
        """The hours of a person or a department: their own, their department's, the entity's."""
        if user_id in self.by_user:
            return self.by_user[user_id]
        team = department_id or self.team_of.get(user_id or 0)
        return self.by_department.get(team or 0, self.default)

    def customer(self, country: str) -> Office:
        """The hours of the customers of a country: their calendar, or nine to six with its public holidays."""
        if not country:
            return self.default
        if country not in self.by_country:
            zone = self.entity.time_zone if country == self.entity.country else ""
            office = Office(country, zone or zone_of(country, self.entity.time_zone))
            self.by_country[country] = office
        return self.by_country[country]


def calendars_in_order(rows: Iterable[Calendar]) -> list[Calendar]:
    """The entity's own first, then departments, people, and customers by country."""

    def place(row: Calendar) -> tuple[int, str]:
        if row.side == CalendarSide.CUSTOMER:
            return (3, row.country)
        return (0 if row.is_default else 1 if row.department_id else 2, row.name.casefold())

    return sorted(rows, key=place)


def coming_closures(office: Office, since: date, until: date) -> list[tuple[date, str]]:
    """The public holidays and whole closures between two days that fall on a day of work otherwise."""
    found: list[tuple[date, str]] = []
    for number in range(since.toordinal(), until.toordinal() + 1):
        day = date.fromordinal(number)
        name = office.why_closed(day)
        if name:
            found.append((day, name))
    return found


def office_of_calendar(row: Calendar) -> Office:
    """The working time one calendar tells, with the closures of its entity where they hold for it."""
    if row.side == CalendarSide.CUSTOMER or row.is_default:
        return row.office()
    default = Calendar.objects.filter(
        entity=row.entity_id, side=CalendarSide.OURS, department=None, user=None
    ).first()
    return row.office(tuple(one.closed for one in default.closures.all()) if default else ())
