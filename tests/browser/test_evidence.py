"""Files go into a dispute as people bring them: chosen, dropped, pasted, photographed, without scripts."""

from __future__ import annotations

import base64
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from accounts.models import Event
from disputes import services
from disputes.evidence.pack import verify_pack
from disputes.models import Dispute, Evidence
from lib import clock
from tests.browser.stage import DESKTOP, NARROW, PHONE, live_now, quiet, settle, window
from tests.browser.test_axe import sideways, violations
from tests.disputes import papers
from tests.disputes.conftest import open_one
from tests.factories import make_cast
from tests.live import Live

pytestmark = pytest.mark.browser

TRANSFER = """([kind, files]) => {
  const data = new DataTransfer();
  for (const [name, type, text] of files) {
    const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
    data.items.add(new File([bytes], name, { type }));
  }
  const target = kind === "paste" ? document.body : document.querySelector(".evidence-drop");
  const facts = { bubbles: true, cancelable: true };
  target.dispatchEvent(
    kind === "paste"
      ? new ClipboardEvent("paste", { ...facts, clipboardData: data })
      : new DragEvent("drop", { ...facts, dataTransfer: data }),
  );
}"""


@pytest.fixture
def dispute(transactional_db: None) -> Dispute:
    """A dispute of Comercial Norte, opened by Alice."""
    cast = make_cast()
    services.catalogue.install(cast.entity)
    return open_one(cast)


def bring(page: Page, how: str, *files: tuple[str, str, bytes]) -> None:
    """Drop or paste files, as the browser would tell the page."""
    page.evaluate(
        TRANSFER, [how, [[name, kind, base64.b64encode(data).decode()] for name, kind, data in files]]
    )


def opened(chromium: Browser, live: Live, dispute: Dispute, **size: Any) -> Page:
    page = window(chromium, live, dispute.coordinator, **size)
    page.goto(f"/disputes/{dispute.pk}/")
    live_now(page)
    return page


