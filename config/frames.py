"""The web socket of the server, with one more door: a frame that is encoded already goes straight into the transport.

`scope["extensions"]["zanjar.frame"]["write"]` takes the bytes of a whole frame; whoever sends one text to a thousand
sockets encodes it once. On another ASGI server the extension is missing and the standard `send` does the same.
"""

from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class FrameProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol, which also takes whole frames."""

    def handle_connect(self, event: Any) -> None:
        """Open as usual and offer the door to the application, which starts after this returns."""
        super().handle_connect(event)
        if hasattr(self, "scope"):
            extensions: dict[str, Any] = self.scope["extensions"]  # type: ignore[assignment]
            extensions["zanjar.frame"] = {"write": self.write_frame}

    def write_frame(self, frame: bytes) -> bool:
        """Put the frame into the transport; False when it is full (then wait with `send`). Raises when it is closed."""
        if self.disconnected or self.close_sent or self.transport.is_closing():
            raise ClientDisconnected
        if not self.writable.is_set():
            return False
        self.transport.write(frame)
        return True
