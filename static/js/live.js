/* The ear: one socket per tab. Frames become DOM events on <body>, so that any element can listen with
   hx-trigger="live:dispute-12 from:body":

     live:message, live:room-ID      a message (detail: the frame)
     live:dispute, live:dispute-ID   a dispute's card changed
     live:question, live:answered    a question for this person, or about to vanish; also live:question-ID
     live:late                       a deadline of this person comes near or went by
     live:hidden                     a message that was shared with this person was taken back
     live:changed                    something was changed in a message (its words, its reactions, its deletion)
     live:unread, live:read, live:typing, live:presence, live:gone (no longer in the room)
     live:open                       the line is open
     live:resync                     after every new connection: what is on the page may be out of date

   Rooms: an element with data-room="ID" data-head="SEQ" data-rev="REV" is followed for as long as it is on the page. */

const FIRST_DELAY = 500;
const LONGEST_DELAY = 15000;
const STALE_AFTER = 10000;
const SILENT_TOO_LONG = 60000;

const heads = new Map();
/* The last change of each room up to which this page has all of them. */
const revs = new Map();
let socket = null;
let tries = 0;
let heardAt = 0;
let hiddenAt = 0;
let staleTimer = null;
let retryTimer = null;
let first = true;

/* What was told last of each name: when, and with which detail. */
const told = new Map();
/* When each request left. */
const asked = new WeakMap();

function tell(name, detail = {}) {
  told.set(`live:${name}`, { at: performance.now(), detail });
  document.body.dispatchEvent(new CustomEvent(`live:${name}`, { detail }));
}

/* An answer to an act is written after it: only what is fetched can be older than the last word. */
function onAsked(event) {
  if (event.detail.requestConfig.verb === "get") asked.set(event.detail.xhr, performance.now());
}

/* A part of the page that fetched itself may come with what was true before the last word: who heard that word was
   replaced by it and would never ask again. So what was told since the request left is told to the new part again. */
function onSettled(event) {
  const left = asked.get(event.detail.xhr);
  const part = event.detail.elt;
  if (left === undefined || !part?.querySelectorAll) return;
  const names = new Set();
  [part, ...part.querySelectorAll("[hx-trigger]")].forEach((one) =>
    one.getAttribute("hx-trigger")?.match(/live:[\w-]+/g)?.forEach((name) => names.add(name)));
  names.forEach((name) => {
    const word = told.get(name);
    // Passed on as it was told then: told anew, two words would bring each other back without end.
    if (word?.at > left) document.body.dispatchEvent(new CustomEvent(name, { detail: word.detail }));
  });
}

/** Send a frame; false when the line is closed: nothing is queued, for what is stored goes over HTTP. */
export function send(frame) {
  if (socket?.readyState !== WebSocket.OPEN) return false;
  socket.send(JSON.stringify(frame));
  return true;
}

function onMessage(frame) {
  const head = heads.get(frame.room) ?? 0;
  if (frame.seq <= head) return;
  if (frame.prev > head) {
    subscribe(frame.room);
    return;
  }
  heads.set(frame.room, frame.seq);
  tell("message", frame);
  tell(`room-${frame.room}`, frame);
}

function subscribe(room) {
  send({ type: "subscribe", room, after: heads.get(room) ?? 0, rev: revs.get(room) ?? 0 });
}

/* A change that was lost on the way comes again at the server's beat; until then this one does not count. */
function onChanged(frame) {
  const rev = revs.get(frame.room) ?? 0;
  if (frame.prev <= rev) revs.set(frame.room, Math.max(rev, frame.rev));
  tell("changed", frame);
}

