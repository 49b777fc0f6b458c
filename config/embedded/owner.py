"""PostgreSQL refuses to run as root. When we are root, it runs as a system user made for it."""

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Iterable
from pathlib import Path

SERVER_USER = "zanjar-postgres"


def server_user() -> str | None:
    """The user the database server runs as: None when we are an ordinary user ourselves."""
    if os.geteuid() != 0:
        return None
    for name in (SERVER_USER, "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            if shutil.which("useradd"):
                words = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name]
                subprocess.run(words, capture_output=True, check=False)
                if name in {entry.pw_name for entry in pwd.getpwall()}:
                    return name
    raise KeyError("nobody")


def give(path: Path, user: str | None) -> None:
    """Make `path` belong to the server's user, when there is one."""
    if user is not None:
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)


def prepare(places: Iterable[Path], user: str | None) -> None:
    """Let the server's user pass through the directories above `places` (to pass, not to list them)."""
    if user is None:
        return
    for place in places:
        for directory in [place, *place.parents]:
            mode = directory.stat().st_mode
            if not mode & stat.S_IXOTH:
                directory.chmod(mode | stat.S_IXOTH)
