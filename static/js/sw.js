/* The service worker: notifications and their answers, the inbox without a network, answers that wait.
   The site joins store.js and outbox.js in front of it and tells it, as self.ZANJAR, what it must know. */
import { flush, keepAnswer } from "./outbox.js";
import { getRow, keptFor, putRow, wipe } from "./store.js";

const FACTS = self.ZANJAR;
const ASSETS_CACHE = `zanjar-assets-${FACTS.version}`;
const PAGES_CACHE = "zanjar-shell";
const SLOW = 4000;

/* --- life --------------------------------------------------------------------------------------------------------- */
self.addEventListener("install", (event) => {
  event.waitUntil(fill().then(() => self.skipWaiting()));
});

async function fill() {
  const cache = await caches.open(ASSETS_CACHE);
  /* One file that cannot be had now must not keep the notifications away. */
  await Promise.allSettled(FACTS.assets.map((url) => cache.add(url)));
}

self.addEventListener("activate", (event) => {
  event.waitUntil(tidyUp().then(() => self.clients.claim()));
});

async function tidyUp() {
  const old = (await caches.keys()).filter((name) => name.startsWith("zanjar-assets-") && name !== ASSETS_CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

/* --- without a network: the inbox and its files, and nothing else --------------------------------------------------- */
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && url.pathname === FACTS.shell) event.respondWith(shell(request));
  else if (FACTS.assets.includes(url.pathname)) event.respondWith(asset(request));
});

async function shell(request) {
  const cache = await caches.open(PAGES_CACHE);
  try {
    const fresh = await Promise.race([fetch(request), late(await cache.match(FACTS.shell))]);
    /* Only a page of somebody who is signed in is kept; a redirect leads to the sign-in. */
    if (fresh.ok && fresh.type === "basic" && !fresh.redirected) await cache.put(FACTS.shell, fresh.clone());
    return fresh;
  } catch (error) {
    const kept = await cache.match(FACTS.shell);
    if (kept) return kept;
    throw error;
  }
}

/* A network that hangs is no network, once there is something to show. */
function late(kept) {
  return new Promise((_resolve, reject) => kept && setTimeout(() => reject(new Error("slow")), SLOW));
}

async function asset(request) {
  return (await caches.match(request)) ?? fetch(request);
}

/* --- notifications -------------------------------------------------------------------------------------------------- */
self.addEventListener("push", (event) => event.waitUntil(onPush(read(event))));

function read(event) {
  try {
    return event.data?.json() ?? {};
  } catch {
    return {};
  }
}

async function onPush(note) {
  if (note.type === "over") return onOver(note);
  const options = { tag: note.tag, lang: note.lang, icon: FACTS.picture, badge: FACTS.badge, data: note };
  if (note.type === "question") {
    const shown = await self.registration.getNotifications({ tag: note.tag });
    options.actions = buttons(note);
    options.renotify = shown.some((one) => one.data?.id !== note.id);
  }
  options.body = note.body ?? "";
  await self.registration.showNotification(note.title || say(note.lang).news, options);
  await Promise.allSettled([mark(note.count), refresh(note.user)]);
}

function buttons(note) {
  const most = self.Notification?.maxActions ?? 2;
  const quick = (note.actions ?? []).map(({ action, title }) => ({ action, title }));
  if (note.reply) quick.push({ action: "reply", type: "text", ...note.reply });
  return quick.slice(0, most);
}

async function onOver(note) {
  const shown = await self.registration.getNotifications({ tag: note.tag });
  shown.filter((one) => !one.data?.done).forEach((one) => one.close());
  await Promise.allSettled([mark(note.count), refresh(note.user)]);
}

async function mark(count) {
  if (!self.navigator.setAppBadge) return;
  if (count > 0) await self.navigator.setAppBadge(count);
  else await self.navigator.clearAppBadge();
}

/* The card is there when the notification is opened in a tunnel. */
async function refresh(user) {
  if ((await keptFor()) !== user) return;
  const answer = await fetch(FACTS.cards, { credentials: "same-origin", cache: "no-store" });
  if (answer.status === 401) await wipe({ outbox: false });
  if (!answer.ok) return;
  const inbox = await answer.json();
  if (inbox.user === user) await putRow("cards", { name: "inbox", ...inbox });
}

