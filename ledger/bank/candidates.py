"""Gathers from the database, for all movements at once, what matching needs: who may have paid, what is open."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection

from ledger.bank.matching import Item, Movement, Payer, Reason
from ledger.bank.matching_named import SHORTEST_TAIL, Index
from ledger.bank.matching_text import spans, structured, tokens
from ledger.bank.names import likeness, prefix
from ledger.models import BankTransaction, Customer, KnownPayer
from ledger.references import customer_in, found_in
from lib.text import fold

NAMED = """
SELECT i.id, i.kind, i.number, i.customer_id, i.currency, i.amount - i.allocated, i.issued_on, i.due_on
FROM ledger_invoice i
WHERE i.entity_id = %(entity)s AND i.allocated <> i.amount AND i.currency = ANY(%(currencies)s)
  AND (regexp_replace(upper(i.number), '[^0-9A-Z]', '', 'g') = ANY(%(keys)s)
    OR ltrim(regexp_replace(i.number, '[^0-9]', '', 'g'), '0') = ANY(%(digits)s)
    OR ltrim(substring(i.number from '([0-9]+)[^0-9]*$'), '0') = ANY(%(digits)s))
ORDER BY i.due_on, i.id LIMIT 5000
"""
PAID = """
SELECT i.number, i.customer_id FROM ledger_invoice i
WHERE i.entity_id = %(entity)s AND i.kind = 'invoice' AND i.number = ANY(%(words)s) AND i.allocated = i.amount
"""
OPEN = """
SELECT i.id, i.kind, i.number, i.customer_id, i.currency, i.amount - i.allocated, i.issued_on, i.due_on
FROM ledger_invoice i
WHERE i.customer_id = ANY(%(customers)s) AND i.entity_id = %(entity)s AND i.allocated <> i.amount
  AND i.currency = ANY(%(currencies)s)
ORDER BY i.due_on, i.id LIMIT 20000
"""
SAME_AMOUNT = """
SELECT i.currency, i.amount - i.allocated, min(i.customer_id), count(*) FROM ledger_invoice i
WHERE i.entity_id = %(entity)s AND i.kind = 'invoice' AND i.allocated <> i.amount
  AND i.currency = ANY(%(currencies)s) AND i.amount - i.allocated = ANY(%(amounts)s)
