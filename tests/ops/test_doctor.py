"""`doctor` says in words what is there and what is not, and changes nothing."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings


def doctor(var: Path, **env: str) -> "subprocess.CompletedProcess[str]":
    clean = {"PATH": os.environ["PATH"], "VAR_DIR": str(var)} | env
    command = [sys.executable, "manage.py", "doctor"]
    return subprocess.run(command, cwd=settings.BASE_DIR, env=clean, capture_output=True, text=True)


def test_a_fresh_checkout_misses_nothing(tmp_path: Path) -> None:
    answer = doctor(tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert "embedded PostgreSQL, not running now; make run starts it" in answer.stdout
    assert "embedded Valkey, not running now; make run starts it" in answer.stdout
    assert "Nothing is missing." in answer.stdout
    assert not (tmp_path / "postgres").exists(), "it looks, and starts nothing"


def test_what_cannot_be_reached_is_named_with_the_variable(tmp_path: Path) -> None:
    answer = doctor(
        tmp_path,
        SECRET_KEY="k" * 60,
        DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing",
        REDIS_URL="redis://127.0.0.1:1/0",
        EMAIL_URL="smtp://127.0.0.1:1",
        BASE_URL="http://zanjar.example.com",
        ALLOWED_HOSTS="elsewhere.example.com",
    )
    assert answer.returncode == 1
    for words in (
        "DATABASE_URL cannot be reached",
        "REDIS_URL cannot be reached",
        "127.0.0.1:1 cannot be reached",
        "without TLS",
        "ALLOWED_HOSTS does not name zanjar.example.com",
    ):
        assert f"{words}" in answer.stdout
    assert answer.stdout.count("MISSING") == 5


def test_a_watched_folder_that_is_a_link_inside_is_named(tmp_path: Path) -> None:
    (tmp_path / "drop" / "ACM").mkdir(parents=True)
    (tmp_path / "drop" / "ACM" / "done").symlink_to(tmp_path)
    answer = doctor(tmp_path)
    assert answer.returncode == 1
    assert f"links, or not writable by this user: {tmp_path}/drop/ACM/done" in answer.stdout
