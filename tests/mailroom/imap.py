"""A little IMAP server on this machine: enough of RFC 3501 to read a mailbox, and it tells what was done to it."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Kept:
    """One mail in a folder."""

    uid: int
    raw: bytes
    flags: set[str] = field(default_factory=set)


class Imap:
    """The folders of one user. `drop_after` closes the line after that many fetched mails."""

    def __init__(self, user: str = "ana", password: str = "s3cret/x") -> None:
        self.user, self.password = user, password
        self.folders: dict[str, list[Kept]] = {"INBOX": []}
        self.drop_after: int | None = None
        self.commands: list[str] = []
        self.port = 0
        self.uids = 0

    def put(self, raw: bytes, folder: str = "INBOX") -> None:
        """A mail arrives."""
        self.uids += 1
        self.folders[folder].append(Kept(self.uids, raw))

    @contextmanager
    def running(self) -> Iterator[Imap]:
        """The server listens."""
        mailbox = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                Session(mailbox, self).talk()

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = allow_reuse_address = True

        with Server(("127.0.0.1", 0), Handler) as server:
            self.port = server.server_address[1]
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            try:
                yield self
            finally:
                server.shutdown()
                thread.join()


class Session:
    """One connection."""

    def __init__(self, box: Imap, line: Any) -> None:
        self.box, self.line, self.folder, self.fetched = box, line, "INBOX", 0

    def say(self, text: str | bytes) -> None:
        self.line.wfile.write((text.encode() if isinstance(text, str) else text) + b"\r\n")

    def talk(self) -> None:
        self.say("* OK ready")
        for raw in self.line.rfile:
            tag, _, rest = raw.decode().strip().partition(" ")
            self.box.commands.append(rest)
            word = rest.upper().removeprefix("UID ").split(" ")[0].lower()
            answer = getattr(self, f"do_{word}", lambda _rest: "OK")(rest)
            if answer is None:
                return
            self.say(f"{tag} {answer} {word}")
            if word == "logout":
                return

    def do_capability(self, rest: str) -> str:
        self.say("* CAPABILITY IMAP4rev1")
        return "OK"

    def do_login(self, rest: str) -> str:
        good = rest.endswith(f'"{self.box.user}" "{self.box.password}"')
        return "OK" if good else "NO [AUTHENTICATIONFAILED]"

    def do_logout(self, rest: str) -> str:
        self.say("* BYE")
        return "OK"

    def _named(self, rest: str) -> str:
        return rest.split(" ")[-1].strip('"')

    def do_select(self, rest: str) -> str:
        self.folder = self._named(rest)
        if self.folder not in self.box.folders:
            return "NO"
        self.say(f"* {len(self.box.folders[self.folder])} EXISTS")
        return "OK"

    def do_list(self, rest: str) -> str:
        for name in self.box.folders:
            if name == self._named(rest):
                self.say(f'* LIST () "/" "{name}"')
        return "OK"

    def do_create(self, rest: str) -> str:
        self.box.folders.setdefault(self._named(rest), [])
        return "OK"

    def do_search(self, rest: str) -> str:
        unseen = "UNSEEN" in rest
        found = [k for k in self.box.folders[self.folder] if not (unseen and "\\Seen" in k.flags)]
        self.say("* SEARCH " + " ".join(str(kept.uid) for kept in found))
        return "OK"

    def _kept(self, rest: str) -> list[Kept]:
        uids = {int(one) for one in rest.split(" ")[2].split(",")}
        return [kept for kept in self.box.folders[self.folder] if kept.uid in uids]

    def do_fetch(self, rest: str) -> str | None:
        for kept in self._kept(rest):
            if "RFC822.SIZE" in rest:
                self.say(f"* 1 FETCH (UID {kept.uid} RFC822.SIZE {len(kept.raw)})")
                continue
            if self.box.drop_after is not None and self.fetched >= self.box.drop_after:
                return None
            self.fetched += 1
            head = kept.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
            data, what = (head, "BODY[HEADER]") if "HEADER" in rest else (kept.raw, "BODY[]")
            self.say(f"* 1 FETCH (UID {kept.uid} {what} {{{len(data)}}}".encode() + b"\r\n" + data + b")")
        return "OK"

    def do_store(self, rest: str) -> str:
        for kept in self._kept(rest):
            kept.flags |= set(re.findall(r"\\\w+", rest))
        return "OK"

    def do_copy(self, rest: str) -> str:
        for kept in self._kept(rest):
            self.box.put(kept.raw, self._named(rest))
        return "OK"

    def do_expunge(self, rest: str) -> str:
        kept = self.box.folders[self.folder]
        kept[:] = [one for one in kept if "\\Deleted" not in one.flags]
        return "OK"
