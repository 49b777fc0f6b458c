"""The servers Zanjar brings along when no others are named: PostgreSQL and Valkey, under VAR_DIR.

Any number of commands may hold them at once; the first starts them, the last one out stops them. A holder
that is killed loses its hold with its life (the hold is a file lock), and servers left running without
a holder are simply taken over by the next one.
"""

from config.embedded.hold import Hold, hold
from config.embedded.run import ServerError

__all__ = ["Hold", "ServerError", "hold"]
