"""Looks at the machine and says, in words, what is configured, what is reachable and what is missing."""

import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

import polib
import psycopg
import redis
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from accounts.checking import latest
from chat.reach.counting import counts
from config.embedded import Hold
from config.health import check
from config.port import PortTaken, listen
from config.push import draw_key
from mailroom.inbound.mailbox import MailboxAway, look

LEAST_FREE_BYTES = 1024**3
OLDEST_POSTGRESQL = 15_00_00


class Verdict(StrEnum):
    """How a finding is to be read."""

    GOOD = "ok"
    NOTE = "note"
    BAD = "MISSING"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    verdict: Verdict
    subject: str
    words: str


def python() -> Iterator[Finding]:
    """The interpreter and where data live."""
    yield Finding(Verdict.GOOD, "Python", f"{sys.version.split()[0]} ({sys.executable})")
    where = settings.VAR_DIR if settings.VAR_DIR.exists() else settings.VAR_DIR.parent
    free = shutil.disk_usage(where).free
    verdict = Verdict.GOOD if free > LEAST_FREE_BYTES else Verdict.BAD
    yield Finding(verdict, "Disk", f"{free / 1024**3:.1f} GB free under {settings.VAR_DIR}")
    if settings.VAR_DIR.exists() and not os.access(settings.VAR_DIR, os.W_OK):
        yield Finding(Verdict.BAD, "VAR_DIR", f"{settings.VAR_DIR} cannot be written by this user")


def database() -> Iterator[Finding]:
    """The database server, its version and its tables."""
    if settings.EMBEDDED and not _embedded_runs("PostgreSQL"):
        yield Finding(Verdict.NOTE, "Database", "embedded PostgreSQL, not running now; make run starts it")
        return
    kind = "embedded PostgreSQL" if settings.EMBEDDED else "DATABASE_URL"
    try:
        connection.ensure_connection()
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        version = connection.cursor().connection.info.server_version
    except (Error, psycopg.Error) as error:
        yield Finding(Verdict.BAD, "Database", f"{kind} cannot be reached: {str(error).strip()}")
        return
    verdict = Verdict.GOOD if version >= OLDEST_POSTGRESQL else Verdict.BAD
    yield Finding(
        verdict, "Database", f"{kind}, PostgreSQL {version // 10000}.{version % 10000} (15 to 18 work)"
    )
    if missing:
        yield Finding(Verdict.BAD, "Tables", f"{missing} migrations to apply: manage.py migrate")
    else:
        yield Finding(Verdict.GOOD, "Tables", "every migration is applied")


def broker() -> Iterator[Finding]:
    """The broker, and whether jobs run."""
    if settings.EMBEDDED_BROKER and not _embedded_runs("Valkey"):
        yield Finding(Verdict.NOTE, "Broker", "embedded Valkey, not running now; make run starts it")
        return
    kind = "embedded Valkey" if settings.EMBEDDED_BROKER else "REDIS_URL"
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5) as client:
            facts = client.info("server")
    except (redis.RedisError, OSError) as error:
        yield Finding(Verdict.BAD, "Broker", f"{kind} cannot be reached: {error}")
        return
    yield Finding(
        Verdict.GOOD, "Broker", f"{kind}, {facts.get('server_name', 'redis')} {facts['redis_version']}"
    )
    if check("jobs"):
        yield Finding(Verdict.GOOD, "Jobs", "beat sends and a worker works")
    else:
        yield Finding(Verdict.NOTE, "Jobs", "no sign of beat and a worker in the last two minutes")


def tellings() -> Iterator[Finding]:
    """What people are to be told, and what could not be."""
    try:
        waiting, failed = counts()
    except (Error, psycopg.Error):
        return  # said above
    words = f"{waiting} waiting, {failed} failed within a week"
    if failed:
        yield Finding(Verdict.NOTE, "Notifications", f"{words}; see the page Notifications for everybody")
    else:
        yield Finding(Verdict.GOOD, "Notifications", words)


