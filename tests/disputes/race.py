"""A forced race: both sides are held at the same row until both wait there, then let go."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection, connections, transaction

PATIENCE = 20.0


def waiting() -> int:
    """How many connections to this database wait for a lock."""
    with connection.cursor() as cursor:
        # A transaction remembers what it saw of the other connections; look afresh.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return int(cursor.fetchone()[0])


def both(table: str, pk: int, *calls: Callable[[], Any]) -> list[Any]:
    """Run the calls at once while the row is held; what each returned or raised, in the order of the calls.

    With the service's lock each call waits before it has read anything, and reads the truth when its turn comes.
    Without it each reads first and waits only where it writes, with what it remembers: the outcome is wrong
    every time, not now and then. A call that comes through without waiting fails the test.
    """
    return _held(table, pk, lambda: None, calls)


def meanwhile(table: str, pk: int, change: Callable[[], Any], call: Callable[[], Any]) -> Any:
    """What the call returned or raised when somebody holds the row, changes something, and then lets go.

    For locks behind another one (a question's behind its dispute's): whoever holds only the row stands for a
    writer that came another way. Without the lock the call has read before the change, or does not wait at all.
    """
    return _held(table, pk, change, [call])[0]


def _held(table: str, pk: int, change: Callable[[], Any], calls: Sequence[Callable[[], Any]]) -> list[Any]:
    results: list[Any] = [None] * len(calls)

    def run(place: int, call: Callable[[], Any]) -> None:
        try:
            results[place] = call()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT 1 FROM {table} WHERE id = %s FOR NO KEY UPDATE", [pk])
            change()
            for thread in threads:
                thread.start()
            deadline = time.monotonic() + PATIENCE
            while waiting() < len(calls):
                came_through = not all(thread.is_alive() for thread in threads)
                assert not came_through, f"a call did not wait at {table}: {results}"
                assert time.monotonic() < deadline, f"the calls never came to wait at {table}: {results}"
                time.sleep(0.02)
    finally:
        for thread in threads:
            if thread.ident is not None:
                thread.join(PATIENCE)
    return results
