/* What is being written is kept on the server, for every device: 0.8 s after the last key, and when the page goes.
   Around a form with data-draft="URL". A draft never comes back once its message was taken: the server knows its token. */

const WAIT = 800;
const timers = new WeakMap();

function shape(form) {
  const data = new FormData();
  data.set("body", form.querySelector("textarea").value);
  data.set("reply_to", form.querySelector("[data-reply-to]")?.value ?? "");
  data.set("client_token", form.querySelector("[name=client_token]").value);
  return data;
}

function keep(form, keepalive = false) {
  clearTimeout(timers.get(form));
  timers.delete(form);
  const headers = { "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]").value };
  fetch(form.dataset.draft, { method: "POST", body: shape(form), headers, keepalive }).catch(() => {});
}

function onInput(event) {
  const form = event.target.closest?.("form[data-draft]");
  if (!form) return;
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => keep(form), WAIT));
}

/** Watches every composer of the page, now and later. */
export function startDrafts() {
  document.addEventListener("input", onInput);
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.target.closest?.("form[data-draft]");
    if (form) clearTimeout(timers.get(form));
  });
  addEventListener("pagehide", () => {
    document.querySelectorAll("form[data-draft]").forEach((form) => timers.has(form) && keep(form, true));
  });
}
