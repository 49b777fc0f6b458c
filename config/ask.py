"""Asks a health question from inside a container: `python -m config.ask [database|broker|jobs]`; exit 0 if well.

Without a word, the web process of this container is asked, over HTTP; with one, the part itself.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException

import django
from django.conf import settings

from config.health import check


def web_is_ready(host: str, port: int) -> bool:
    """Whether the site is ready, asked under a name it allows."""
    connection = HTTPConnection(host.strip("[]"), port, timeout=5)
    name = settings.ALLOWED_HOSTS[0].lstrip(".").replace("*", "localhost")
    headers = {"Host": name, "X-Forwarded-Proto": "https" if settings.HTTPS else "http"}
    try:
        connection.request("GET", "/health/ready", headers=headers)
        return connection.getresponse().status == 200
    except (HTTPException, OSError):
        return False
    finally:
        connection.close()


def main(words: list[str]) -> int:
    """The exit status of the question."""
    django.setup()
    if not words:
        return 0 if web_is_ready("127.0.0.1", int(os.environ.get("PORT", "8000"))) else 1
    return 0 if check(words[0]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
