"""`make test`: ruff, mypy, then the whole suite on embedded servers of its own, beside a running `make run`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.live import chromium_path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
NOTE = """
==========================================================================================
NOTE: there is no Chromium here, so the tests that drive a browser will be SKIPPED.
Install it (apt-get install chromium) or set CHROMIUM to its path, and run make test again.
==========================================================================================
"""


def environment() -> dict[str, str]:
    """Ours, without the servers of production or of `make run`, and with data of the tests' own."""
    env = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    var = Path(env.get("VAR_DIR", str(ROOT / "var"))).resolve() / "test"
    return env | {"VAR_DIR": str(var), "DEBUG": "0"}


def ensure_chromium() -> None:
    """Install Chromium when we may; say loudly when there is none."""
    apt = shutil.which("apt-get")
    if chromium_path() is None and apt and os.geteuid() == 0:
        print("installing Chromium for the browser tests", flush=True)
        install = ["install", "-y", "-qq", "--no-install-recommends", "chromium"]
        for words in (["update", "-qq"], install):
            env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run([apt, *words], stdout=subprocess.DEVNULL, env=env, check=False)
    if chromium_path() is None:
        print(NOTE, flush=True)


def run(title: str, *words: str) -> bool:
    """Run one tool of the virtual environment; whether it was content."""
    print(f"== {title}", flush=True)
    return subprocess.run([str(BIN / words[0]), *words[1:]], cwd=ROOT, env=environment()).returncode == 0


def main(arguments: list[str]) -> int:
    """Everything, in the order of what fails fastest; the summary of pytest comes last. The exit status."""
    ensure_chromium()
    content = [
        run("ruff format", "ruff", "format", "--check", "."),
        run("ruff check", "ruff", "check", "."),
        run("mypy", "mypy", "."),
    ]
    if not all(content):
        print("== ruff or mypy found something: see above. The tests run all the same.", flush=True)
    # Tests wait for browsers and servers half of the time: one worker more than there are processors.
    workers = str((os.cpu_count() or 1) + 1)
    shared = ("-n", workers, "--dist", "loadfile", "--no-loadscope-reorder")
    content.append(run("pytest", "pytest", *shared, *arguments))
    return 0 if all(content) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
