/* A conversation on the page: what comes in live goes into its thread, in order and once; what was read is reported.

   A room is an element with data-room (see templates/chat/_room.html). A text is put in from the frame, through the
   blank message of the room's <template>; a system line, a question or the first message of a day is fetched as the
   server prints it. Every row carries data-seq, so that nothing is shown twice. */
import { send } from "./live.js";
import { show } from "./messages.js";

const FETCH_DELAY = 60;
const TYPING_LASTS = 5000;
const READ_DELAY = 400;
const NEAR = 80;

const states = new WeakMap();

function state(room) {
  if (!states.has(room)) {
    const marks = new Map(JSON.parse(room.dataset.marks || "[]").map(([id, name, seq]) => [id, { name, seq }]));
    states.set(room, { marks, typing: new Map(), fetching: false, waiting: [], timer: null, readTimer: null });
  }
  return states.get(room);
}

const roomOf = (id) => document.querySelector(`[data-room="${Number(id)}"]`);
const part = (room, name) => room.querySelector(`[data-${name}]`);
const me = (room) => Number(room.dataset.me);
const has = (room, seq) => Boolean(part(room, "thread").querySelector(`[data-seq="${Number(seq)}"]`));

function newest(room) {
  const rows = part(room, "thread").querySelectorAll("[data-seq]");
  return [...rows].reduce((most, row) => Math.max(most, Number(row.dataset.seq)), 0);
}

/* --- scrolling and reading ------------------------------------------------------------------------------------- */
function atEnd(room) {
  const box = part(room, "scroll");
  return box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
}

function toEnd(room) {
  const box = part(room, "scroll");
  box.scrollTop = box.scrollHeight;
  part(room, "jump").hidden = true;
}

/** What is on screen counts as seen: the next reply is not stale, and the others learn that it was read. */
function seen(room) {
  if (document.hidden || !atEnd(room) || part(room, "later")) return;
  const last = Math.max(newest(room), Number(room.dataset.head));
  const field = document.getElementById(`seen-${room.dataset.room}`);
  if (field && Number(field.value) < last) field.value = last;
  part(room, "jump").hidden = true;
  const box = part(room, "scroll").getBoundingClientRect();
  if (box.bottom < 0 || box.top > innerHeight || !document.hasFocus()) return;
  const own = state(room);
  clearTimeout(own.readTimer);
  own.readTimer = setTimeout(() => report(room, last), READ_DELAY);
}

function report(room, last) {
  if (Number(room.dataset.read) >= last) return;
  if (send({ type: "read", room: Number(room.dataset.room), seq: last })) room.dataset.read = last;
}

function arrived(room, wasAtEnd) {
  part(room, "empty")?.remove();
  /* Tabs that follow a room are not told of its unread messages: one that is not looked at says so itself. */
  if (document.hidden || !wasAtEnd) document.body.dispatchEvent(new CustomEvent("live:unread", { detail: {} }));
  if (wasAtEnd) toEnd(room);
  else part(room, "jump").hidden = false;
  seen(room);
  showSeen(room);
}

/* --- messages -------------------------------------------------------------------------------------------------- */
function dayOf(room, at) {
  return new Intl.DateTimeFormat("en-CA", { timeZone: room.dataset.zone, dateStyle: "short" }).format(at);
}

function lastDay(room) {
  return [...part(room, "thread").querySelectorAll("[data-day]")].at(-1)?.dataset.day;
}

/** Put text into an element, with its web addresses as links. */
function linked(element, text) {
  text.split(/(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]])/).forEach((piece, index) => {
    if (index % 2 === 0) return element.append(piece);
    const link = document.createElement("a");
    link.href = piece;
    link.rel = "nofollow";
    link.textContent = piece;
    element.append(link);
  });
}

function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  return words.length ? (words[0][0] + (words.length > 1 ? words.at(-1)[0] : "")).toUpperCase() : "?";
}

