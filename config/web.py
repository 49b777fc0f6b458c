"""One web process of `up`: serves pages and sockets on the listening socket the supervisor opened."""

import os
import socket

import uvicorn

from config.leash import die_with_parent

FRAME_BYTES = 64 * 1024


def server() -> uvicorn.Server:
    """uvicorn as this application wants it: small frames, no compression of frames, a short farewell."""
    return uvicorn.Server(
        uvicorn.Config(
            "config.asgi:application",
            lifespan="off",
            log_config=None,
            access_log=False,
            ws="websockets-sansio",
            ws_max_size=FRAME_BYTES,
            ws_per_message_deflate=False,
            ws_ping_interval=20,
            ws_ping_timeout=20,
            timeout_graceful_shutdown=5,
            server_header=False,
        )
    )


if __name__ == "__main__":
    die_with_parent()
    server().run(sockets=[socket.socket(fileno=int(os.environ["LISTEN_FD"]))])
