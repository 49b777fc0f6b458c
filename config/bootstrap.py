"""Makes .venv hold exactly what a lock file lists. Standard library only: it runs before anything is installed.

    python3 -I config/bootstrap.py run|dev

Does nothing (in a few milliseconds) when the lock has not changed since the last time.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / ".installed"
LOCKS = {"run": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}
LEAST = (3, 11)


def say(line):  # type: ignore[no-untyped-def]
    """One line for the person who waits."""
    sys.stdout.write("setup   | %s\n" % line)
    sys.stdout.flush()


def main(asked):  # type: ignore[no-untyped-def]
    """Install the lock `asked` for; one bootstrap at a time. The exit status."""
    if sys.version_info < LEAST:
        sys.stderr.write(
            "Zanjar needs Python 3.11 or newer; %s is Python %d.%d. "
            "Install a newer one and say which: make run PYTHON=python3.12\n"
            % (sys.executable, sys.version_info[0], sys.version_info[1])
        )
        return 1
    with (ROOT / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return install(asked)


def wanted(asked):  # type: ignore[no-untyped-def]
    """The lock to install and its stamp. What the tests need stays once it is there: it includes the rest."""
    before = STAMP.read_text() if STAMP.exists() else ""
    level = "dev" if asked == "dev" or before.startswith("dev ") else "run"
    digest = hashlib.sha256(LOCKS[level].read_bytes()).hexdigest()
    return LOCKS[level], before, "%s %s %d.%d" % (level, digest, sys.version_info[0], sys.version_info[1])


def install(asked):  # type: ignore[no-untyped-def]
    """Make the virtual environment and fill it, unless the stamp says it is so already. The exit status."""
    lock, before, stamp = wanted(asked)
    if before == stamp and (VENV / "bin" / "python").exists():
        return 0
    if not make_venv():
        return 1
    python = str(VENV / "bin" / "python")
    say("installing packages from %s" % lock.name)
    if not fill_with_uv(python, lock) and not fill_with_pip(python, lock):
        sys.stderr.write(
            "The packages of %s could not be installed; the lines above say why. "
            "Check the network (or pip's index settings) and run the same command again.\n" % lock.name
        )
        return 1
    STAMP.write_text(stamp)
    return 0


def make_venv():  # type: ignore[no-untyped-def]
    """A virtual environment made by this Python; one made by another version is made anew."""
    version = VENV / "lib" / ("python%d.%d" % sys.version_info[:2])
    if (
        (VENV / "bin" / "python").exists()
        and version.exists()
        and works([str(VENV / "bin" / "python"), "-c", ""])
    ):
        return True
    say("making the virtual environment .venv with Python %d.%d" % sys.version_info[:2])
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True
    )
    if made.returncode == 0:
        return True
    sys.stderr.write(
        made.stdout
        + made.stderr
        + "\nThe virtual environment cannot be made. On Debian and Ubuntu: apt-get install python3-venv\n"
    )
    return False


def works(command):  # type: ignore[no-untyped-def]
    """Whether the command runs and succeeds, silently."""
    try:
        return subprocess.run(command, capture_output=True, cwd=ROOT).returncode == 0
    except OSError:
        return False


def fill_with_uv(python, lock):  # type: ignore[no-untyped-def]
    """Install with uv, fetched from the same index as everything else. False when uv cannot be had or fails."""
    uv = str(VENV / "bin" / "uv")
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv"]
    if not works([uv, "--version"]) and not works(pip):
        say("uv is not to be had; pip does the same, slower")
        return False
    sync = [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", python, str(lock)]
    return subprocess.run(sync, cwd=ROOT, env=dict(os.environ, VIRTUAL_ENV=str(VENV))).returncode == 0


def fill_with_pip(python, lock):  # type: ignore[no-untyped-def]
    """Install with pip, hashes checked."""
    words = ["install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", str(lock)]
    return subprocess.run([python, "-m", "pip", *words], cwd=ROOT).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
