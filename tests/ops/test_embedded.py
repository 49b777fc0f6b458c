"""The servers Zanjar brings along: started, shared, stopped, and recovered after the worst."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg
import pytest
import redis
from django.conf import settings

from config.connections import EMBEDDED_NAME, EMBEDDED_USER
from config.embedded import Hold, ServerError, hold
from config.embedded.run import has_ended, wait_until
from config.places import LONGEST_SOCKET_DIR, socket_dir

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def var() -> Iterator[Path]:
    """One VAR_DIR for the tests of this file: making its data takes seconds."""
    with open_directory() as place:
        yield place / "var"
        with hold(place / "var"):
            pass


@pytest.fixture
def empty() -> Iterator[Path]:
    """An empty VAR_DIR for one test."""
    with open_directory() as place:
        yield place


@contextmanager
def open_directory() -> Iterator[Path]:
    """A directory that another user may pass through: as root, PostgreSQL runs as one. Any other pytest
    process closes pytest's own temporary directories, so they will not do."""
    with TemporaryDirectory(prefix="zanjar-test-") as name:
        yield Path(name)


def pids(held: Hold) -> list[int]:
    return [pid for server in held.servers if (pid := server.pid()) is not None]


def test_a_server_that_its_starter_has_not_reaped_has_ended() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""], stdin=subprocess.DEVNULL)
    seen = psutil.Process(child.pid)
    assert wait_until(lambda: seen.status() == psutil.STATUS_ZOMBIE, 20)
    assert has_ended(seen)
    child.wait()
    assert has_ended(seen)


def lives(pid: int) -> bool:
    """Whether the process runs: one that nobody has reaped yet does not."""
    try:
        return not has_ended(psutil.Process(pid))
    except psutil.NoSuchProcess:
        return False


def query(var_dir: Path, sql: str) -> object:
    with psycopg.connect(
        host=str(socket_dir(var_dir)), user=EMBEDDED_USER, dbname=EMBEDDED_NAME, autocommit=True
    ) as connection:
        answer = connection.execute(sql)
        row = answer.fetchone() if answer.description else None
        return row and row[0]


def valkey(var_dir: Path) -> "redis.Redis":
    return redis.Redis(unix_socket_path=str(socket_dir(var_dir) / "valkey.sock"))


def kill(*numbers: int) -> None:
    for number in numbers:
        os.kill(number, signal.SIGKILL)
    for number in numbers:
        try:
            psutil.Process(number).wait(5)
        except psutil.NoSuchProcess:
            continue


def holder_elsewhere(var_dir: Path) -> "subprocess.Popen[str]":
    """Another process that holds the servers until its standard input is closed."""
    program = f"""
        import sys
        from pathlib import Path
        from config.embedded import hold
        with hold(Path({str(var_dir)!r})):
            print("held", flush=True)
            sys.stdin.read()
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_both_servers_answer_while_held_and_end_with_the_hold(var: Path) -> None:
    with hold(var) as held:
        assert query(var, "SHOW fsync") == "on"
        assert query(var, "SELECT lower('ÉCLAIR')") == "éclair"
        with valkey(var) as client:
            assert client.config_get("appendonly") == {"appendonly": "yes"}
        running = pids(held)
        assert len(running) == 2
    assert not any(lives(pid) for pid in running)


def test_the_second_holder_finds_them_running_and_the_last_one_stops_them(var: Path) -> None:
    other = holder_elsewhere(var)
    try:
        with hold(var) as held:
            running = pids(held)
        assert all(lives(pid) for pid in running), "still held elsewhere"
    finally:
        other.communicate("", timeout=30)
    assert not any(lives(pid) for pid in running)


def test_servers_left_by_a_killed_holder_are_taken_over(var: Path) -> None:
    killed = holder_elsewhere(var)
    killed.kill()
    killed.communicate(timeout=10)
    with hold(var) as held:
        assert held.take() == [], "both were adopted, not started"
        running = pids(held)
    assert not any(lives(pid) for pid in running)


def test_after_kill_9_of_everything_nothing_that_was_answered_is_lost(var: Path) -> None:
    with hold(var) as held:
        query(var, "CREATE TABLE IF NOT EXISTS kept (word text)")
        query(var, "INSERT INTO kept VALUES ('here') RETURNING 1")
        with valkey(var) as client:
            client.rpush("queue", "job")
        kill(*pids(held))
        assert sorted(held.heal()) == ["PostgreSQL", "Valkey"]
        assert query(var, "SELECT count(*) FROM kept WHERE word = 'here'") == 1
        with valkey(var) as client:
            assert client.lpop("queue") == b"job"
        query(var, "DROP TABLE kept")


def test_a_process_id_that_now_belongs_to_somebody_else_does_no_harm(var: Path) -> None:
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        data = var / "postgres"
        (data / "postmaster.pid").write_text(f"{stranger.pid}\n{data}\n1\n5432\n/tmp\n\n0 0\nready\n")
        (var / "valkey" / "valkey.pid").write_text(str(stranger.pid))
        with hold(var):
            assert query(var, "SELECT 1") == 1
        assert stranger.poll() is None, "the stranger was left alone"
    finally:
        stranger.kill()
        stranger.wait()


def test_a_half_made_data_directory_is_made_again(empty: Path) -> None:
    (empty / "postgres.new").mkdir()
    (empty / "postgres.new" / "PG_VERSION").write_text("18\n")
    with hold(empty, valkey=False):
        assert query(empty, "SELECT 1") == 1


def test_data_of_another_version_are_refused_with_what_to_do(empty: Path) -> None:
    (empty / "postgres").mkdir()
    (empty / "postgres" / "PG_VERSION").write_text("15\n")
    with pytest.raises(ServerError, match="written by PostgreSQL 15; this is PostgreSQL 18"), hold(empty):
        pass


@pytest.mark.parametrize("name", ["short", "with a space", "ñandú", "x" * 120])
def test_sockets_stay_within_the_limit_and_plain_whatever_the_path(tmp_path: Path, name: str) -> None:
    place = socket_dir(tmp_path / name)
    assert len(os.fsencode(place)) <= LONGEST_SOCKET_DIR
    assert " " not in str(place)
    assert place == socket_dir(tmp_path / name), "the same every time"


def test_a_long_path_with_spaces_works(empty: Path) -> None:
    place = empty / ("a long name " * 12)
    with hold(place):
        assert query(place, "SELECT 1") == 1
        with valkey(place) as client:
            assert client.ping()
