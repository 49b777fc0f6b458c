"""Statements of reports are not compiled while they run: it takes longer than what it saves, a second for a page.

The embedded server is set up so; on a server of one's own the database is, where we may. It counts for connections
made from then on, and stays when the tables go.
"""

from django.db import migrations

NO_JIT = """
DO $$
BEGIN
    EXECUTE format('ALTER DATABASE %I SET jit = off', current_database());
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'jit stays as it is: only the owner of the database can change it';
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reporting", "0013_credit_notes_mark_days"),
    ]

    operations = [migrations.RunSQL(NO_JIT, migrations.RunSQL.noop)]
