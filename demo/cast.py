"""The group's two companies and the people who work there."""

from dataclasses import dataclass, field
from datetime import datetime

from stdnum import iban, luhn
from stdnum.es import ccc, cif

from accounts import services
from accounts.choices import Role
from accounts.demo import lend_password
from accounts.models import Department, LegalEntity, User
from demo.quiet import hear

PASSWORD = "zanjar-demo-2026"  # noqa: S105  (printed on the screen)
ES, FR = "HCA", "OAT"
HOUSES = {
    ES: ("Herramientas Cantábrico, S.A.", "ES", "es", "Europe/Madrid", "herramientas-cantabrico.example"),
    FR: ("Outillage Atlantique SAS", "FR", "fr", "Europe/Paris", "outillage-atlantique.example"),
}
# Name, e-mail name, role, department; the people most worth being come first.
PEOPLE = {
    ES: (
        ("Marta Ibáñez", "marta", Role.CREDIT_MANAGER, ""),
        ("Javier Molina", "javier", Role.SALES, ""),
        ("Nuria Ferrer", "nuria", Role.SALES, ""),
        ("Diego Roldán", "diego", Role.COLLECTOR, ""),
        ("Andrés Quiroga", "andres", Role.EXPERT, "logistics"),
        ("Lucía Prado", "lucia", Role.EXPERT, "pricing"),
        ("Óscar Benítez", "oscar", Role.EXPERT, "quality"),
        ("Rosa Navas", "rosa", Role.EXPERT, "billing"),
        ("Pilar Soto", "pilar", Role.CREDIT_MANAGER, ""),
    ),
    FR: (
        ("Hélène Marchand", "helene", Role.CREDIT_MANAGER, ""),
        ("Julien Lefèvre", "julien", Role.SALES, ""),
        ("Amélie Caron", "amelie", Role.SALES, ""),
        ("Karim Benali", "karim", Role.EXPERT, "logistics"),
        ("Thomas Riou", "thomas", Role.EXPERT, "pricing"),
        ("Claire Vasseur", "claire", Role.EXPERT, "quality"),
        ("Sophie Garnier", "sophie", Role.EXPERT, "billing"),
        ("Benoît Faure", "benoit", Role.CREDIT_MANAGER, ""),
    ),
}


@dataclass(slots=True)
class House:
    """One legal entity with its people. Without a collector of its own, the credit manager collects."""

    entity: LegalEntity
    language: str
    manager: User
    collector: User
    finance: User
    sales: list[User] = field(default_factory=list)
    experts: dict[str, User] = field(default_factory=dict)

    @property
    def billing(self) -> User:
        """Who writes the credit notes."""
        return self.experts["billing"]


def open_houses(at: datetime) -> list[House]:
    """Open both legal entities and put everybody in their place."""
    entities = {code: _open(code, at) for code in HOUSES}
    hear()
    people = {code: [_person(entities[code], at, *row) for row in PEOPLE[code]] for code in HOUSES}
    domain = HOUSES[ES][4]
    finance = services.add_person(email=f"ines@{domain}", name="Inés Carrasco", language="es", is_demo=True)
    admin = services.add_person(email=f"elena@{domain}", name="Elena Sáez", language="es", is_demo=True)
    for entity in entities.values():
        services.give_role(user=finance, entity=entity, role=Role.FINANCE, at=at)
        services.give_role(user=admin, entity=entity, role=Role.ADMIN, at=at)
    lend_password([finance, admin, *people[ES], *people[FR]], PASSWORD)
    return [_house(entities[code], people[code], finance) for code in HOUSES]


def _open(code: str, at: datetime) -> LegalEntity:
    name, country, language, zone, _domain = HOUSES[code]
    return services.open_entity(
        code=code,
        name=name,
        country=country,
        currency="EUR",
        language=language,
        time_zone=zone,
        at=at,
        tax_id=_tax_id(code),
        iban=_iban(code),
    )


def _person(entity: LegalEntity, at: datetime, name: str, mail: str, role: Role, department: str) -> User:
    domain = HOUSES[entity.code][4]
    user = services.add_person(
        email=f"{mail}@{domain}",
        name=name,
        language=entity.language,
        time_zone=entity.time_zone,
        is_demo=True,
    )
    team = Department.objects.get(entity=entity, code=department) if department else None
    services.give_role(user=user, entity=entity, role=role, department=team, at=at)
    return user


def _house(entity: LegalEntity, people: list[User], finance: User) -> House:
    rows = list(zip(PEOPLE[entity.code], people, strict=True))
    manager = next(person for row, person in rows if row[2] == Role.CREDIT_MANAGER)
    collector = next((person for row, person in rows if row[2] == Role.COLLECTOR), manager)
    house = House(entity, entity.language, manager, collector, finance)
    house.sales = [person for row, person in rows if row[2] == Role.SALES]
    house.experts = {row[3]: person for row, person in rows if row[2] == Role.EXPERT}
    return house


def _tax_id(code: str) -> str:
    if code == ES:
        return f"A3904217{cif.calc_check_digits('A3904217')[0]}"
    siren = "81234567"
    return siren + luhn.calc_check_digit(siren)


def _iban(code: str) -> str:
    """A well-formed account number at a bank that does not exist."""
    if code == ES:
        account = "99990001000012345678"
        account = account[:8] + ccc.calc_check_digits(account) + account[10:]
        return f"ES{iban.calc_check_digits('ES00' + account)}{account}"
    bank, desk, number = "99999", "00001", "00123456789"
    key = 97 - (89 * int(bank) + 15 * int(desk) + 3 * int(number)) % 97
    account = f"{bank}{desk}{number}{key:02d}"
    return f"FR{iban.calc_check_digits('FR00' + account)}{account}"
