"""A letter is somebody else's HTML: whatever it contains, it runs nothing in our pages."""

import pytest
from playwright.sync_api import Browser

from mailroom import services
from mailroom.services import Draft, Rendered
from tests.browser.stage import session_cookie
from tests.factories import AT, Cast
from tests.live import Live

EVIL = """<p>Hola</p><script>parent.document.title = "owned"; document.title = "owned"</script>
<img src="x" onerror="parent.document.title='owned'">
<form action="/accounts/logout/" method="post"><button>Go</button></form>
<a href="javascript:parent.document.title='owned'">x</a>"""


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_script_in_a_letter_does_not_run(cast: Cast, live: Live, chromium: Browser) -> None:
    words = Rendered("es", "Recordatorio", "Hola\n", EVIL)
    draft = Draft(cast.entity, "evil:1", "test", "ana@norte.example", "Ana", words)
    letter = services.queue_letter(draft=draft, at=AT)
    context = chromium.new_context()
    context.add_cookies([session_cookie(cast.alice, live.url)])  # type: ignore[list-item]
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{live.url}/letters/{letter.pk}/")
    frame = page.frame_locator("iframe")
    frame.get_by_text("Hola").wait_for(timeout=20_000)
    frame.get_by_text("x", exact=True).click(timeout=3000, no_wait_after=True)
    page.wait_for_timeout(300)
    assert "owned" not in page.title()
    assert any("script" in text.lower() for text in complaints), "the browser refused the script"
    page.goto(f"{live.url}/letters/{letter.pk}/body/")
    assert page.title() != "owned", "nor when the frame's own address is opened"
    context.close()
