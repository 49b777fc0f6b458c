"""One tiny company for all tests of a module."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from demo.company import Made, make_company
from demo.plans import Frame
from demo.quiet import hear
from demo.sizes import TINY
from tests.demo.digest import digest

FRAME = Frame(TINY, date(2026, 3, 16), seed=7)


# The digest of FRAME's company, once somebody has made it.
KNOWN: list[str] = []


def block() -> transaction.Atomic:
    """A transaction that counts as no transaction, as around every test: letters insist on being outermost."""
    atomic = transaction.atomic()
    atomic._from_testcase = True  # type: ignore[attr-defined]
    return atomic


def making() -> Made:
    """Make the company of FRAME inside the present block, as if it were committed."""
    made = make_company(FRAME)
    hear()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    KNOWN.append(digest())
    return made


def known_digest() -> str:
    """The digest of one making; it is made and taken back when nobody has made it before."""
    if not KNOWN:
        with block():
            making()
            transaction.set_rollback(True)
    return KNOWN[0]


@pytest.fixture(scope="module")
def company(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Made]:
    """The company of FRAME; taken back when the module is done."""
    with django_db_blocker.unblock(), block():
        yield making()
        transaction.set_rollback(True)
