/* What one does with a message: reactions, replies, the sheet with everything else; and drawing it again when it
   changed. Works beside chat.js on every element with data-room.

   `live:changed` says that a message changed, `talk:changed` that this page changed it: its row is fetched again. A row
   knows the change it shows (data-rev), so nothing is fetched twice. */
import { say } from "./toasts.js";

const GATHER = 60;
const LONG_PRESS = 500;

const waiting = new WeakMap();
const roomOf = (id) => document.querySelector(`[data-room="${Number(id)}"]`);
const rowOf = (room, seq) => room.querySelector(`[data-thread] [data-seq="${Number(seq)}"]`);
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/* --- drawing again ---------------------------------------------------------------------------------------------- */
function again(room, seq) {
  const seqs = waiting.get(room) ?? new Set();
  seqs.add(Number(seq));
  if (!waiting.has(room)) setTimeout(() => fetchRows(room), GATHER);
  waiting.set(room, seqs);
}

async function fetchRows(room) {
  const seqs = [...waiting.get(room)];
  waiting.delete(room);
  const query = seqs.map((seq) => `seq=${seq}`).join("&");
  const answer = await fetch(`${room.dataset.rows}?${query}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok) return;
  const made = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const fresh of made.querySelectorAll("article[data-seq]")) put(room, document.adoptNode(fresh));
}

function put(room, fresh) {
  const old = rowOf(room, fresh.dataset.seq);
  if (!old || Number(old.dataset.rev) > Number(fresh.dataset.rev)) return;
  const tools = old.querySelector("[data-tools]");
  if (tools) rest(room, tools);
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const name = focused?.dataset.emoji;
  old.replaceWith(fresh);
  window.htmx.process(fresh);
  if (focused) (fresh.querySelector(`[data-emoji="${name}"]`) ?? fresh.querySelector("[data-more]"))?.focus();
}

function onChanged(event) {
  const frame = event.detail;
  const room = roomOf(frame.room);
  const row = room && rowOf(room, frame.seq);
  if (row && Number(row.dataset.rev) < frame.rev) again(room, frame.seq);
}

/* Pins stand at the top of the room: the system line about one says that they changed. */
function onLine(event) {
  const { room, code } = event.detail;
  if (code === "message.pinned" || code === "message.unpinned") {
    document.body.dispatchEvent(new CustomEvent(`live:pins-${Number(room)}`));
  }
}

function onDone(event) {
  const { room: id, seq } = event.detail;
  document.querySelector("dialog.talk-sheet[open]")?.close();
  const room = roomOf(id);
  if (room) again(room, seq);
  else if (event.target.closest?.(".page")) location.reload();
}

/* --- acting ----------------------------------------------------------------------------------------------------- */
function act(room, seq, name, values) {
  const url = `${room.dataset.url}${Number(seq)}/${name}/`;
  window.htmx.ajax("post", url, { source: room, target: room, swap: "none", values });
}

function react(room, seq, emoji, on) {
  act(room, seq, "react", on ? { emoji, on: "on" } : { emoji });
}

function openSheet(room, seq) {
  const place = room.querySelector("[data-sheet]");
  window.htmx.ajax("get", `${room.dataset.url}${Number(seq)}/`, { target: place, swap: "innerHTML" });
}

/** Answer a message: the composer says whom, and what is typed next goes with it. */
function reply(room, seq, name, words) {
  const form = room.querySelector("[data-composer]");
  if (!form) return;
  form.querySelector("[data-reply-to]").value = seq;
  form.querySelector("[data-reply-name]").textContent = name;
  form.querySelector("[data-reply-words]").textContent = words;
  form.querySelector("[data-reply-bar]").hidden = false;
  form.querySelector("textarea").focus();
}

/** The composer answers nobody any more. */
export function noReply(form) {
  const bar = form.querySelector("[data-reply-bar]");
  if (!bar) return;
  bar.hidden = true;
  form.querySelector("[data-reply-to]").value = "";
}

function answerRow(room, row) {
  const words = row.querySelector(".msg-body")?.textContent.trim().replace(/\s+/g, " ") ?? "";
  reply(room, row.dataset.seq, row.querySelector(".msg-head strong").textContent, words.slice(0, 140));
}

/** Show a message of this page; whether it is here. */
export function show(room, seq) {
  const row = rowOf(room, seq);
  if (!row) return false;
  row.closest("details")?.setAttribute("open", "");
  row.scrollIntoView({ block: "center", behavior: still() ? "auto" : "smooth" });
  row.classList.remove("is-shown");
  requestAnimationFrame(() => row.classList.add("is-shown"));
  return true;
}

async function copy(link) {
  await navigator.clipboard?.writeText(link.href);
  say(document.body.dataset.sayCopied);
  link.closest("dialog")?.close();
}

function inSheet(event, room) {
  const sign = event.target.closest("[data-react]");
  const answer = event.target.closest("[data-reply]");
  const link = event.target.closest("[data-copy]");
  if (sign && room) {
    event.preventDefault();
    react(room, sign.dataset.react, sign.value, sign.getAttribute("aria-pressed") !== "true");
  } else if (answer && room) {
    event.preventDefault();
    event.target.closest("dialog").close();
    reply(room, answer.dataset.reply, answer.dataset.name, answer.dataset.words);
  } else if (link && navigator.clipboard) {
    event.preventDefault();
    copy(link);
  }
}

function onClick(event) {
  const room = event.target.closest("[data-room]");
  if (event.target.closest(".talk-sheet, .sheet-acts, .signs")) return inSheet(event, room);
  if (!room) return;
  if (event.target.closest("[data-no-reply]")) return noReply(event.target.closest("form"));
  const quote = event.target.closest("[data-at]");
  if (quote && show(room, quote.dataset.at)) event.preventDefault();
  const row = event.target.closest("[data-thread] article[data-seq]");
  if (!row) return;
  const sign = event.target.closest("[data-emoji]");
  const on = sign?.getAttribute("aria-pressed") !== "true";
  if (sign) react(room, row.dataset.seq, sign.dataset.emoji, on);
  else if (event.target.closest("[data-answer]")) answerRow(room, row);
  else if (event.target.closest("[data-more], [data-tools-more]")) {
    event.preventDefault();
    openSheet(room, row.dataset.seq);
  }
}

/* --- the tools that follow the mouse, the long press that stands for them ------------------------------------------ */
function rest(room, tools) {
  tools.hidden = true;
  room.append(tools);
}

function onOver(event) {
  if (event.pointerType !== "mouse") return;
  const room = event.target.closest?.("[data-room]");
  const row = event.target.closest?.("[data-thread] article[data-seq]:not(.is-deleted)");
  document.querySelectorAll("[data-tools]").forEach((tools) => {
    const owner = tools.closest("[data-room]");
    if (!owner) return tools.remove();
    if (!row || owner !== room) return tools.parentElement !== owner && rest(owner, tools);
    if (tools.parentElement === row) return;
    row.append(tools);
    tools.hidden = false;
  });
}

let pressed = null;

function onDown(event) {
  clearTimeout(pressed);
  const row = event.target.closest?.("[data-thread] article[data-seq]:not(.is-deleted)");
  if (event.pointerType === "mouse" || !row || event.target.closest("a, button")) return;
  pressed = setTimeout(() => {
    const room = row.closest("[data-room]");
    if (room && document.getSelection().isCollapsed) openSheet(room, row.dataset.seq);
  }, LONG_PRESS);
}

const letGo = () => clearTimeout(pressed);

/** Looks after the messages of every conversation of the page. */
export function startMessages() {
  const body = document.body;
  body.addEventListener("live:changed", onChanged);
  body.addEventListener("talk:changed", onDone);
  body.addEventListener("live:message", onLine);
  document.addEventListener("click", onClick);
  document.addEventListener("pointerover", onOver, { passive: true });
  document.addEventListener("pointerdown", onDown, { passive: true });
  ["pointerup", "pointercancel", "pointermove", "scroll"].forEach((name) =>
    document.addEventListener(name, letGo, { passive: true, capture: true }),
  );
}
