"""manage.py migrate: Django's own, which draws only the models that changed (config.quick_states)."""

from typing import Any

from django.core.management.commands import migrate
from django.db import ProgrammingError, connection
from django.db.migrations.executor import MigrationExecutor
from psycopg.errors import InsufficientPrivilege

from config.quick_states import quick_states
from reporting.bi import views


class Command(migrate.Command):
    """Django's command, quicker. The views for BI tools are away while tables may change."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate."""
        looks = options.get("plan") or options.get("check_unapplied")
        if not looks and (options.get("app_label") or _missing()):
            views.take_away()
        with quick_states():
            super().handle(*args, **options)
        # A database between two versions has no views: they are those of the newest.
        if not looks and not _missing():
            self._put_up()

    def _put_up(self) -> None:
        try:
            views.put_up()
        except ProgrammingError as error:
            if not isinstance(error.__cause__, InsufficientPrivilege):
                raise
            self.stderr.write(f"There are no views for BI tools: {error}")


def _missing() -> bool:
    """Whether a migration is not applied yet."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
