/* The triage queue: the row that is open, on to the next one after an act, rows that follow what happens to them,
   the number of the chosen, the divider. `data-then="next|close"` stands on a form, or on the link that opens its
   sheet; without a queue on the page it means nothing. */

const LIVE_WAIT = 400;
const LIST = { least: 30, most: 75, step: 3, key: "queue-list" };
const waiting = new Map();
const acts = new WeakMap();
let promised = "";

function queue() {
  return document.getElementById("queue");
}

function openPk() {
  return document.querySelector("#pane .case")?.id.replace("card-", "") ?? "";
}

function rowOf(pk) {
  return document.getElementById(`row-${pk}`);
}

function link(row) {
  return row?.querySelector(".row-link.wide-only");
}

function markOpen() {
  const pk = openPk();
  document.querySelectorAll("#rows .row[aria-current]").forEach((row) => row.removeAttribute("aria-current"));
  if (pk) rowOf(pk)?.setAttribute("aria-current", "true");
}

/** Fetch a row as it is now. What the view no longer shows goes after one's own act, and only fades after others'. */
async function refreshRow(pk, mine) {
  const { queue: base, keep } = queue().dataset;
  const answer = await fetch(`${base}${pk}/row/?${keep}`, { credentials: "same-origin" });
  const row = rowOf(pk);
  if (!row || (!answer.ok && answer.status !== 404)) return;
  const html = answer.ok ? (await answer.text()).trim() : "";
  if (!html) {
    if (mine) row.remove();
    else row.classList.add("is-gone");
    return;
  }
  const chosen = row.querySelector("input")?.checked;
  const focused = row.contains(document.activeElement);
  const fresh = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
  row.replaceWith(fresh);
  window.htmx.process(fresh);
  if (chosen && fresh.querySelector("input")) fresh.querySelector("input").checked = true;
  if (focused) link(fresh)?.focus({ preventScroll: true });
  markOpen();
}

function refreshHead() {
  const { queue: base, keep } = queue().dataset;
  window.htmx.ajax("GET", `${base}?${keep}`, { target: "#queue-tabs", swap: "outerHTML" });
}

function finish(then) {
  const pk = openPk();
  const { queue: base, keep } = queue().dataset;
  const next = then === "next" ? (rowOf(pk)?.nextElementSibling ?? rowOf(pk)?.previousElementSibling) : null;
  document.getElementById("sheet")?.replaceChildren();
  if (!link(next)) {
    location.assign(`${base}?${keep}`);
    return;
  }
  link(next).click();
  link(next).focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  refreshRow(pk, true);
  refreshHead();
}

/* What was promised is kept with the request: the live line may put a fresh card in the place of its form before it
   answers, and htmx then speaks to an element that is gone; so the answer itself is listened to as well. */
function onBeforeRequest(event) {
  const { xhr, elt, requestConfig } = event.detail;
  if (!queue() || requestConfig?.verb !== "post" || !elt.closest("#pane")) return;
  acts.set(xhr, elt.closest("#sheet") ? promised : (elt.dataset.then ?? ""));
  xhr.addEventListener("loadend", () => answered(xhr));
}

function onBeforeSwap(event) {
  if (answered(event.detail.xhr)) event.detail.shouldSwap = false;
}

/** After one's own act: on, as promised (then the card need not be drawn again), or the row and the head anew. */
function answered(xhr) {
  if (!acts.has(xhr) || xhr.status !== 200 || !queue()) return false;
  const then = acts.get(xhr);
  acts.delete(xhr);
  promised = "";
  if (then === "next" || then === "close") {
    finish(then);
    return true;
  }
  const pk = openPk();
  setTimeout(() => {
    refreshRow(pk, false);
    refreshHead();
  });
  return false;
}

function onClick(event) {
  const opener = event.target.closest?.("a[hx-target='#sheet']");
  if (opener) promised = opener.dataset.then ?? "";
}

function onLive(event) {
  const pk = event.detail?.dispute;
  if (!pk || !queue() || !rowOf(pk)) return;
  clearTimeout(waiting.get(pk));
  waiting.set(pk, setTimeout(() => refreshRow(pk, false), LIVE_WAIT));
}

/* What is unread: of a dispute somebody wrote in, and of the open one, which is being read. */
function onUnread(event) {
  const pk = event.detail?.dispute ?? (event.detail?.mark ? openPk() : "");
  if (pk) onLive({ detail: { dispute: pk } });
}

function count() {
  const place = document.querySelector("[data-chosen]");
  if (place) place.textContent = document.querySelectorAll("#rows input:checked").length || "";
}

function setWidth(percent) {
  const divider = document.querySelector(".divider");
  if (!divider) return;
  const width = Math.min(Math.max(Math.round(percent), LIST.least), LIST.most);
  queue().style.setProperty("--list", width);
  divider.setAttribute("aria-valuenow", width);
  localStorage.setItem(LIST.key, width);
}

function keptWidth() {
  const width = Number(localStorage.getItem(LIST.key));
  if (width) setWidth(width);
}

function onDividerKey(event) {
  if (!event.target.matches?.(".divider")) return;
  const by = { ArrowLeft: -LIST.step, ArrowRight: LIST.step }[event.key];
  if (!by) return;
  event.preventDefault();
  setWidth(Number(event.target.getAttribute("aria-valuenow")) + by);
}

function onPointer(event) {
  if (!event.target.matches?.(".divider")) return;
  const box = queue().getBoundingClientRect();
  const move = (at) => setWidth((100 * (at.clientX - box.left)) / box.width);
  event.target.setPointerCapture(event.pointerId);
  event.target.addEventListener("pointermove", move);
  event.target.addEventListener("pointerup", () => event.target.removeEventListener("pointermove", move), { once: true });
  event.preventDefault();
}

function settled() {
  keptWidth();
  markOpen();
  count();
}

document.addEventListener("click", onClick, true);
document.addEventListener("change", count);
document.addEventListener("keydown", onDividerKey);
document.addEventListener("pointerdown", onPointer);
document.body.addEventListener("htmx:beforeRequest", onBeforeRequest);
document.body.addEventListener("htmx:beforeSwap", onBeforeSwap);
document.body.addEventListener("htmx:afterSettle", settled);
document.body.addEventListener("live:dispute", onLive);
document.body.addEventListener("live:unread", onUnread);
settled();
