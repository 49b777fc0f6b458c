/* Answering by voice and by camera, where the browser can: the buttons stay hidden where it cannot. */

const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;
const CAMERA = "(pointer: coarse)";

/** Show the buttons that work here, in `root` and below. */
export function showSpoken(root = document) {
  root.querySelectorAll("[data-dictate]").forEach((button) => (button.hidden = !Recognition || !field(button)));
  root.querySelectorAll("[data-photo]").forEach((button) => {
    button.hidden = !matchMedia(CAMERA).matches || !file(button);
  });
}

const field = (button) => button.closest("form")?.querySelector('input[type="text"], textarea:not([name="note"])');
const file = (button) => button.closest("form")?.querySelector('input[type="file"]');

function dictate(button) {
  const place = field(button);
  const heard = new Recognition();
  heard.lang = document.documentElement.lang;
  heard.interimResults = false;
  button.setAttribute("aria-pressed", "true");
  heard.addEventListener("result", (event) => {
    const words = [...event.results].map((one) => one[0].transcript).join(" ");
    place.value = [place.value, words].filter(Boolean).join(" ").trim();
    place.dispatchEvent(new Event("input", { bubbles: true }));
  });
  heard.addEventListener("end", () => {
    button.removeAttribute("aria-pressed");
    place.focus();
  });
  heard.start();
}

/* The same field, opened with the camera: nothing else is sent. */
function photograph(button) {
  const place = file(button);
  place.accept = "image/*";
  place.setAttribute("capture", "environment");
  place.click();
}

function onClick(event) {
  const button = event.target.closest?.("[data-dictate], [data-photo]");
  if (!button) return;
  if (button.matches("[data-dictate]")) dictate(button);
  else photograph(button);
}

/** Look after every form of the page, now and later. */
export function startSpoken() {
  document.addEventListener("click", onClick);
  document.body.addEventListener("htmx:afterSettle", () => showSpoken());
  showSpoken();
}
