"""Plans of the database that were made when the tables were small."""

from django.db.backends.utils import CursorWrapper

# From so many rows on, what the database knows of a table's size is asked again at once.
MANY = 1000


def count_anew(cursor: CursorWrapper, rows: int, *tables: str) -> None:
    """Let the database look how big the tables are, when `rows` new ones in them are many."""
    if rows >= MANY:
        cursor.execute(f"SET LOCAL default_statistics_target TO DEFAULT; ANALYZE {', '.join(tables)}")


def plan_anew(cursor: CursorWrapper) -> None:
    """Let the database think again about what it has planned for this connection.

    It keeps a plan for each foreign key it asks about, for as long as the connection lives. One that was made while the
    table fitted into a page reads the whole table; after a big load that is a whole table for each of its rows. So
    whoever writes or takes away many rows at once says this before their keys are asked about.
    """
    cursor.execute("DISCARD PLANS")