self.addEventListener("notificationclick", (event) => {
  const { notification, action, reply } = event;
  const note = notification.data ?? {};
  const chosen = note.actions?.find((one) => one.action === action);
  if (chosen) event.waitUntil(answer(notification, chosen.value, chosen.title, `a${action}`));
  else if (action === "reply" && reply?.trim()) event.waitUntil(answer(notification, reply.trim(), reply.trim(), "r"));
  else event.waitUntil(openPage(notification));
});

async function answer(notification, value, label, place) {
  const note = notification.data;
  const key = `push-${note.id}-${place}-${encodeURIComponent(value)}`.slice(0, 180);
  await keepAnswer({ key, user: note.user, question: note.question, value, via: "push", label });
  const outcomes = await flush({ all: true, only: key, token: FACTS.token, answerTo: FACTS.questions });
  const outcome = outcomes[0] ?? ((await getRow("outbox", key)) ? { state: "waiting" } : { state: "sent", label });
  await replace(notification, outcome, label);
}

/* The notification becomes what came of the answer. */
async function replace(notification, outcome, label) {
  const note = notification.data;
  const words = say(note.lang);
  const body = {
    sent: `✓ ${words.sent.replace("%s", label)}`,
    waiting: words.waiting,
    signed_out: words.sign_in,
    other_person: words.sign_in,
    over: `${outcome.words ?? ""} ${clock(outcome.at, note.lang)}`.trim(),
    refused: `${words.refused} ${outcome.words ?? ""}`.trim(),
  }[outcome.state];
  await self.registration.showNotification(notification.title, {
    tag: note.tag,
    lang: note.lang,
    icon: FACTS.picture,
    badge: FACTS.badge,
    silent: true,
    body,
    data: { ...note, actions: [], reply: null, done: outcome.state, url: note.url },
  });
  if (["sent", "over"].includes(outcome.state)) await mark(Math.max(0, (note.count ?? 1) - 1)).catch(() => {});
}

function clock(at, lang) {
  return at ? new Intl.DateTimeFormat(lang, { timeStyle: "short" }).format(new Date(at)) : "";
}

const say = (lang) => FACTS.words[lang] ?? FACTS.words.en;

async function openPage(notification) {
  const note = notification.data ?? {};
  notification.close();
  const url = new URL(note.url || FACTS.shell, self.location.origin);
  if (url.origin !== self.location.origin) return;
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = pages.find((one) => one.focused) ?? pages.find((one) => one.visibilityState === "visible") ?? pages[0];
  if (!page) {
    await self.clients.openWindow(url.href);
    return;
  }
  await page.focus().catch(() => {});
  page.postMessage({ type: "open", question: note.question ?? null, url: url.pathname + url.search });
}

/* --- answers that wait ------------------------------------------------------------------------------------------------ */
self.addEventListener("sync", (event) => {
  if (event.tag === "outbox") event.waitUntil(sendAll());
});

async function sendAll() {
  const outcomes = await flush({ all: true, token: FACTS.token, answerTo: FACTS.questions });
  for (const outcome of outcomes) await tellLate(outcome);
  /* A failed sync is tried again by the browser, later and later. */
  if (outcomes.some((outcome) => outcome.state === "waiting")) throw new Error("the network is away");
}

/* A notification that waited for the network learns the outcome. */
async function tellLate(outcome) {
  const shown = await self.registration.getNotifications({ tag: `question-${outcome.question}` });
  const waiting = shown.find((one) => one.data?.done === "waiting" || one.data?.done === "signed_out");
  if (waiting && outcome.state !== "waiting") await replace(waiting, outcome, outcome.label);
}

self.addEventListener("message", (event) => {
  if (event.data?.type === "outcome") event.waitUntil(tellLate(event.data.outcome));
});

/* The browser renews its subscription now and then; the page tells the site at its next visit. */
self.addEventListener("pushsubscriptionchange", (event) => {
  event.waitUntil(putRow("meta", { name: "renew", value: Date.now() }));
});
