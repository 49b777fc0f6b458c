/* Writing a message: Ctrl+Enter sends, a draft survives a reload of the tab, a retry never posts twice.

   <form data-composer="room-12" hx-post="..."> with <textarea> and <input type="hidden" name="client_token">.
   The token stays the same until the server has taken the message; then the field is cleared and a new one made.
   `data-typing="12"` on the form tells room 12 that somebody is writing (at most every 2 s). */
import { noFiles } from "./attach.js";
import { send } from "./live.js";
import { noReply } from "./messages.js";

const TYPING_EVERY = 2000;
let typedAt = 0;

const keyOf = (form) => `draft:${document.body.dataset.user}:${form.dataset.composer}`;

function token() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0"));
  return hex.join("").replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-4$3-a$4-$5");
}

function prepare(form) {
  const field = form.querySelector("textarea");
  const hidden = form.querySelector("[name=client_token]");
  const [kept, keptToken, keptAt] = JSON.parse(sessionStorage.getItem(keyOf(form)) ?? "[]");
  const isNewer = (keptAt ?? 0) > Number(form.dataset.draftAt ?? 0) * 1000;
  if (hidden && !hidden.value) hidden.value = keptToken || token();
  if (field && kept && (!field.value || isNewer)) field.value = kept;
  form.dataset.ready = "yes";
}

function keep(form) {
  const field = form.querySelector("textarea");
  const hidden = form.querySelector("[name=client_token]");
  if (field.value.trim()) sessionStorage.setItem(keyOf(form), JSON.stringify([field.value, hidden?.value, Date.now()]));
  else sessionStorage.removeItem(keyOf(form));
}

function sent(form) {
  sessionStorage.removeItem(keyOf(form));
  const field = form.querySelector("textarea");
  const hidden = form.querySelector("[name=client_token]");
  if (field) field.value = "";
  if (hidden) hidden.value = token();
  const chosen = form.querySelector("[data-chosen]");
  if (chosen) chosen.value = "";
  noReply(form);
  noFiles(form);
  field?.focus();
}

function onInput(event) {
  const form = event.target.closest("[data-composer]");
  if (!form || !event.target.matches("textarea")) return;
  keep(form);
  if (form.dataset.typing && Date.now() - typedAt > TYPING_EVERY) {
    typedAt = Date.now();
    send({ type: "typing", room: Number(form.dataset.typing) });
  }
}

function onKey(event) {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest("form");
  if (!form || !event.target.matches("textarea")) return;
  event.preventDefault();
  form.requestSubmit();
}

const prepareAll = () => document.querySelectorAll("[data-composer]:not([data-ready])").forEach(prepare);

/** Watches every composer of the page, now and later. */
export function startComposer() {
  prepareAll();
  document.body.addEventListener("htmx:afterSettle", prepareAll);
  document.addEventListener("input", onInput);
  document.addEventListener("keydown", onKey);
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("[data-composer]");
    if (form && event.target === form && event.detail.xhr.status < 300 && event.detail.xhr.status > 0) sent(form);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-composer]");
    if (form && !form.matches("[hx-post]")) sessionStorage.removeItem(keyOf(form));
  });
}
