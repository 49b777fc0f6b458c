"""The virus scanner: a clamd of ours that speaks its protocol over a real socket."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from disputes import services
from disputes.errors import EvidenceRefused, ScannerAway
from disputes.models import Dispute, Evidence
from tests.disputes import papers
from tests.factories import AT, Cast

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
Answer = Callable[[bytes], bytes]


def as_clamd_does(data: bytes) -> bytes:
    """What clamd answers to a stream."""
    return b"stream: Win.Test.EICAR_HDB-1 FOUND\n" if EICAR in data else b"stream: OK\n"


class Clamd:
    """Listens, takes streams, answers; remembers what it was shown."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener, self.seen = listener, list[bytes]()
        self.answer: Answer = as_clamd_does
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def serve(self) -> None:
        while True:
            try:
                client, _address = self.listener.accept()
            except OSError:
                return
            with client, client.makefile("rb") as stream:
                assert stream.readline() == b"nINSTREAM\n"
                data = b""
                while length := struct.unpack("!L", stream.read(4))[0]:
                    data += stream.read(length)
                self.seen.append(data)
                client.sendall(self.answer(data))


@pytest.fixture(params=["tcp", "unix"])
def clamd(request: Any, settings: Any, tmp_path: Any) -> Iterator[Clamd]:
    """A scanner that answers at CLAMD_URL."""
    if request.param == "tcp":
        listener = socket.create_server(("127.0.0.1", 0))
        settings.CLAMD_URL = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
    else:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(tmp_path / "clamd.ctl"))
        listener.listen()
        settings.CLAMD_URL = f"unix://{tmp_path / 'clamd.ctl'}"
    daemon = Clamd(listener)
    daemon.thread.start()
    yield daemon
    listener.close()


def add(dispute: Dispute, cast: Cast, data: bytes) -> Evidence:
    return services.add_evidence(dispute=dispute, file=data, name="a.txt", by=cast.sam, at=AT)


def test_a_clean_file_was_seen_whole_and_is_kept(dispute: Dispute, catalogue: Cast, clamd: Clamd) -> None:
    data = b"a long text, " * 1000
    assert add(dispute, catalogue, data).size == len(data)
    assert clamd.seen == [data]


def test_an_infected_file_is_refused_by_name(dispute: Dispute, catalogue: Cast, clamd: Clamd) -> None:
    with pytest.raises(EvidenceRefused, match=r"infected \(Win.Test.EICAR_HDB-1\)"):
        add(dispute, catalogue, EICAR)
    assert not Evidence.objects.exists()


@pytest.mark.parametrize("answer", [b"stream: Broken ERROR\n", b"", b"INSTREAM size limit exceeded. ERROR\n"])
def test_a_scanner_that_cannot_tell_lets_nothing_in(
    dispute: Dispute, catalogue: Cast, clamd: Clamd, answer: bytes
) -> None:
    clamd.answer = lambda _data: answer
    with pytest.raises(ScannerAway):
        add(dispute, catalogue, papers.TEXT)
    assert not Evidence.objects.exists()


def test_a_scanner_that_is_away_lets_nothing_in(dispute: Dispute, catalogue: Cast, settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        settings.CLAMD_URL = f"tcp://127.0.0.1:{gone.getsockname()[1]}"
    with pytest.raises(ScannerAway, match="does not answer") as away:
        add(dispute, catalogue, papers.TEXT)
    assert away.value.status == 503
    assert not Evidence.objects.exists()


def test_without_a_scanner_nothing_is_asked(dispute: Dispute, catalogue: Cast, settings: Any) -> None:
    assert settings.CLAMD_URL == ""
    assert add(dispute, catalogue, EICAR).name == "a.txt"
