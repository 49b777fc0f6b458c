"""The worker or the beat of `up`, as the first argument says."""

import sys
import warnings
from pathlib import Path

from celery.platforms import SecurityWarning  # type: ignore[attr-defined]
from django.conf import settings

from config.celery import app
from config.leash import die_with_parent


def worker(concurrency: int = 4) -> None:
    """Run jobs, in threads: they wait for the database and the mail server more than they compute."""
    words = [
        "--quiet",
        "worker",
        "--pool",
        "threads",
        "--concurrency",
        str(concurrency),
        "--loglevel",
        "INFO",
    ]
    app.worker_main([*words, "--without-gossip", "--without-mingle", "--without-heartbeat"])


def beat() -> None:
    """Send every recurring job when it is due."""
    Path(settings.CELERY_BEAT_SCHEDULE_FILENAME).parent.mkdir(parents=True, exist_ok=True)
    app.start(["--quiet", "beat", "--loglevel", "INFO", "--pidfile="])


if __name__ == "__main__":
    die_with_parent()
    # As root (a container, a first try) the worker is as root as the rest of the tree; once said is enough.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    {"worker": worker, "beat": beat}[sys.argv[1]]()
