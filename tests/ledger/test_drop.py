"""The watched folder: complete files come in once, whoever looks and whatever dies; the rest is said."""

import json
import os
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from accounts.models import Event
from ledger.drop import folder, taking
from ledger.drop.folder import DropError
from ledger.drop.taking import Taken, look
from ledger.intake import write
from ledger.models import ImportBatch, Invoice
from ledger.tasks import look_into_drop_folder
from lib import books, clock
from tests.factories import Cast, make_cast

HEADER = "Number;Customer code;Issue date;Due date;Amount\n"
GOOD = HEADER + "F-1;C-001;2026-01-15;2026-02-15;10.00\nF-2;C-002;2026-01-16;2026-02-16;20.00\n"
PARTLY = HEADER + "F-3;C-001;2026-01-15;2026-02-15;30.00\nF-4;C-001;never;2026-02-15;40.00\n"


@pytest.fixture(autouse=True)
def root(settings: Any, tmp_path: Path) -> Path:
    """A watched folder of the test's own."""
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.DROP_DIR = tmp_path / "drop"
    (settings.DROP_DIR / "ACM").mkdir(parents=True)
    return Path(settings.DROP_DIR)


@pytest.fixture
def box(root: Path, cast: Cast) -> Path:
    """The folder of ACM."""
    return root / "ACM"


def later(**span: int) -> list[Taken]:
    """A look after a while, when what lies there has settled."""
    return list(look(at=clock.now() + timedelta(**(span or {"minutes": 1}))))


def names(place: Path) -> set[str]:
    """What lies under a folder, by relative path."""
    return {str(p.relative_to(place)) for p in place.rglob("*") if p.is_file()}


def put(box: Path, name: str, text: str) -> Path:
    path = box / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_complete_file_comes_in_and_is_put_away_with_its_report(box: Path, cast: Cast) -> None:
    put(box, "a.csv", GOOD)
    (taken,) = later()
    day = taken.path.parent.name
    assert names(box) == {f"done/{day}/a.csv", f"done/{day}/a.csv.report.json"}
    report = json.loads((box / f"done/{day}/a.csv.report.json").read_text())
    assert [report["files"][0][name] for name in ("path", "created", "rejected")] == ["a.csv", 2, 0]
    batch = ImportBatch.objects.get()
    assert (batch.source, batch.status, batch.file_name, batch.by) == ("drop", "done", "a.csv", None)
    assert taken.exit_code == 0
    assert not Event.objects.filter(kind="drop.failed").exists()


def test_every_legal_entity_gets_its_folder_by_itself(root: Path, cast: Cast) -> None:
    later()
    assert {p.name for p in root.iterdir()} == {"ACM", "OTH"}
    put(root / "OTH", "a.csv", GOOD.replace("C-00", "F-00"))
    later()
    assert set(Invoice.objects.values_list("entity__code", flat=True)) == {"OTH"}


def test_a_file_that_is_still_being_written_or_named_as_such_is_left(box: Path) -> None:
    for name in (".hidden.csv", "a.csv.part", "b.tmp", "c.csv.filepart", "d.csv~"):
        put(box, name, GOOD)
    put(box, "fresh.csv", GOOD)
    (box / "folder").mkdir()
    assert list(look(at=clock.now())) == []
    assert [taken.name for taken in later()] == ["fresh.csv"]
    os.utime(put(box, "old-date.csv", PARTLY), (1, 1))
    assert list(look(at=clock.now())) == [], "an old date of the source does not make it complete"


