"""The evidence pack: everything is in it, and whoever changes one byte of it is found, by name."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from pypdf import PdfReader

from accounts.models import Event
from chat.services import post_message, room_for_dispute
from disputes import services
from disputes.errors import IllegalAct, RoleMayNot
from disputes.evidence.pack import build, verify_pack
from disputes.evidence.pack.build import Pack
from disputes.models import Dispute, Evidence
from tests.disputes import papers
from tests.disputes.test_evidence import add
from tests.factories import AT, Cast

Members = list[tuple[str, bytes]]


@dataclass
class Made:
    """A pack with its bytes."""

    pack: Pack
    data: bytes

    @property
    def members(self) -> Members:
        """Name and content of each member, in order."""
        with zipfile.ZipFile(BytesIO(self.data)) as archive:
            return [(name, archive.read(name)) for name in archive.namelist()]

    @property
    def index(self) -> Any:
        return json.loads(dict(self.members)["index.json"])


def make(dispute: Dispute, cast: Cast) -> Made:
    pack = services.make_pack(dispute=dispute, by=cast.alice, at=AT)
    with pack.file as stream:
        return Made(pack, stream.read())


def zipped(members: Members) -> BytesIO:
    """A ZIP of these, as somebody would make it who changes one."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members:
            archive.writestr(name, data)
    out.seek(0)
    return out


def problems(members: Members, root: str = "") -> dict[str, str]:
    """What the verifier says of these members."""
    return dict(verify_pack.verify(zipped(members), root)[1])


@pytest.fixture
def made(dispute: Dispute, catalogue: Cast) -> Made:
    """A pack of a dispute with files, a question with its answer, a message and an erased file."""
    add(dispute, catalogue.sam, papers.png(), "box.png", note="the broken box")
    add(dispute, None, papers.MAIL, "mail.eml", side="customer", via="mail")
    gone = add(dispute, catalogue.sam, papers.pdf(), "names.pdf")
    services.redact_evidence(evidence=gone, reason="names of drivers", by=catalogue.alice, at=AT)
    services.make_move(dispute=dispute, move_code="ask_sales", by=catalogue.alice, at=AT)
    question = dispute.questions.get()
    services.answer_question(question_id=question.pk, value="customer", by=catalogue.sam, at=AT, note="9.50")
    room = room_for_dispute(dispute=dispute, at=AT)
    post_message(room=room, by=catalogue.alice, body="Look at the box.", client_token="token-0001", at=AT)
    return make(dispute, catalogue)


def test_everything_is_in_it(made: Made, dispute: Dispute) -> None:
    members = dict(made.members)
    assert list(members) == [
        "README.txt",
        "verify_pack.py",
        "dispute.json",
        "events.json",
        "messages.json",
        "evidence/001-box.png",
        "evidence/002-mail.eml",
        "summary.pdf",
        "index.json",
    ]
    assert members["evidence/001-box.png"] == papers.png()
    told = json.loads(members["dispute.json"])
    assert (told["ref"], told["amount"], told["lines"][0]["amount"]) == (dispute.ref, "300.00", "300.00")
    assert told["questions"][0]["answer"]["note"] == "9.50"
    assert [stay["seq"] for stay in told["stays"]] == [1, 2, 3]
    (message,) = [row for row in json.loads(members["messages.json"]) if row["kind"] == "text"]
    assert (message["author"], message["body"]) == ("Alice", "Look at the box.")
    assert len(json.loads(members["events.json"])) == Event.objects.filter(stream="dispute").count() - 1
    assert members["verify_pack.py"] == build.SCRIPT.read_bytes()


def test_it_is_told_with_its_root(made: Made, dispute: Dispute, catalogue: Cast) -> None:
    event = Event.objects.get(kind="pack.made")
    assert (event.data["root"], event.data["seal"]) == (made.index["root"], made.index["seal"])
    assert event.data["files"] == 8
    with pytest.raises(RoleMayNot):
        services.make_pack(dispute=dispute, by=catalogue.sam, at=AT)
    assert Event.objects.filter(kind="pack.made").count() == 1


