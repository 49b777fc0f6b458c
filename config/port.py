"""The address `up` listens on: opened first, so that a taken port is said at once and with a name."""

import errno
import os
import socket

import psutil


class PortTaken(Exception):
    """The port belongs to another process; the sentence says to which, and what to do."""


def listen(bind: str, port: int) -> socket.socket:
    """A listening socket on `bind`:`port`. Raises PortTaken; an address that is not ours is one too."""
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((bind, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"Port {port} is taken by {taken_by(port)}. "
                f"Stop it, or choose another port: make run PORT={port + 1}"
            ) from error
        raise PortTaken(f"Cannot listen on {bind} port {port}: {os.strerror(error.errno or 0)}.") from error
    return listener


def taken_by(port: int) -> str:
    """The process listening on `port`, in words, as far as we may see."""
    for process in psutil.process_iter():
        try:
            mine = any(
                each.status == psutil.CONN_LISTEN and each.laddr.port == port
                for each in process.net_connections("tcp")
            )
            if mine:
                return f"process {process.pid} ({' '.join(process.cmdline())[:80] or process.name()})"
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return "another process"