function onFrame(frame) {
  if (frame.type === "message") onMessage(frame);
  else if (frame.type === "changed") onChanged(frame);
  else if (frame.type === "error") {
    if (["gone", "not_found"].includes(frame.code) && frame.room) heads.delete(frame.room);
    /* The server lost its own line for a while: rooms are whole again, everything else is fetched. */
    if (frame.code === "missed") {
      /* Rooms say again what was taken back meanwhile. */
      heads.forEach((head, room) => send({ type: "subscribe", room, after: head }));
      tell("resync");
    } else tell(frame.code === "gone" ? "gone" : "error", frame);
  } else {
    /* The beat tells the newest number of a room: a message that was lost on the way shows here at the latest. */
    const head = heads.get(frame.room);
    if (frame.head > head) subscribe(frame.room);
    tell(frame.type, frame);
    if (frame.dispute) tell(`dispute-${frame.dispute}`, frame);
    if (frame.question) tell(`question-${frame.question}`, frame);
  }
}

/** Follow the rooms that are on the page now, and let go of those that went. */
export function followRooms() {
  const here = new Set();
  document.querySelectorAll("[data-room]").forEach((element) => {
    const room = Number(element.dataset.room);
    here.add(room);
    if (heads.has(room)) return;
    heads.set(room, Number(element.dataset.head || 0));
    revs.set(room, Number(element.dataset.rev || 0));
    subscribe(room);
  });
  [...heads.keys()].filter((room) => !here.has(room)).forEach((room) => {
    heads.delete(room);
    revs.delete(room);
    send({ type: "unsubscribe", room });
  });
}

function show(on) {
  const badge = document.getElementById("live");
  if (badge) {
    badge.dataset.state = on ? "on" : "off";
    badge.firstElementChild.hidden = false;
    const words = on ? badge.dataset.on : badge.dataset.off;
    const place = document.getElementById("live-words");
    if (place.textContent !== words) place.textContent = words;
  }
  clearTimeout(staleTimer);
  const strip = document.getElementById("stale");
  if (!strip) return;
  if (on) strip.hidden = true;
  else staleTimer = setTimeout(() => (strip.hidden = false), STALE_AFTER);
}

function onOpen() {
  tries = 0;
  heardAt = Date.now();
  show(true);
  heads.forEach((_after, room) => subscribe(room));
  /* The page was just rendered when it connects for the first time at once: nothing to fetch again. */
  if (!first) tell("resync");
  first = false;
  tell("open");
}

function onClose(event) {
  if (event.target !== socket) return;
  socket = null;
  if (event.code === 4401) {
    location.reload();
    return;
  }
  first = false;
  show(false);
  later();
}

function later() {
  clearTimeout(retryTimer);
  const longest = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** tries);
  tries += 1;
  retryTimer = setTimeout(connect, longest / 2 + Math.random() * (longest / 2));
}

function connect() {
  clearTimeout(retryTimer);
  if (socket) return;
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(`${scheme}//${location.host}${document.body.dataset.socket}`);
  socket.addEventListener("open", onOpen);
  socket.addEventListener("close", onClose);
  socket.addEventListener("message", (event) => {
    heardAt = Date.now();
    onFrame(JSON.parse(event.data));
  });
}

/* A line that slept (laptop closed, train in a tunnel) may look open and be dead: when in doubt, begin anew. */
function again() {
  const old = socket;
  socket = null;
  old?.close();
  tries = 0;
  first = false;
  connect();
}

function onVisible() {
  if (document.hidden) hiddenAt = Date.now();
  else if (Date.now() - hiddenAt > SILENT_TOO_LONG && Date.now() - heardAt > SILENT_TOO_LONG) again();
}

/** Connect, stay connected, and follow the rooms of the page. */
export function startLive() {
  if (!document.body.dataset.socket) return;
  followRooms();
  connect();
  document.body.addEventListener("htmx:afterSettle", followRooms);
  document.body.addEventListener("htmx:beforeSend", onAsked);
  document.body.addEventListener("htmx:afterSettle", onSettled);
  document.addEventListener("visibilitychange", onVisible);
  addEventListener("online", again);
  addEventListener("offline", () => show(false));
  addEventListener("pageshow", (event) => event.persisted && again());
}
