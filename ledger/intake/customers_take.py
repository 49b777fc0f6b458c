"""Takes a list of customers into the ledger: made, brought up to date, or left as they are; contacts are added."""

from dataclasses import dataclass, field
from typing import Any

from accounts.models import LegalEntity, User
from ledger.intake.customers_reader import CustomerRow, customer_mapping, read_customers
from ledger.intake.documents import NoticeBook, Reject, Unreadable
from ledger.intake.formats import Format
from ledger.intake.job import Job
from ledger.intake.keeping import close_batch, keep_rejects, open_batch
from ledger.intake.parties import code_key, name_key, tax_key
from ledger.intake.profiles import keep_profile
from ledger.intake.results import FileResult
from ledger.intake.tables import table_as_told
from ledger.models import Contact, Customer, ImportBatch, ImportChange

PIECE = 1000
# Field of the list -> field of the customer.
SET = {
    "customer_name": "name",
    "customer_tax_id": "tax_id",
    "customer_endpoint": "endpoint",
    "customer_country": "country",
    "customer_email": "email",
    "customer_language": "language",
    "terms_days": "terms_days",
    "credit_limit": "credit_limit",
    "segment": "segment",
}
FIELDS = [*SET.values(), "name_key", "address", "salesperson"]


def take_customers(job: Job, found: Format, result: FileResult) -> None:
    """Import a list of customers, in the transaction of the caller. Raises Unreadable."""
    table = table_as_told(job.path, job.how.mapping)
    mapping, profile = customer_mapping(job.entity, table, dict(job.how.mapping), job.how.profile)
    if not {"customer_code", "customer_name"} & mapping.columns.keys():
        columns = ", ".join(cell for cell in table.header if cell)[:500]
        raise Unreadable("not_a_customer_list", table.header_line, found=columns)
    kept = mapping.as_json(table.header) | {"header": list(table.header)}
    batch = open_batch(job, format=found.name, profile=profile, mapping=kept)
    result.batch_id = batch.pk
    notices = NoticeBook()
    for notice in table.notices:
        notices.add(notice.code, notice.line, notice.count, **notice.params)
    desk = _Desk(job, batch, notices)
    rejects: list[Reject] = []
    for number, row in enumerate(read_customers(table, mapping), start=1):
        bad = row if isinstance(row, Reject) else desk.take(row) if row else None
        if row is None:
            notices.add("blank_lines")
        if bad:
            rejects.append(bad)
        if job.progress and number % PIECE == 0:
            job.progress(number, table.rows)
    desk.write()
    keep_rejects(batch, table.header, rejects, result)
    result.created, result.updated, result.unchanged = len(desk.new), len(desk.changed), desk.unchanged
    result.notices = list(notices)
    if not profile and result.documents > result.rejected:
        batch.profile = keep_profile(
            entity=job.entity, header=table.header, mapping=mapping, file_name=job.label, at=job.at
        )
    close_batch(job, batch, result)


