"""The folder of mails that came in as files: on a machine without a mail server, to try both ways."""

from collections.abc import Callable
from pathlib import Path

DONE = "done"


def take_all(folder: Path, take: Callable[[bytes], object]) -> int:
    """Hand each `.eml` file to `take` and put it away under `done`; how many. Links and hidden files are left alone."""
    if not folder.is_dir():
        return 0
    waiting = [p for p in sorted(folder.glob("*.eml")) if p.is_file() and not p.is_symlink()]
    for path in waiting:
        take(path.read_bytes())
        (folder / DONE).mkdir(exist_ok=True)
        path.replace(folder / DONE / path.name)
    return len(waiting)