def books() -> Iterator[Finding]:
    """What the last check of the books found."""
    try:
        last = latest()
    except (Error, psycopg.Error):
        return  # said above
    if last is None:
        yield Finding(
            Verdict.NOTE, "Books", "not checked yet; a worker does it every night, check_books at once"
        )
    elif last.ok:
        yield Finding(
            Verdict.GOOD, "Books", f"right when last checked, {last.finished_at:%Y-%m-%d %H:%M} UTC"
        )
    else:
        yield Finding(
            Verdict.BAD, "Books", f"{last.found} differences; see the page Books or manage.py check_books"
        )


def drop_folder() -> Iterator[Finding]:
    """The watched folder: there, and writable by whoever runs the worker."""
    where = settings.DROP_DIR
    if not where.exists():
        yield Finding(Verdict.NOTE, "Drop folder", f"{where} is made when the worker first looks into it")
        return
    folders = [where, *where.glob("*"), *where.glob("*/*")]
    wrong = [path for path in folders if path.is_symlink() and path != where and path.is_dir()]
    wrong += [
        path for path in folders if path not in wrong and path.is_dir() and not os.access(path, os.W_OK)
    ]
    if not where.is_dir():
        yield Finding(Verdict.BAD, "Drop folder", f"{where} is not a folder; set DROP_DIR")
    elif wrong:
        named = ", ".join(map(str, wrong[:5]))
        yield Finding(Verdict.BAD, "Drop folder", f"links, or not writable by this user: {named}")
    else:
        yield Finding(Verdict.GOOD, "Drop folder", f"{where} is looked into every 30 s")


def mail() -> Iterator[Finding]:
    """Where letters go, and whether that place answers."""
    parts = urlsplit(settings.EMAIL_URL)
    if parts.scheme == "file":
        verdict = Verdict.NOTE if settings.EMBEDDED else Verdict.BAD
        yield Finding(
            verdict, "Mail", f"written to {settings.EMAIL_FILE_PATH}, sent to nobody; set EMAIL_URL to send"
        )
        return
    try:
        socket.create_connection((settings.EMAIL_HOST, settings.EMAIL_PORT), timeout=5).close()
    except OSError as error:
        yield Finding(
            Verdict.BAD, "Mail", f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT} cannot be reached: {error}"
        )
    else:
        yield Finding(Verdict.GOOD, "Mail", f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT} answers")


def other_channels() -> Iterator[Finding]:
    """SMS, paper, and whether anybody can pretend to pay."""
    yield Finding(
        Verdict.GOOD if settings.SMS_URL else Verdict.NOTE, "SMS", "sent" if settings.SMS_URL else "to files"
    )
    posts = "given to POST_URL" if settings.POST_URL else "printed in batches by a person"
    yield Finding(Verdict.GOOD, "Letters on paper", posts)
    if settings.PAY_SANDBOX and not settings.EMBEDDED:
        yield Finding(Verdict.BAD, "Payments", "PAY_SANDBOX lets customers pretend to pay: switch it off")


def notifications() -> Iterator[Finding]:
    """Whether browsers and phones can be notified, and who answers for it."""
    if not settings.VAPID_PRIVATE_KEY:
        yield Finding(
            Verdict.NOTE, "Push", f"off; to notify phones set VAPID_PRIVATE_KEY, for example {draw_key()}"
        )
    elif settings.VAPID_SUBJECT.endswith("@localhost"):
        verdict = Verdict.NOTE if settings.EMBEDDED else Verdict.BAD
        yield Finding(verdict, "Push", "Apple refuses it: set VAPID_SUBJECT=mailto:somebody@your.domain")
    else:
        yield Finding(Verdict.GOOD, "Push", f"signed for {settings.VAPID_SUBJECT}")
    if settings.VAPID_PRIVATE_KEY and not settings.HTTPS:
        yield Finding(Verdict.NOTE, "Phones", "browsers install and notify over https only (or on localhost)")


