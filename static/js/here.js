/* Tells the server once a minute whether somebody uses this page: whoever does is not notified elsewhere. A page that is
   hidden, or that nobody touched for a minute, is idle. */

const EVERY = 60000;
const STILL = 60000;

const tab = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
let touched = Date.now();
let told = "";

function state() {
  return document.visibilityState === "visible" && Date.now() - touched < STILL ? "active" : "idle";
}

function tell(url) {
  const now = state();
  if (now === "idle" && told === "idle") return;
  told = now;
  const token = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? "";
  fetch(url, {
    method: "POST",
    keepalive: true,
    headers: { "X-CSRFToken": token },
    body: new URLSearchParams({ tab, state: now }),
  }).catch(() => {});
}

export function startHere() {
  const url = document.body.dataset.here;
  if (!url) return;
  for (const name of ["pointerdown", "keydown", "scroll", "focus"]) {
    addEventListener(name, () => { touched = Date.now(); }, { passive: true, capture: true });
  }
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") touched = Date.now();
    tell(url);
  });
  setInterval(() => tell(url), EVERY);
  tell(url);
}
