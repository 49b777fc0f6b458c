"""Settings complain early, in a sentence, with the name of the variable."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from config.celery import app
from config.connections import broker_url, database, mail, pooled

NEEDED = {
    "DATABASE_URL": "postgres://u:p%40ss@db:5433/z",
    "REDIS_URL": "redis://r:6379/1",
    "SECRET_KEY": "k" * 60,
}


def check(tmp_path: Path, **changed: str | None) -> "subprocess.CompletedProcess[str]":
    """`manage.py check` in an environment of its own."""
    env = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path)} | NEEDED
    for name, value in changed.items():
        env.pop(name, None)
        if value is not None:
            env[name] = value
    command = [sys.executable, "manage.py", "check"]
    return subprocess.run(command, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"SECRET_KEY": None}, "Set the environment variable SECRET_KEY."),
        ({"DEBUG": "maybe"}, "DEBUG must be true or false, not 'maybe'."),
        ({"MAX_UPLOAD_MB": "many"}, "MAX_UPLOAD_MB must be a whole number, not 'many'."),
        ({"DATABASE_URL": "mysql://db/z"}, "DATABASE_URL must look like postgres://"),
        ({"DATABASE_URL": "postgres://db"}, "DATABASE_URL names no database."),
        ({"REDIS_URL": "localhost:6379"}, "REDIS_URL must look like redis://"),
        ({"EMAIL_URL": "smtp:"}, "EMAIL_URL names no host."),
        ({"EMAIL_URL": "smtp://mail:port"}, "EMAIL_URL is not a valid address"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT must be console or json, not 'xml'."),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR, not 'LOUD'."),
        ({"BASE_URL": "zanjar.example.com"}, "BASE_URL must be a full address"),
    ],
)
def test_a_wrong_variable_is_named_before_anything_starts(
    tmp_path: Path, changed: dict[str, str | None], sentence: str
) -> None:
    answer = check(tmp_path, **changed)
    assert answer.returncode == 1
    assert answer.stderr.startswith("Error: ")
    assert sentence in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 60 + "\n")
    assert check(tmp_path, SECRET_KEY=None, SECRET_KEY_FILE=str(tmp_path / "key")).returncode == 0


def test_the_embedded_default_needs_no_variable_and_keeps_its_secret_private(tmp_path: Path) -> None:
    assert check(tmp_path, DATABASE_URL=None, REDIS_URL=None, SECRET_KEY=None).returncode == 0
    kept = tmp_path / "secrets" / "secret_key"
    first = kept.read_text()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert len(first) >= 50
    assert check(tmp_path, DATABASE_URL=None, REDIS_URL=None, SECRET_KEY=None).returncode == 0
    assert kept.read_text() == first


def test_addresses_are_taken_apart_and_unquoted() -> None:
    assert database("postgres://u:p%40ss@db:5433/z?sslmode=require", Path("/run/z")) == {
        "NAME": "z",
        "USER": "u",
        "PASSWORD": "p@ss",
        "HOST": "db",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }
    assert database("postgres:///z?host=/run/pg", Path("/run/z"))["HOST"] == "/run/pg"
    assert database("", Path("/run/z"))["HOST"] == "/run/z"


def test_a_socket_is_spelt_as_celery_wants_it() -> None:
    assert broker_url("unix:///run/a%20b.sock?db=7") == "redis+socket:///run/a%20b.sock?virtual_host=7"
    assert broker_url("rediss://h:1/2") == "rediss://h:1/2"


@pytest.mark.parametrize(
    ("url", "port", "starttls", "tls"),
    [
        ("smtp://m", 25, False, False),
        ("smtp+tls://m", 587, True, False),
        ("smtps://m", 465, False, True),
        ("smtp+tls://m:2525", 2525, True, False),
    ],
)
def test_each_way_to_send_mail_has_its_port(url: str, port: int, starttls: bool, tls: bool) -> None:
    way = mail(url)
    assert (way.host, way.port, way.starttls, way.tls) == ("m", port, starttls, tls)


def test_every_recurring_job_names_a_task_that_exists() -> None:
    app.loader.import_default_modules()
    app.autodiscover_tasks(force=True)
    named = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert named <= set(app.tasks)


def test_a_sweep_that_exists_is_also_called() -> None:
    app.autodiscover_tasks(force=True)
    named = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert {name for name in app.tasks if ".sweep" in name} <= named


def test_a_pool_replaces_the_connection_that_a_thread_keeps() -> None:
    own = {"CONN_MAX_AGE": 600} | database("postgres://u@db/z?sslmode=require", Path("/nowhere"))
    assert pooled(own, 0) == own
    shared = pooled(own, 4)
    assert (shared["CONN_MAX_AGE"], shared["OPTIONS"]["sslmode"]) == (0, "require")
    pool = shared["OPTIONS"]["pool"]
    assert pool["max_size"] == 4
    assert pool["reconnect_timeout"] < pool["timeout"], "the pool asks again while requests still wait"