def test_the_summary_prints_the_root_and_the_story(made: Made) -> None:
    reader = PdfReader(BytesIO(dict(made.members)["summary.pdf"]))
    text = "".join(page.extract_text() for page in reader.pages)
    for words in ("Comercial Norte", "box.png", "Erased on", "names of drivers"):
        assert words in text
    assert "Look at the box" not in text, "the conversation is in its own list"
    assert made.pack.root in text.replace("\n", "").replace("\u200b", "")


def test_an_untouched_pack_is_as_it_was(made: Made) -> None:
    assert problems(made.members) == {}
    assert problems(made.members, made.pack.root) == {}
    assert problems(made.members, made.pack.seal.upper()) == {}
    index, _found = verify_pack.verify(BytesIO(made.data))
    (gone,) = [entry for entry in index["entries"] if entry.get("redacted")]
    assert (gone["path"], gone["name"], gone["redacted"]["reason"]) == (None, "names.pdf", "names of drivers")


def change(members: Members, name: str, act: Callable[[bytes], bytes]) -> Members:
    return [(other, act(data) if other == name else data) for other, data in members]


@given(data=st.data())
@limits(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_single_changed_byte_of_any_member_is_found_and_named(made: Made, data: st.DataObject) -> None:
    members = made.members
    name, content = data.draw(st.sampled_from(members))
    place = data.draw(st.integers(0, len(content) - 1))
    other = data.draw(st.integers(1, 255))
    act = data.draw(st.sampled_from(["flip", "cut", "insert"]))
    byte = bytes([content[place] ^ other])
    changed = {
        "flip": content[:place] + byte + content[place + 1 :],
        "cut": content[:place] + content[place + 1 :],
        "insert": content[:place] + byte + content[place:],
    }[act]
    found = problems(change(members, name, lambda _old: changed))
    assert name in found, (name, place, act, found)


@given(data=st.data())
@limits(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_a_flipped_byte_of_the_zip_is_found_or_changes_nothing_inside(
    made: Made, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(made.data) - 1))
    spoiled = bytearray(made.data)
    spoiled[place] ^= data.draw(st.integers(1, 255))
    _index, found = verify_pack.verify(BytesIO(bytes(spoiled)))
    if not found:
        assert Made(made.pack, bytes(spoiled)).members == made.members


def test_missing_added_doubled_and_moved_members_are_named(made: Made) -> None:
    members = made.members
    for name, _data in members:
        assert problems([one for one in members if one[0] != name])[name] == "missing"
    assert "added" in problems([*members, ("evidence/004-new.png", papers.png())])["evidence/004-new.png"]
    swapped = [*members[:5], members[6], members[5], *members[7:]]
    assert "order" in problems(swapped)["evidence/002-mail.eml"]
    with pytest.warns(UserWarning, match="Duplicate"):
        doubled = problems([*members, members[5]])
    assert doubled["evidence/001-box.png"] == "there is more than one"


@pytest.mark.parametrize(
    "edit",
    [
        lambda index: index["entries"][5].update(added_by="Somebody else"),
        lambda index: index["entries"][7].update(redacted=None),
        lambda index: index["entries"].reverse(),
        lambda index: index["entries"].pop(5),
        lambda index: index.update(made_by="Mallory"),
        lambda index: index.update(root="0" * 64),
        lambda index: index.update(seal="0" * 64),
    ],
)
def test_an_edited_index_is_named(made: Made, edit: Callable[[Any], object]) -> None:
    index = made.index
    edit(index)
    found = problems(change(made.members, "index.json", lambda _old: verify_pack.written(index)))
    assert "edited" in found["index.json"]


def forged(made: Made, name: str, act: Callable[[bytes], bytes]) -> Members:
    """A pack made anew around a changed member, as somebody would who has read the verifier."""
    members = dict(change(made.members, name, act))
    index = made.index
    chain = verify_pack.link(verify_pack.GENESIS, verify_pack.head_of(index))
    for entry in index["entries"]:
        if entry["path"] == "summary.pdf":
            index["root"] = chain
        if entry["path"]:
            entry["sha256"], entry["size"] = (
                verify_pack.hashlib.sha256(members[entry["path"]]).hexdigest(),
                len(members[entry["path"]]),
            )
        entry["chain"] = chain = verify_pack.link(chain, entry)
    index["seal"] = chain
    members["index.json"] = verify_pack.written(index)
    return list(members.items())


def test_a_pack_made_anew_has_another_root(made: Made) -> None:
    members = forged(made, "evidence/001-box.png", lambda _old: papers.png(colour=(0, 0, 0)))
    assert "root" in problems(members)["summary.pdf"], "the printed root is another one"
    assert "made anew" in problems(members, made.pack.root)["index.json"]


def test_a_history_edited_with_its_index_breaks_its_own_chain(made: Made) -> None:
    def edit(old: bytes) -> bytes:
        return old.replace(b"the broken box", b"the mended box", 1)

    members = forged(made, "events.json", edit)
    pdf = dict(members)["summary.pdf"].replace(
        made.pack.root.encode(), json.loads(dict(members)["index.json"])["root"].encode()
    )
    members = forged(Made(made.pack, zipped(members).getvalue()), "summary.pdf", lambda _old: pdf)
    assert "chain is broken" in problems(members)["events.json"]


def test_the_script_runs_alone(made: Made, tmp_path: Path) -> None:
    script, good, bad = tmp_path / "verify_pack.py", tmp_path / "good.zip", tmp_path / "bad.zip"
    script.write_bytes(dict(made.members)["verify_pack.py"])
    good.write_bytes(made.data)
    bad.write_bytes(
        zipped(change(made.members, "evidence/001-box.png", lambda old: old + b"\x00")).getvalue()
    )

    def run(*words: Any) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-I", "-S", script, *words], capture_output=True, text=True, check=False
        )

    fine = run(good, made.pack.root)
    assert (fine.returncode, "AS IT WAS" in fine.stdout, "erased: names.pdf" in fine.stdout) == (
        0,
        True,
        True,
    )
    spoiled = run(bad)
    assert (spoiled.returncode, spoiled.stdout) == (1, "NOT AS IT WAS  evidence/001-box.png: changed\n")
    assert run(script).returncode == 2
    assert run(tmp_path / "nowhere.zip").returncode == 2
    assert run().returncode == 2