function build(room, frame) {
  const at = new Date(frame.at);
  const row = part(room, "blank").content.firstElementChild.cloneNode(true);
  row.dataset.seq = frame.seq;
  row.id = `message-${Number(room.dataset.room)}-${Number(frame.seq)}`;
  row.querySelector("[data-more]").href = `${room.dataset.url}${Number(frame.seq)}/`;
  row.classList.toggle("msg-mine", frame.author.id === me(room));
  const avatar = row.querySelector(".avatar");
  const known = part(room, "thread").querySelector(`.avatar[data-author="${Number(frame.author.id)}"]`);
  avatar.className = known?.className ?? "avatar avatar-s";
  avatar.dataset.author = frame.author.id;
  avatar.textContent = initials(frame.author.name);
  row.querySelector("strong").textContent = frame.author.name;
  const time = row.querySelector("time");
  time.dateTime = frame.at;
  time.textContent = new Intl.DateTimeFormat("en-GB", { timeZone: room.dataset.zone, timeStyle: "short" }).format(at);
  const body = row.querySelector(".msg-body");
  body.textContent = "";
  linked(body, frame.body);
  return row;
}

/** Only plain words of our own team, on a day that is on the page, can be put in without asking the server. */
function plain(room, frame) {
  const bare = !frame.reply && !frame.rev && !frame.files?.length && !frame.token?.startsWith("mail:") && !/[`*@]/.test(frame.body);
  const simple = frame.kind === "text" && frame.side === "internal" && frame.author && bare;
  return simple && lastDay(room) === dayOf(room, new Date(frame.at));
}

function onMessage(event) {
  const frame = event.detail;
  const room = roomOf(frame.room);
  if (!room || has(room, frame.seq)) return;
  const own = state(room);
  /* Between what is shown and what is new there is more: it comes by its button, or when one goes to the end. */
  if (part(room, "later")) part(room, "jump").hidden = false;
  else if (own.fetching || own.timer || !plain(room, frame)) {
    fetchSoon(room);
  } else {
    const wasAtEnd = atEnd(room) || frame.author.id === me(room);
    own.typing.delete(frame.author.id);
    part(room, "thread").append(build(room, frame));
    arrived(room, wasAtEnd);
    showTyping(room);
  }
  /* A card that was not told (the line was down) learns it from the system line. */
  if (frame.kind === "system" && frame.data?.question) {
    document.body.dispatchEvent(new CustomEvent(`live:question-${Number(frame.data.question)}`, { detail: frame }));
  }
}

function fetchSoon(room) {
  const own = state(room);
  if (own.fetching) own.again = true;
  else own.timer ??= setTimeout(() => fetchNew(room), FETCH_DELAY);
}

async function fetchNew(room) {
  const own = state(room);
  own.timer = null;
  own.fetching = true;
  own.again = false;
  const thread = part(room, "thread");
  const wasAtEnd = atEnd(room);
  try {
    await window.htmx.ajax("get", `${room.dataset.url}?after=${newest(room)}`, { target: thread, swap: "beforeend" });
  } finally {
    own.fetching = false;
  }
  tidy(thread);
  arrived(room, wasAtEnd);
  if (own.again) fetchSoon(room);
}

/** The same row may come by two ways (the answer to a post and the socket): the first stays. */
function tidy(thread) {
  const known = new Set();
  thread.querySelectorAll(":scope > [data-seq], :scope > .system-fold [data-seq]").forEach((row) => {
    if (known.has(row.dataset.seq)) row.remove();
    known.add(row.dataset.seq);
  });
  const days = new Set();
  thread.querySelectorAll("[data-day]").forEach((line) => {
    if (days.has(line.dataset.day)) line.remove();
    days.add(line.dataset.day);
  });
}

/* --- who is here, who writes, who has read --------------------------------------------------------------------- */
function onPresence(event) {
  const room = roomOf(event.detail.room);
  if (!room) return;
  const others = event.detail.people.filter((person) => person.id !== me(room)).map((person) => person.name);
  const hidden = Math.max(0, event.detail.count - event.detail.people.length);
  const words = others.length + hidden === 1 ? room.dataset.sayOne : room.dataset.sayMany;
  const names = others.slice(0, 3).join(", ") + (others.length + hidden > 3 ? "…" : "");
  part(room, "presence").textContent = others.length
    ? words.replace("%n", others.length + hidden).replace("%s", names)
    : "";
}

function onTyping(event) {
  const { room: id, user } = event.detail;
  const room = roomOf(id);
  if (!room || user.id === me(room)) return;
  const own = state(room);
  own.typing.set(user.id, { name: user.name, until: Date.now() + TYPING_LASTS });
  showTyping(room);
  setTimeout(() => showTyping(room), TYPING_LASTS + 50);
}

function showTyping(room) {
  const own = state(room);
  [...own.typing].forEach(([id, one]) => one.until < Date.now() && own.typing.delete(id));
  const names = [...own.typing.values()].map((one) => one.name);
  const words = names.length > 1 ? room.dataset.saySeveral : room.dataset.sayTyping.replace("%s", names[0]);
  part(room, "typing-line").textContent = names.length ? words : "";
}

function onRead(event) {
  const { room: id, user, seq } = event.detail;
  const room = roomOf(id);
  if (!room) return;
  state(room).marks.set(user.id, { name: user.name, seq });
  if (user.id === me(room)) room.dataset.read = Math.max(seq, Number(room.dataset.read));
  showSeen(room);
}

function showSeen(room) {
  const rows = part(room, "thread").querySelectorAll(".msg[data-seq]");
  const last = rows[rows.length - 1];
  const author = Number(last?.querySelector(".avatar").dataset.author);
  const readers = [...state(room).marks]
    .filter(([id, mark]) => last && id !== author && id !== me(room) && mark.seq >= Number(last.dataset.seq))
    .map(([, mark]) => mark.name);
  part(room, "seen-by").textContent = readers.length ? room.dataset.saySeen.replace("%s", readers.join(", ")) : "";
}

function onGone(event) {
  const room = roomOf(event.detail.room);
  if (!room) return;
  const words = document.createElement("p");
  words.className = "notice notice-warn";
  words.textContent = event.detail.message;
  room.replaceChildren(words);
  room.removeAttribute("data-room");
}

/* --- the page --------------------------------------------------------------------------------------------------- */
function prepare(room) {
  if (room.dataset.ready) return;
  room.dataset.ready = "yes";
  const first = part(room, "new");
  const box = part(room, "scroll");
  box.scrollTop = first ? first.offsetTop - box.offsetTop - NEAR : box.scrollHeight;
  if (room.dataset.shown) show(room, room.dataset.shown);
  box.addEventListener("scroll", () => seen(room), { passive: true });
  part(room, "jump").addEventListener("click", () => {
    if (part(room, "later")) location.assign(`/rooms/${Number(room.dataset.room)}/?at=${Number(room.dataset.head)}`);
    toEnd(room);
    seen(room);
  });
  if (first && !atEnd(room)) part(room, "jump").hidden = false;
  seen(room);
  showSeen(room);
}

const rooms = () => document.querySelectorAll("[data-room]");
const seenAll = () => rooms().forEach(seen);

function onSwap(event) {
  rooms().forEach(prepare);
  const room = event.detail.target?.closest?.("[data-room]");
  if (!room) return;
  if (event.detail.requestConfig?.verb === "post") arrived(room, true);
}

/* The answer to a post may bring rows that came over the socket already. */
function onPut(event) {
  const thread = event.detail.target?.closest?.("[data-room]")?.querySelector("[data-thread]");
  if (thread) tidy(thread);
}

/* Earlier messages go in front; what is being read must not jump. */
function keepPlace(event) {
  const room = event.detail.target?.matches?.(".earlier") && event.detail.target.closest("[data-room]");
  if (!room) return;
  const box = part(room, "scroll");
  const fromEnd = box.scrollHeight - box.scrollTop;
  requestAnimationFrame(() => (box.scrollTop = box.scrollHeight - fromEnd));
}

/* The numbers beside the navigation come with the pop-ups. */
function onCounts(event) {
  for (const name of ["disputes", "questions", "approvals", "messages", "bell"]) {
    for (const element of document.querySelectorAll(`#count-${name}, #tab-count-${name}`)) {
      element.textContent = event.detail[name] || "";
    }
  }
}

/** Look after every conversation of the page, now and later. */
export function startChat() {
  rooms().forEach(prepare);
  const body = document.body;
  body.addEventListener("htmx:beforeSwap", keepPlace);
  body.addEventListener("htmx:afterSwap", onPut);
  body.addEventListener("htmx:afterSettle", onSwap);
  body.addEventListener("live:message", onMessage);
  body.addEventListener("live:presence", onPresence);
  body.addEventListener("live:typing", onTyping);
  body.addEventListener("live:read", onRead);
  body.addEventListener("live:gone", onGone);
  body.addEventListener("live:counts", onCounts);
  body.addEventListener("live:open", seenAll);
  document.addEventListener("visibilitychange", seenAll);
  addEventListener("focus", seenAll);
}