def test_a_file_written_to_while_it_is_read_is_looked_at_again(
    box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(box, "a.csv", GOOD)
    real = taking.import_file

    def slow(job: Any) -> Any:
        result = real(job)
        with job.path.open("a") as still_open:
            still_open.write("F-9;C-001;2026-01-15;2026-02-15;90.00\n")
        return result

    monkeypatch.setattr(taking, "import_file", slow)
    assert later() == []
    monkeypatch.setattr(taking, "import_file", real)
    (taken,) = later()
    assert [(r.created, r.unchanged) for r in taken.results] == [(1, 2)]
    assert names(box / "processing") == set()


def test_bad_rows_are_put_beside_the_file_in_their_own_columns_and_alarm(box: Path, cast: Cast) -> None:
    put(box, "b.csv", PARTLY)
    (taken,) = later()
    assert taken.exit_code == 1
    assert names(box) == {"failed/b.csv", "failed/b.csv.report.json", "failed/b.csv.rejected.csv"}
    rows = (box / "failed/b.csv.rejected.csv").read_text(encoding="utf-8-sig").splitlines()
    assert rows[0].startswith("Number,Customer code,Issue date,Due date,Amount,")
    assert rows[1].startswith("F-4,C-001,never,2026-02-15,40.00,3,")
    event = Event.objects.get(kind="drop.failed")
    assert (event.object_id, event.entity) == (ImportBatch.objects.get().pk, cast.entity)
    assert Invoice.objects.get().number == "F-3"
    assert list(books.run()) == []


def test_an_unreadable_file_says_why_and_is_listed_with_its_source(box: Path, cast: Cast) -> None:
    (box / "x.csv").write_bytes(b"")
    (taken,) = later()
    assert taken.exit_code == 2
    report = json.loads((box / "failed/x.csv.report.json").read_text())
    assert report["files"][0]["rejects"][0]["code"] == "empty_file"
    client = Client()
    client.force_login(cast.alice)
    page = client.get("/imports/").content.decode()
    assert "x.csv" in page
    assert "Drop folder" in page


def test_the_same_file_again_changes_nothing_and_does_not_overwrite_the_first(box: Path) -> None:
    put(box, "a.csv", GOOD)
    later()
    put(box, "a.csv", GOOD)
    (taken,) = later()
    assert [(r.created, r.unchanged) for r in taken.results] == [(0, 2)]
    day = taken.path.parent.name
    assert {f"done/{day}/a.csv", f"done/{day}/a-2.csv", f"done/{day}/a-2.csv.report.json"} <= names(box)


def test_a_zip_brings_all_its_files(box: Path) -> None:
    with zipfile.ZipFile(box / "all.zip", "w") as archive:
        archive.writestr("one.csv", GOOD)
        archive.writestr("two.csv", PARTLY)
    (taken,) = later()
    assert [r.path for r in taken.results] == ["all.zip/one.csv", "all.zip/two.csv"]
    assert names(box / "failed") == {"all.zip", "all.zip.report.json", "all.zip.2.rejected.csv"}


def test_links_and_odd_things_are_refused(box: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(GOOD)
    (box / "link.csv").symlink_to(secret)
    os.mkfifo(box / "pipe.csv")
    taken = later()
    assert [t.exit_code for t in taken] == [2, 2]
    assert not Invoice.objects.exists()
    report = (box / "failed/link.csv.report.json").read_text()
    assert "not_a_plain_file" in report
    assert (box / "failed/link.csv").is_symlink()
    assert secret.exists()


@pytest.mark.parametrize("part", ["processing", "done", "failed"])
def test_a_link_in_the_place_of_a_folder_stops_the_box_and_only_it(
    root: Path, cast: Cast, tmp_path: Path, part: str
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (root / "ACM" / part).symlink_to(tmp_path / "elsewhere")
    (root / "OTH").mkdir()
    put(root / "ACM", "a.csv", GOOD)
    put(root / "OTH", "a.csv", GOOD.replace("C-00", "F-00"))
    with pytest.raises(DropError, match=part):
        later()
    assert set(Invoice.objects.values_list("entity__code", flat=True)) == {"OTH"}
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_names_without_meaning_to_the_database_come_in_all_the_same(box: Path) -> None:
    odd = os.fsencode(box) + b"/caf\xe9 \x01;rm.csv"
    Path(os.fsdecode(odd)).write_text(GOOD)
    long = "n" * 246 + ".csv"
    put(box, long, PARTLY)
    first, second = sorted(later(), key=lambda taken: len(taken.name))
    assert first.exit_code == 0
    assert "\x01" not in ImportBatch.objects.order_by("pk").values_list("file_name", flat=True)[0]
    assert second.exit_code == 1
    assert (box / "failed" / f"{second.path.name}.rejected.csv").exists()


class Died(BaseException):
    """A worker that is killed at this point."""


@pytest.mark.parametrize("point", ["import_file", "put_away", "rename", "after_import"])
def test_a_worker_that_dies_anywhere_leaves_nothing_lost_and_nothing_doubled(
    box: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    put(box, "b.csv", PARTLY)
    with monkeypatch.context() as dying:
        _die_at(dying, point)
        with pytest.raises(Died):
            later()
    assert len([name for name in names(box) if name.endswith("b.csv")]) == 1, "the file is still there"
    (taken,) = later()
    assert taken.path == box / "failed/b.csv"
    assert names(box) == {"failed/b.csv", "failed/b.csv.report.json", "failed/b.csv.rejected.csv"}
    assert Invoice.objects.count() == 1
    assert later() == []


def _die_at(dying: pytest.MonkeyPatch, point: str) -> None:
    def die(*args: object, **kwargs: object) -> None:
        raise Died

    real_import, real_rename = taking.import_file, Path.rename

    def after(job: Any) -> Any:
        real_import(job)
        raise Died

    def rename(self: Path, target: Path) -> Path:
        if "failed" in Path(target).parts:
            raise Died
        return real_rename(self, target)

    if point == "rename":
        dying.setattr(Path, "rename", rename)
    else:
        name = "import_file" if point == "after_import" else point
        dying.setattr(taking, name, after if point == "after_import" else die)


def test_a_file_that_kills_its_workers_is_given_up(box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(box, "a.csv", GOOD)
    with monkeypatch.context() as dying:
        _die_at(dying, "import_file")
        for _time in range(folder.MOST_TRIES):
            with pytest.raises(Died):
                later()
    (taken,) = later()
    assert taken.results[0].error is not None
    assert taken.results[0].error.code == "drop_gave_up"
    assert ImportBatch.objects.get().status == "unreadable"


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("left_behind", [False, True])
def test_two_workers_at_once_import_once(
    root: Path, monkeypatch: pytest.MonkeyPatch, left_behind: bool
) -> None:
    make_cast()
    box = root / "ACM"
    put(box, "a.csv", GOOD)
    if left_behind:
        with monkeypatch.context() as dying:
            _die_at(dying, "import_file")
            with pytest.raises(Died):
                later()
    # Both have seen the file before either takes it, and the import takes a while.
    gate, real = Barrier(2), (folder.incoming, folder.left_behind)
    monkeypatch.setattr(write, "INSERT", f"SELECT pg_sleep(0.5); {write.INSERT}")

    def seen(found: Any) -> list[Path]:
        paths = list(found)
        gate.wait(10)
        return paths

    monkeypatch.setattr(
        folder, "incoming", lambda box, at: iter(seen(real[0](box, at)) if box.name == "ACM" else [])
    )
    monkeypatch.setattr(folder, "left_behind", lambda box: seen(real[1](box)) if box.name == "ACM" else [])

    def work(_number: int) -> list[Taken]:
        try:
            return later()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        taken = [one for many in pool.map(work, range(2)) for one in many]
    assert [t.name for t in taken] == ["a.csv"]
    assert ImportBatch.objects.count() == 1
    assert Invoice.objects.count() == 2


def test_what_cannot_be_written_is_said_in_words(
    root: Path, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "failed")
    with pytest.raises(DropError, match="failed cannot be written by the user that runs the worker"):
        later()
    monkeypatch.undo()


def test_a_file_in_the_place_of_the_folder_is_said_in_words(
    settings: Any, cast: Cast, tmp_path: Path
) -> None:
    settings.DROP_DIR = tmp_path / "file"
    (tmp_path / "file").write_text("")
    with pytest.raises(DropError, match="cannot be used"):
        later()
    look_into_drop_folder()


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies there is complete at once."""
    monkeypatch.setattr(folder, "SETTLED_SECONDS", -1)


def test_the_command_looks_once_and_ends_with_the_worst_code(box: Path, settled: None) -> None:
    out = StringIO()
    call_command("drop", "--once", stdout=out)
    assert out.getvalue() == ""
    put(box, "a.csv", GOOD)
    call_command("drop", "--once", "--json", stdout=out)
    assert json.loads(out.getvalue())["files"][0]["created"] == 2
    put(box, "b.csv", PARTLY)
    with pytest.raises(SystemExit) as ended:
        call_command("drop", "--once", stdout=out)
    assert ended.value.code == 1
    assert "ACM/b.csv: 1 created, 0 updated, 0 unchanged, 1 rejected" in out.getvalue()


def test_the_recurring_job_looks_too(box: Path, settled: None) -> None:
    put(box, "a.csv", GOOD)
    look_into_drop_folder()
    assert Invoice.objects.count() == 2
