"""The segment that counts for a customer: the declared one, or what a room above says instead.

The ledger knows only what was declared; whoever follows rules or people registers here and is asked.
"""

from collections.abc import Callable, Collection, Iterable, Mapping

from ledger.models import Customer

# Customer ids in, segments out; customers it has nothing to say about are left out.
Reader = Callable[[Collection[int]], Mapping[int, str]]
_readers: dict[str, Reader] = {}


def tells_segments(reader: Reader) -> Reader:
    """Register a reader: what it says counts instead of what was declared."""
    _readers[f"{reader.__module__}.{reader.__qualname__}"] = reader
    return reader


def segments_of(customers: Iterable[Customer]) -> dict[int, str]:
    """The segment of each customer, by its id. As many queries as there are readers."""
    found = {customer.pk: customer.segment for customer in customers}
    for reader in _readers.values():
        found |= reader(found.keys())
    return found