def test_chosen_dropped_and_pasted_files_go_in_and_a_bad_one_says_why(
    chromium: Browser, live: Live, dispute: Dispute
) -> None:
    page = opened(chromium, live, dispute)
    panel = page.locator(f"#evidence-{dispute.pk}")
    page.locator("form[data-evidence] [name=side]").select_option("partner")
    page.locator("form[data-evidence] [name=file]").set_input_files(
        [
            {"name": "box.png", "mimeType": "image/png", "buffer": papers.png()},
            {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": papers.pdf()},
        ]
    )
    expect(panel.locator(".file")).to_have_count(2)
    expect(panel.locator(".file", has_text="box.png")).to_contain_text("Your team and all partners")
    bring(
        page,
        "drop",
        ("page.html", "text/html", b"<html><script>x</script>"),
        ("a.txt", "text/plain", papers.TEXT),
    )
    expect(panel.locator(".upload.is-bad")).to_contain_text("Files of this kind are not kept")
    expect(panel.locator(".file")).to_have_count(3)
    bring(page, "paste", ("image.png", "image/png", papers.png(colour=(0, 0, 250))))
    expect(panel.locator(".file")).to_have_count(4)
    bring(page, "paste", ("again.png", "image/png", papers.png()))
    expect(panel.locator(".upload", has_text="again.png")).to_contain_text(
        "box.png is in the dispute already."
    )
    panel.locator(".upload.is-bad").get_by_role("button", name="Hide").click()
    expect(panel.locator(".upload.is-bad")).to_have_count(0)
    assert sorted(Evidence.objects.values_list("name", flat=True)) == [
        "a.txt",
        "box.png",
        "image.png",
        "letter.pdf",
    ]
    thumb = panel.locator(".file", has_text="letter.pdf").locator("img")
    expect(thumb).to_have_js_property("naturalWidth", 400)


def test_a_file_is_looked_at_redacted_and_packed_by_keyboard(
    chromium: Browser, live: Live, dispute: Dispute, tmp_path: Path
) -> None:
    page = opened(chromium, live, dispute)
    page.locator("form[data-evidence] [name=file]").set_input_files(
        {"name": "note.txt", "mimeType": "text/plain", "buffer": papers.TEXT}
    )
    look = page.get_by_role("link", name="note.txt", exact=False).first
    look.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Acordamos 9,50")
    dialog.get_by_role("link", name="Redact").press("Enter")
    expect(dialog.get_by_label("Reason")).to_be_visible()
    dialog.get_by_label("Reason").fill("Not ours to keep")
    dialog.get_by_label("The original is destroyed for good").press("Space")
    dialog.get_by_role("button", name="Redact", exact=True).press("Enter")
    expect(page.locator(".file.is-erased")).to_contain_text("Erased: Not ours to keep")
    page.get_by_role("link", name="Evidence pack").press("Enter")
    with page.expect_download() as caught:
        page.get_by_role("button", name="Make and download").press("Enter")
    data = Path(caught.value.path()).read_bytes()
    root = Event.objects.get(kind="pack.made").data["root"]
    assert verify_pack.verify(io.BytesIO(data), root)[1] == []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert not [name for name in archive.namelist() if name.startswith("evidence/")]
    quiet(page)


def test_on_a_phone_the_camera_comes_first(chromium: Browser, live: Live, dispute: Dispute) -> None:
    for size in (PHONE, NARROW):
        page = opened(chromium, live, dispute, viewport=size)
        camera, choose = page.locator(".evidence-camera"), page.locator(".evidence-choose")
        expect(camera).to_be_visible()
        high, low = camera.bounding_box(), choose.bounding_box()
        assert high is not None
        assert low is not None
        assert high["y"] < low["y"]
        assert high["height"] >= 44
        assert camera.locator("input").get_attribute("capture") == "environment"
        name = f"photo-{size['width']}.png"
        shot = papers.png(colour=(size["width"] % 250, 0, 0))
        camera.locator("input").set_input_files({"name": name, "mimeType": "image/png", "buffer": shot})
        expect(page.locator(".file", has_text=name)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        quiet(page)


def test_without_scripts_the_form_still_adds(chromium: Browser, live: Live, dispute: Dispute) -> None:
    page = window(chromium, live, dispute.coordinator, java_script_enabled=False)
    page.goto(f"/disputes/{dispute.pk}/")
    page.locator("form[data-evidence] [name=file]").set_input_files(
        [{"name": f"{n}.txt", "mimeType": "text/plain", "buffer": str(n).encode()} for n in (1, 2)]
    )
    page.locator("form[data-evidence]").get_by_role("button", name="Add").click()
    expect(page.locator(".file")).to_have_count(2)


def test_no_screen_of_evidence_breaks_a_rule(chromium: Browser, live: Live, dispute: Dispute) -> None:
    by, at = dispute.coordinator, clock.now()
    kept = services.add_evidence(
        dispute=dispute, file=papers.TEXT, name="a.txt", by=by, at=at, side="customer", note="by phone"
    )
    gone = services.add_evidence(dispute=dispute, file=papers.png(), name="b.png", by=by, at=at)
    services.redact_evidence(evidence=gone, reason="a face", by=by, at=at)
    services.make_pack(dispute=dispute, by=by, at=at).file.close()
    pages = [reverse(f"disputes:{name}", args=[dispute.pk]) for name in ("detail", "evidence", "pack")]
    pages += [reverse("disputes:evidence_one", args=[dispute.pk, one.pk]) for one in (kept, gone)]
    pages += [
        reverse(f"disputes:evidence_{name}", args=[dispute.pk, kept.pk]) for name in ("redact", "share")
    ]
    found: dict[str, list[str]] = {}
    for size, theme in ((DESKTOP, "light"), (DESKTOP, "dark"), (NARROW, "light")):
        page = window(chromium, live, by, viewport=size, color_scheme=theme)
        for url in pages:
            settle(page, url)
            if bad := violations(page) + sideways(page):
                found[f"{url} {theme} {size['width']}"] = bad
        page.context.close()
    assert found == {}
