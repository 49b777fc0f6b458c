/* Short notices at the bottom: `say(words)`. A popover, so that it lies above open dialogs too. */

const SECONDS = 6;

/** Show `words` for six seconds; `tone` "bad" for failures. `link`: where they lead, `{ href, words }`. */
export function say(words, tone = "", link = null) {
  const line = document.createElement("p");
  line.className = tone ? `toast toast-${tone}` : "toast";
  line.textContent = words;
  if (link) {
    const way = document.createElement("a");
    Object.assign(way, { href: link.href, textContent: link.words });
    line.append(" ", way);
  }
  document.getElementById("toasts").append(line);
  show(line);
}

function show(line) {
  const region = document.getElementById("toasts");
  if (!region.matches(":popover-open")) region.showPopover();
  setTimeout(() => {
    line.remove();
    if (!region.children.length && region.matches(":popover-open")) region.hidePopover();
  }, SECONDS * 1000);
}

/** Toasts that came with the page, failures of htmx requests, and the server's `say` events. */
export function startToasts() {
  document.querySelectorAll("#toasts [data-toast]").forEach(show);
  const words = document.body.dataset;
  document.body.addEventListener("htmx:responseError", (event) => {
    if (event.detail.requestConfig.verb === "get") return;
    const id = event.detail.xhr.getResponseHeader("X-Request-Id");
    say(id ? `${words.sayFailed} (${words.sayRequest} ${id})` : words.sayFailed, "bad");
  });
  document.body.addEventListener("htmx:sendError", (event) => {
    if (event.detail.requestConfig.verb !== "get") say(words.sayOffline, "bad");
  });
  document.body.addEventListener("live:late", (event) => {
    // Of a pile only the newest is shown; all of them stand under the bell.
    document.querySelectorAll("#toasts [data-late]").forEach((older) => older.remove());
    say(event.detail.text, event.detail.soon ? "" : "bad");
    document.getElementById("toasts").lastElementChild.dataset.late = "";
  });
  document.body.addEventListener("say", (event) => say(event.detail.value ?? event.detail));
}
