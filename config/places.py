"""Where things lie on disk: the checkout, VAR_DIR, the sockets of the embedded servers, the secrets."""

import hashlib
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

from config.env import env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env("VAR_DIR", "") or BASE_DIR / "var").resolve()

# A UNIX socket's path holds 107 bytes at most, and ".s.PGSQL.5432.lock" is appended to ours.
LONGEST_SOCKET_DIR = 85
PLAIN_PATH = re.compile(r"[A-Za-z0-9_./-]+")


def socket_dir(var_dir: Path = VAR_DIR) -> Path:
    """The directory of both embedded servers' sockets: in `var_dir`, or in a short one of the same name
    every time when that path is too long or has characters that a server's command line cannot carry."""
    inside = var_dir / "run"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_DIR and PLAIN_PATH.fullmatch(str(inside)):
        return inside
    digest = hashlib.sha256(os.fsencode(var_dir)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"zanjar-{os.geteuid()}-{digest}"


def secret(name: str, *, make: bool, draw: Callable[[], str] = get_random_secret_key) -> str:
    """The secret `name` from the environment; with `make`, one drawn once and kept in VAR_DIR/secrets."""
    if env(name, "") or f"{name}_FILE" in os.environ or not make:
        value = env(name)
        if not value:
            raise ImproperlyConfigured(f"Set the environment variable {name}.")
        return value
    kept = VAR_DIR / "secrets" / name.lower()
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return kept.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(draw())
    return kept.read_text().strip()