def test_a_file_that_is_not_what_was_added_makes_no_pack(dispute: Dispute, catalogue: Cast) -> None:
    kept = add(dispute, catalogue.sam, papers.png(), "box.png")
    path = Path(settings.MEDIA_ROOT) / kept.stored_as
    path.write_bytes(papers.png(colour=(1, 1, 1)))
    with pytest.raises(IllegalAct, match=r"box\.png"):
        make(dispute, catalogue)
    path.unlink()
    with pytest.raises(IllegalAct, match=r"box\.png"):
        make(dispute, catalogue)
    assert not Event.objects.filter(kind="pack.made").exists()


def test_a_pack_has_a_bound(dispute: Dispute, catalogue: Cast, monkeypatch: Any) -> None:
    add(dispute, catalogue.sam)
    monkeypatch.setattr(build, "MOST_BYTES", 3)
    with pytest.raises(IllegalAct, match="too large"):
        make(dispute, catalogue)


def test_a_redacted_version_is_packed_and_says_so(dispute: Dispute, catalogue: Cast) -> None:
    kept = add(dispute, catalogue.sam, papers.png(), "box.png")
    black = papers.png(colour=(0, 0, 0))
    services.redact_evidence(evidence=kept, reason="a face", by=catalogue.alice, at=AT, replacement=black)
    made = make(dispute, catalogue)
    assert dict(made.members)["evidence/001-box.png"] == black
    (entry,) = [one for one in made.index["entries"] if one["kind"] == "evidence"]
    assert (entry["original_sha256"], entry["redacted"]["by"]) == (kept.sha256, "Alice")
    assert problems(made.members, made.pack.root) == {}
    assert Evidence.objects.get().now_sha256 == entry["sha256"]