@dataclass(slots=True)
class _Desk:
    """Where the rows of one list meet the customers that are known."""

    job: Job
    batch: ImportBatch
    notices: NoticeBook
    new: list[Customer] = field(default_factory=list)
    changed: dict[int, Customer] = field(default_factory=dict)
    unchanged: int = 0
    changes: list[ImportChange] = field(default_factory=list)
    contacts: list[tuple[Customer, Contact]] = field(default_factory=list)
    _keys: dict[tuple[str, str], Customer] = field(default_factory=dict)
    _seen: dict[int, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    _known_contacts: dict[int, set[str]] = field(default_factory=dict)
    _billed: set[int] = field(default_factory=set)
    _people: dict[str, User] = field(default_factory=dict)

    def __post_init__(self) -> None:
        entity: LegalEntity = self.job.entity
        for customer in Customer.objects.filter(entity=entity).order_by("-id").iterator(chunk_size=2000):
            self._file(customer)
        for contact in Contact.objects.filter(customer__entity=entity).iterator(chunk_size=2000):
            self._known_contacts.setdefault(contact.customer_id, set()).update(_names(contact))
            if contact.is_billing:
                self._billed.add(contact.customer_id)
        people = User.objects.filter(memberships__entity=entity)
        self._people = {user.email.lower(): user for user in people}

    def _file(self, customer: Customer) -> None:
        for key in (
            ("code", code_key(customer.code)),
            ("tax", tax_key(customer.tax_id)),
            ("name", customer.name_key),
        ):
            if key[1]:
                self._keys[key] = customer

    def _find(self, values: dict[str, Any]) -> Customer | None:
        """By code when the list has one; else by tax id, else by name."""
        if "customer_code" in values:
            return self._keys.get(("code", code_key(values["customer_code"])))
        tax = self._keys.get(("tax", tax_key(values.get("customer_tax_id", ""))))
        return tax or self._keys.get(("name", name_key(values.get("customer_name", ""))))

    def take(self, row: CustomerRow) -> Reject | None:
        """Take one row in; the reject when it contradicts an earlier one."""
        customer = self._find(row.values)
        if customer is not None and id(customer) in self._seen:
            first, values = self._seen[id(customer)]
            if values == row.values:
                self.notices.add("same_in_file", row.line)
                self.unchanged += 1
                return None
            params = {"number": customer.code, "first": first}
            return Reject(row.line, "duplicate_in_file", "", params, row.raw)
        said = self._said(row.values)
        if customer is None:
            customer = self._make(row.values, said)
        else:
            self._bring_up_to_date(customer, said)
        self._seen[id(customer)] = (row.line, row.values)
        self._add_contact(customer, row.values)
        return None

    def _said(self, values: dict[str, Any]) -> dict[str, Any]:
        """What the row says, by the customer's own fields."""
        said = {target: values[name] for name, target in SET.items() if name in values}
        if "name" in said:
            said["name_key"] = name_key(said["name"])
        place = " ".join(values[name] for name in ("customer_postcode", "customer_city") if name in values)
        lines = [part for part in (values.get("customer_address", ""), place) if part]
        if lines:
            said["address"] = "\n".join(lines)
        if "salesperson" in values:
            person = self._people.get(values["salesperson"])
            if person is None:
                self.notices.add("salesperson_unknown")
            else:
                said["salesperson"] = person
        return said

    def _make(self, values: dict[str, Any], said: dict[str, Any]) -> Customer:
        code = (
            values.get("customer_code")
            or tax_key(values.get("customer_tax_id", ""))
            or _code_of(said["name"])
        )
        said = {"name": code, "name_key": name_key(code), "language": self.job.entity.language} | said
        customer = Customer(
            entity=self.job.entity, code=code, batch=self.batch, recorded_at=self.job.at, **said
        )
        self.new.append(customer)
        self._file(customer)
        return customer

    def _bring_up_to_date(self, customer: Customer, said: dict[str, Any]) -> None:
        different = {name: value for name, value in said.items() if getattr(customer, name) != value}
        for name, value in different.items():
            before = getattr(customer, name)
            self.changes.append(
                ImportChange(
                    batch=self.batch, customer=customer, field=name, before=_text(before), after=_text(value)
                )
            )
            setattr(customer, name, value)
        if different:
            self.changed[customer.pk] = customer
        else:
            self.unchanged += 1

    def _add_contact(self, customer: Customer, values: dict[str, Any]) -> None:
        """A person that the row names, or its e-mail address and phone, when nobody has them yet."""
        person = " ".join(values[name] for name in ("contact_name", "contact_surname") if name in values)
        email = values.get("contact_email") or values.get("customer_email", "")
        phone = values.get("contact_phone") or values.get("customer_phone", "")
        if not (person or email or phone):
            return
        contact = Contact(
            customer=customer,
            name=(person or customer.name)[:150],
            email=email,
            phone=phone[:40],
            language=customer.language,
            is_billing=bool(email) and customer.pk not in self._billed,
        )
        if customer.pk and _names(contact) & self._known_contacts.get(customer.pk, set()):
            return
        self.contacts.append((customer, contact))

    def write(self) -> None:
        """Everything at once, in pieces of a bounded size."""
        Customer.objects.bulk_create(self.new, batch_size=PIECE)
        Customer.objects.bulk_update(self.changed.values(), FIELDS, batch_size=PIECE)
        for customer, contact in self.contacts:
            contact.customer = customer
        made = Contact.objects.bulk_create([contact for _c, contact in self.contacts], batch_size=PIECE)
        self.changes += [
            ImportChange(batch=self.batch, customer=contact.customer, field="contact", after=str(contact.pk))
            for contact in made
        ]
        ImportChange.objects.bulk_create(self.changes, batch_size=PIECE)


def _names(contact: Contact) -> set[str]:
    return {part for part in (contact.email.lower(), "" if contact.email else name_key(contact.name)) if part}


def _code_of(name: str) -> str:
    return name_key(name).upper()[:60]


def _text(value: Any) -> str:
    """As the undo compares it with what stands in the row."""
    return "" if value is None else str(value.pk) if isinstance(value, User) else str(value)
