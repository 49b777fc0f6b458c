"""Holding the embedded servers: started by the first holder, stopped by the last, safe between processes."""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from config.embedded.owner import give, server_user
from config.embedded.postgres import Postgres
from config.embedded.run import ServerError, reap
from config.embedded.valkey import Valkey
from config.places import socket_dir


class Hold:
    """A hold on the embedded servers of `var_dir`. While it lasts, nobody stops them."""

    def __init__(self, var_dir: Path, *, postgres: bool, valkey: bool, durable: bool = True) -> None:
        self.var_dir = var_dir
        self.sockets = socket_dir(var_dir)
        self.servers: list[Postgres | Valkey] = []
        if postgres:
            self.servers.append(Postgres(var_dir, self.sockets, durable=durable))
        if valkey:
            self.servers.append(Valkey(var_dir, self.sockets))
        self._held: IO[str] | None = None

    def take(self) -> list[str]:
        """Take the hold and make every server answer; the names of those that had to be started."""
        self.var_dir.mkdir(parents=True, exist_ok=True)
        with self._alone():
            if self._held is None:
                self._held = (self.var_dir / "embedded.holders").open("w")
                fcntl.flock(self._held, fcntl.LOCK_SH)
            self._make_socket_dir()
            return [server.name for server in self.servers if server.ensure()]

    def heal(self) -> list[str]:
        """Start again whatever has died; the names of those. Cheap when nothing has."""
        reap()
        if all(server.is_running() for server in self.servers):
            return []
        return self.take()

    def drop(self) -> None:
        """Let go; stop the servers when nobody else holds them."""
        if self._held is None:
            return
        with self._alone():
            try:
                fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                for server in self.servers:
                    server.stop()
            self._held.close()
            self._held = None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time starts or stops servers."""
        with (self.var_dir / "embedded.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _make_socket_dir(self) -> None:
        """The sockets' directory, ours alone: elsewhere (a shared /tmp) a stranger might have made it first."""
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        user = server_user()
        give(self.sockets, user)
        found = self.sockets.lstat()
        if not stat.S_ISDIR(found.st_mode) or (user is None and found.st_uid != os.geteuid()):
            raise ServerError(
                f"{self.sockets} belongs to somebody else. Remove it, or set a shorter VAR_DIR."
            )
        self.sockets.chmod(0o700)


@contextmanager
def hold(
    var_dir: Path, *, postgres: bool = True, valkey: bool = True, durable: bool = True
) -> Iterator[Hold]:
    """Hold the embedded servers for the length of a block."""
    held = Hold(var_dir, postgres=postgres, valkey=valkey, durable=durable)
    try:
        held.take()
        yield held
    finally:
        held.drop()
