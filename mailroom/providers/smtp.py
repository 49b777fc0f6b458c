"""Sending by SMTP, with the settings that EMAIL_URL names."""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from mailroom.envelope import Envelope
from mailroom.providers.base import Refused, Unreachable


@dataclass(frozen=True, slots=True)
class Server:
    """Where and how to connect. `timeout` is in seconds."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False
    timeout: int = 20


class SmtpProvider:
    """One connection for several letters, opened at the first and again when it was lost."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.connection: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def send(self, envelope: Envelope) -> None:
        """Hand over one letter. A 4xx answer, a lost line or a silence is Unreachable; a 5xx is Refused."""
        try:
            self._connected().sendmail(envelope.from_address, [envelope.to_address], envelope.as_bytes())
        except smtplib.SMTPRecipientsRefused as error:
            self._reset()
            code, words = next(iter(error.recipients.values()))
            raise _verdict(code, words) from error
        except smtplib.SMTPResponseException as error:
            self._close()
            raise _verdict(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPNotSupportedError as error:
            self._close()
            raise Refused(str(error)) from error
        except (smtplib.SMTPException, OSError) as error:
            self._close()
            raise Unreachable(str(error)) from error

    def _connected(self) -> smtplib.SMTP:
        if self.connection is None:
            server = self.server
            if server.tls:
                context = ssl.create_default_context()
                self.connection = smtplib.SMTP_SSL(
                    server.host, server.port, timeout=server.timeout, context=context
                )
            else:
                self.connection = smtplib.SMTP(server.host, server.port, timeout=server.timeout)
            if server.starttls:
                self.connection.starttls(context=ssl.create_default_context())
            if server.user:
                self.connection.login(server.user, server.password)
        return self.connection

    def _reset(self) -> None:
        """Forget the refused letter but keep the line, when the server still answers."""
        try:
            if self.connection:
                self.connection.rset()
        except (smtplib.SMTPException, OSError):
            self._close()

    def _close(self) -> None:
        connection, self.connection = self.connection, None
        if connection:
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()
            connection.close()


def _verdict(code: int, words: bytes | str) -> Refused | Unreachable:
    said = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
    # 535 and its like are our own credentials, not the letter: worth another try once they are mended.
    kind = Refused if 500 <= code < 600 and code not in (530, 534, 535) else Unreachable
    return kind(f"{code} {said}")
