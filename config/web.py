"""One web process: pages and sockets. Under `up` on the socket the supervisor opened, else on BIND and PORT."""

import os
import socket

import django
import uvicorn

from config.connections import WEB_POOL
from config.env import env, env_int
from config.frames import FrameProtocol
from config.leash import die_with_parent
from config.port import listen
from config.preparation import collect_static_files, compile_translations

FRAME_BYTES = 64 * 1024


def server() -> uvicorn.Server:
    """uvicorn as this application wants it: small frames, no compression of frames, a short farewell."""
    return uvicorn.Server(
        uvicorn.Config(
            "config.asgi:application",
            lifespan="off",
            log_config=None,
            access_log=False,
            ws=FrameProtocol,
            ws_max_size=FRAME_BYTES,
            ws_per_message_deflate=False,
            ws_ping_interval=20,
            ws_ping_timeout=20,
            timeout_graceful_shutdown=5,
            server_header=False,
        )
    )


def listener() -> socket.socket:
    """The supervisor's socket; without a supervisor (a container) our own, once the files are in place."""
    if "LISTEN_FD" in os.environ:
        return socket.socket(fileno=int(os.environ["LISTEN_FD"]))
    os.environ.setdefault("DB_POOL", WEB_POOL)
    django.setup()
    compile_translations()
    collect_static_files()
    return listen(env("BIND", "127.0.0.1"), env_int("PORT", 8000))


if __name__ == "__main__":
    die_with_parent()
    server().run(sockets=[listener()])