def mail_in() -> Iterator[Finding]:
    """How answers come in, and whether the mailbox can be read."""
    box = settings.MAILBOX
    if box is not None:
        try:
            waiting = look(box)
        except MailboxAway as error:
            yield Finding(Verdict.BAD, "Mailbox", f"{box.host}:{box.port} cannot be read: {error}")
        else:
            yield Finding(Verdict.GOOD, "Mailbox", f"{box.user} at {box.host}, {waiting} e-mails wait")
    hooks = bool(settings.ANYMAIL["WEBHOOK_SECRET"])
    if box is None and not hooks and not settings.EMAIL_URL.startswith("file:"):
        yield Finding(Verdict.NOTE, "Mail in", "no way in; set IMAP_URL or ANYMAIL_WEBHOOK_SECRET")
    if (box is not None or hooks) and not settings.REPLY_ADDRESS:
        yield Finding(Verdict.BAD, "Mail in", "letters cannot be answered; set REPLY_ADDRESS")


def address() -> Iterator[Finding]:
    """How people reach the site."""
    host = urlsplit(settings.BASE_URL).hostname or ""
    local = host in {"127.0.0.1", "localhost", "::1"}
    if settings.HTTPS:
        yield Finding(
            Verdict.GOOD, "Address", f"{settings.BASE_URL}; the proxy must send X-Forwarded-Proto: https"
        )
    else:
        verdict = Verdict.NOTE if local else Verdict.BAD
        yield Finding(
            verdict, "Address", f"{settings.BASE_URL}, without TLS; set BASE_URL=https://... for production"
        )
    if host not in settings.ALLOWED_HOSTS and "*" not in settings.ALLOWED_HOSTS:
        yield Finding(Verdict.BAD, "Hosts", f"ALLOWED_HOSTS does not name {host}: every page would be a 400")
    if local:
        yield _port(int(os.environ.get("PORT", "8000")))


def _port(number: int) -> Finding:
    try:
        listen("127.0.0.1", number).close()
    except PortTaken as taken:
        return Finding(Verdict.NOTE, "Port", str(taken))
    return Finding(Verdict.GOOD, "Port", f"{number} is free")


def files() -> Iterator[Finding]:
    """Static files and translations."""
    collected = (settings.STATIC_ROOT / "staticfiles.json").exists()
    words = f"collected in {settings.STATIC_ROOT}" if collected else "not collected yet; make run does it"
    yield Finding(Verdict.GOOD if collected else Verdict.NOTE, "Static files", words)
    for root in settings.LOCALE_PATHS:
        for source in sorted(root.glob("*/LC_MESSAGES/django.po")):
            language, percent = source.parts[-3], polib.pofile(str(source)).percent_translated()
            compiled = source.with_suffix(".mo").exists()
            verdict = Verdict.GOOD if compiled and percent == 100 else Verdict.NOTE
            state = "compiled" if compiled else "not compiled yet; make run does it"
            yield Finding(verdict, f"Language {language}", f"{percent} % translated, {state}")


def tools() -> Iterator[Finding]:
    """Programs that only developers need."""
    for program, why in (("chromium", "tests in a browser"), ("msgfmt", "editing translations")):
        found = shutil.which(program)
        words = found or f"not installed; only needed for {why}"
        yield Finding(Verdict.GOOD if found else Verdict.NOTE, program, words)


def _embedded_runs(name: str) -> bool:
    servers = Hold(settings.VAR_DIR, postgres=True, valkey=True).servers
    return any(server.name == name and server.is_running() for server in servers)


PARTS: tuple[Callable[[], Iterator[Finding]], ...] = (
    python,
    database,
    broker,
    books,
    tellings,
    drop_folder,
    mail,
    other_channels,
    notifications,
    mail_in,
    address,
    files,
    tools,
)


def findings() -> Iterator[Finding]:
    """Everything there is to say."""
    for part in PARTS:
        yield from part()
