"""Makes .venv hold exactly what a lock file lists. Standard library only: it runs before anything is installed.

    python3 -I config/bootstrap.py run|dev

Does nothing (in a few milliseconds) when the lock has not changed since the last time.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".installed"
LOCKS = {"run": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}
LEAST = (3, 11)
HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"


def say(line: str) -> None:
    """One line for the person who waits."""
    sys.stdout.write(f"setup   | {line}\n")
    sys.stdout.flush()


def main(asked: str) -> int:
    """Install the lock `asked` for; one bootstrap at a time. The exit status."""
    if sys.version_info < LEAST:
        sys.stderr.write(
            f"Zanjar needs Python 3.11 or newer; {sys.executable} is Python {HERE}. "
            "Install a newer one and say which: make run PYTHON=python3.12\n"
        )
        return 1
    with (ROOT / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return install(asked)


def wanted(asked: str) -> tuple[Path, str]:
    """The lock to install and its stamp. What the tests need stays once it is there: it includes the rest."""
    before = STAMP.read_text() if STAMP.exists() else ""
    level = "dev" if asked == "dev" or before.startswith("dev ") else "run"
    digest = hashlib.sha256(LOCKS[level].read_bytes()).hexdigest()
    return LOCKS[level], f"{level} {digest} {HERE}"


def install(asked: str) -> int:
    """Make the virtual environment and fill it, unless the stamp says it is so already. The exit status."""
    lock, stamp = wanted(asked)
    if STAMP.exists() and STAMP.read_text() == stamp and PYTHON.exists():
        return 0
    if not make_venv():
        return 1
    say(f"installing packages from {lock.name}")
    if not fill_with_uv(lock) and not fill_with_pip(lock):
        sys.stderr.write(
            f"The packages of {lock.name} could not be installed; the lines above say why. "
            "Check the network (or pip's index settings) and run the same command again.\n"
        )
        return 1
    STAMP.write_text(stamp)
    return 0


def make_venv() -> bool:
    """A virtual environment made by this version of Python at this place; any other is made anew."""
    if (VENV / "lib" / f"python{HERE}").exists() and works([str(PYTHON), "-m", "pip", "--version"]):
        return True
    say(f"making the virtual environment .venv with Python {HERE}")
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode != 0:
        sys.stderr.write(made.stdout + made.stderr)
        sys.stderr.write(
            "The virtual environment cannot be made. On Debian and Ubuntu: apt-get install python3-venv\n"
        )
    return made.returncode == 0


def works(command: list[str]) -> bool:
    """Whether the command runs and succeeds, silently."""
    try:
        return subprocess.run(command, capture_output=True, cwd=ROOT).returncode == 0
    except OSError:
        return False


def fill_with_uv(lock: Path) -> bool:
    """Install with uv, fetched from the same index as everything else. False when it cannot be had or fails."""
    uv = str(VENV / "bin" / "uv")
    fetch = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv"]
    if not works([uv, "--version"]) and not works(fetch):
        say("uv is not to be had; pip does the same, slower")
        return False
    sync = [
        uv,
        "pip",
        "sync",
        "--quiet",
        "--compile-bytecode",
        "--require-hashes",
        "--python",
        str(PYTHON),
        str(lock),
    ]
    return subprocess.run(sync, cwd=ROOT, env={**os.environ, "VIRTUAL_ENV": str(VENV)}).returncode == 0


def fill_with_pip(lock: Path) -> bool:
    """Install with pip, hashes checked."""
    words = ["install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", str(lock)]
    return subprocess.run([str(PYTHON), "-m", "pip", *words], cwd=ROOT).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
