"""What must be true before the first page: tables, translations and static files."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import polib
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from reporting.bi import views

# Any number will do, as long as every machine that migrates uses the same.
MIGRATION_LOCK = 7_420_001


def migrate() -> int:
    """Run the migrations that are missing, one machine at a time; how many there were."""
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    # Views for BI tools that changed are put up by the same command, migrations or not.
    if missing or views.installed() != views.fingerprint():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
            try:
                call_command("migrate", interactive=False, verbosity=0)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])
    return missing


def compile_translations() -> int:
    """Write the .mo file of each .po file that is newer; how many."""
    stale = [
        source
        for root in settings.LOCALE_PATHS
        for source in Path(root).glob("*/LC_MESSAGES/*.po")
        if not source.with_suffix(".mo").exists()
        or source.with_suffix(".mo").stat().st_mtime < source.stat().st_mtime
    ]
    for source in stale:
        half = source.with_suffix(f".mo.{os.getpid()}")
        polib.pofile(str(source)).save_as_mofile(str(half))
        half.replace(source.with_suffix(".mo"))
    return len(stale)


def _fingerprint() -> str:
    """Changes whenever one of our static files, or a package, does."""
    return hashlib.sha256("\n".join(_static_facts()).encode()).hexdigest()


def _static_facts() -> Iterator[str]:
    yield hashlib.sha256((settings.BASE_DIR / "requirements.lock").read_bytes()).hexdigest()
    ours = [Path(root) for root in settings.STATICFILES_DIRS]
    ours += [
        Path(app.path) / "static"
        for app in apps.get_app_configs()
        if Path(app.path).parent == settings.BASE_DIR
    ]
    for root in ours:
        for path in sorted(root.rglob("*")):
            if path.is_file():
                yield f"{path} {hashlib.sha256(path.read_bytes()).hexdigest()}"


def collect_static_files() -> bool:
    """Collect, hash and compress static files when one has changed; whether that was so."""
    now, mark = _fingerprint(), settings.STATIC_ROOT / ".fingerprint"
    if mark.exists() and mark.read_text() == now:
        return False
    call_command("collectstatic", interactive=False, verbosity=0)
    mark.write_text(now)
    return True