GROUP BY 1, 2 HAVING count(*) = 1
"""
NAMES = """
SELECT w.word, c.id, c.name FROM unnest(%(words)s::text[]) AS w (word), LATERAL (
    SELECT id, name FROM ledger_customer c
    WHERE c.entity_id = %(entity)s AND upper(c.name_key) LIKE '%%' || upper(w.word) || '%%' LIMIT 200
) c
"""


@dataclass(slots=True)
class Around:
    """Everything that is known around the movements: open items, and who may have paid each of them."""

    index: Index
    items: dict[int, list[Item]] = field(default_factory=dict)
    payers: dict[int, list[Payer]] = field(default_factory=dict)


def movement_of(row: BankTransaction) -> Movement:
    """The row as matching reads it."""
    references = (row.reference, "" if row.end_to_end_id.upper() == "NOTPROVIDED" else row.end_to_end_id)
    return Movement(
        pk=row.pk,
        amount=row.amount.quantize(Decimal("0.01")),
        currency=row.currency,
        booked_on=row.booked_on,
        text=row.text,
        references=tuple(dict.fromkeys([*filter(None, references), *found_in(*references, row.text)])),
        named=tuple(document["number"] for document in row.documents if document.get("number")),
        charges=row.charges or Decimal(0),
    )


def gather(entity_id: int, rows: Sequence[BankTransaction], movements: Sequence[Movement]) -> Around:
    """Ask for everything, in as many statements whether one movement waits or a thousand."""
    facts: dict[str, Any] = {"entity": entity_id, "currencies": sorted({m.currency for m in movements})}
    words = _Words(movements)
    items = {item.pk: item for item in _items(NAMED, facts | {"keys": words.keys, "digits": words.digits})}
    payers: dict[int, dict[int, Payer]] = {row.pk: {} for row in rows}
    _known(entity_id, rows, payers)
    _by_reference(entity_id, movements, payers)
    _by_name(facts, rows, payers)
    _paid(facts, movements, words, payers)
    _by_amount(facts, movements, payers)
    customers = {item.customer for item in items.values()} | {pk for one in payers.values() for pk in one}
    items |= {item.pk: item for item in _items(OPEN, facts | {"customers": sorted(customers)})}
    shared: dict[int, list[Item]] = defaultdict(list)
    for item in items.values():
        shared[item.customer].append(item)
    return Around(Index(items.values()), shared, {pk: list(found.values()) for pk, found in payers.items()})


class _Words:
    """What the movements say that could be a number."""

    def __init__(self, movements: Iterable[Movement]) -> None:
        keys: set[str] = set()
        digits: set[str] = set()
        self.raw: dict[int, set[str]] = {}
        for movement in movements:
            found = tokens(" ".join((movement.text, *movement.named, *movement.references)))
            keys |= {token.key for token in found}
            loose = {token.key for token in found if token.runs == 1 and len(token.key) >= SHORTEST_TAIL}
            inside = {word for reference in movement.references for word in structured(reference)}
            ranges = {
                str(number)
                for span in spans(movement.text)
                for number in range(int(span.first), int(span.last) + 1)
            }
            keys |= inside
            digits |= {word.lstrip("0") for word in loose | inside | ranges if word.isdigit()}
            text = movement.text
            self.raw[movement.pk] = {text[token.start : token.end] for token in tokens(text)} | set(
                movement.named
            )
        self.keys, self.digits = sorted(keys - {""}), sorted(digits - {""})


def _rows(query: str, facts: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, facts)
        return list(cursor.fetchall())


def _items(query: str, facts: dict[str, Any]) -> list[Item]:
    return [Item(*row) for row in _rows(query, facts)]


def _offer(payers: dict[int, dict[int, Payer]], pk: int, payer: Payer) -> None:
    before = payers[pk].get(payer.customer)
    if before is None or before.sure < payer.sure:
        payers[pk][payer.customer] = payer


def _known(entity_id: int, rows: Sequence[BankTransaction], payers: dict[int, dict[int, Payer]]) -> None:
    """Those whose account or name paid for a customer before."""
    accounts = {row.party_account for row in rows} - {""}
    names = {fold(row.party_name)[:250] for row in rows} - {""}
    found = KnownPayer.objects.filter(entity_id=entity_id)
    by_account: dict[str, set[int]] = defaultdict(set)
    by_name: dict[str, set[int]] = defaultdict(set)
    asked = found.filter(account__in=accounts) | found.filter(name_key__in=names)
    for account, name, customer in asked.values_list("account", "name_key", "customer_id"):
        if account:
            by_account[account].add(customer)
        if name:
            by_name[name].add(customer)
    for row in rows:
        mine = by_account.get(row.party_account, set()) if row.party_account else set()
        for customer in mine:
            reason = Reason("known_account", {"account": row.party_account})
            _offer(payers, row.pk, Payer(customer, 90 if len(mine) == 1 else 75, reason))
        same = by_name.get(fold(row.party_name)[:250], set()) if row.party_name else set()
        for customer in same:
            reason = Reason("known_name", {"name": row.party_name})
            _offer(payers, row.pk, Payer(customer, 82 if len(same) == 1 else 65, reason))


def _by_reference(entity_id: int, movements: Sequence[Movement], payers: dict[int, dict[int, Payer]]) -> None:
    """Whoever quotes the reference of our letters says which customer pays."""
    told = {
        (movement.pk, customer): reference
        for movement in movements
        for reference in movement.references
        if (customer := customer_in(reference)) is not None
    }
    wanted = {customer for _pk, customer in told}
    if not wanted:
        return
    ours = set(Customer.objects.filter(entity=entity_id, pk__in=wanted).values_list("pk", flat=True))
    for (pk, customer), reference in told.items():
        if customer in ours:
            _offer(payers, pk, Payer(customer, 95, Reason("customer_reference", {"reference": reference})))


def _by_name(
    facts: dict[str, Any], rows: Sequence[BankTransaction], payers: dict[int, dict[int, Payer]]
) -> None:
    """Customers whose name is like the payer's."""
    words = {row.pk: prefix(row.party_name) for row in rows}
    wanted = sorted(set(words.values()) - {""})
    if not wanted:
        return
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for word, customer, name in _rows(NAMES, facts | {"words": wanted}):
        found[word].append((customer, name))
    for row in rows:
        likely = [(likeness(row.party_name, name), pk, name) for pk, name in found.get(words[row.pk], [])]
        for sure, customer, name in sorted(likely, reverse=True)[:4]:
            if sure:
                _offer(payers, row.pk, Payer(customer, sure, Reason("name_like", {"name": name})))


def _paid(
    facts: dict[str, Any],
    movements: Sequence[Movement],
    words: _Words,
    payers: dict[int, dict[int, Payer]],
) -> None:
    """Invoices that are named but paid already tell the customer."""
    wanted = sorted({word for raw in words.raw.values() for word in raw})
    found = dict(_rows(PAID, facts | {"words": wanted})) if wanted else {}
    for movement in movements:
        for number in sorted(words.raw[movement.pk] & set(found)):
            _offer(payers, movement.pk, Payer(found[number], 64, Reason("named_is_paid", {"number": number})))


def _by_amount(
    facts: dict[str, Any], movements: Sequence[Movement], payers: dict[int, dict[int, Payer]]
) -> None:
    """When nothing else tells: the one open invoice of exactly this amount."""
    lost = [movement for movement in movements if not payers[movement.pk]]
    if not lost:
        return
    amounts = sorted({movement.amount for movement in lost})
    found = {
        (currency, amount): customer
        for currency, amount, customer, _count in _rows(SAME_AMOUNT, facts | {"amounts": amounts})
    }
    for movement in lost:
        customer = found.get((movement.currency, movement.amount))
        if customer:
            _offer(payers, movement.pk, Payer(customer, 35, Reason("only_the_amount")))
