/* The inbox of the phone: from its own store at once, then from the server; answers go through the outbox. */
import { flush, keepAnswer, onOutcome, takeBack, unsent } from "./outbox.js";
import { build, part, rest, showDue, showState } from "./phone-card.js";
import { pullToRefresh } from "./pull.js";
import { allRows, dropRow, getRow, keepFor, keepShell, putRow, wipe } from "./store.js";
import { say } from "./toasts.js";

const HOLD = 10000;
const LINGER = 5000;
const TICK = 30000;
const home = document.getElementById("phone");
const words = home.dataset;
const me = Number(document.body.dataset.user);
const to = { token: words.token, answerTo: words.questions };
const byId = (id) => document.getElementById(id);

let inbox = null;
/* Whether the server answered last: browsers call themselves online in every tunnel. */
let reached = true;
let rows = [];
let wish = Number(new URLSearchParams(location.search).get("question")) || null;
const lingering = new Map();

const online = () => navigator.onLine && reached;
const clock = (at) => new Intl.DateTimeFormat(words.lang, { timeStyle: "short", timeZone: words.zone }).format(new Date(at));

/* --- what is on the page ----------------------------------------------------------------------------------------- */
async function draw() {
  rows = (await allRows("outbox")).filter((row) => row.user === me);
  if (!inbox) return;
  const list = byId("cards");
  list.setAttribute("aria-busy", "false");
  const wanted = inbox.cards.map((one) => one.id);
  inbox.cards.forEach((one, place) => {
    const card = byId(`question-${one.id}`) ?? build(one, words);
    if (list.children[place] !== card) list.insertBefore(card, list.children[place] ?? null);
    showDue(card, one.due_at, words);
    showAnswer(card, one.id);
  });
  for (const card of [...list.children]) {
    const id = Number(card.dataset.question);
    if (!wanted.includes(id) && !lingering.has(id)) card.remove();
  }
  const open = wanted.filter((id) => !rows.some((row) => row.question === id) && !lingering.has(id)).length;
  byId("phone-count").textContent = open || "";
  byId("phone-empty").hidden = list.children.length > 0;
  byId("phone-as-of").textContent = words.sayAsOf.replace("%s", clock(inbox.at));
  byId("phone-error").hidden = true;
  badge(open);
  showStuck();
  showDone();
  goToWish();
}

function badge(open) {
  if (!navigator.setAppBadge) return;
  (open ? navigator.setAppBadge(open) : navigator.clearAppBadge()).catch(() => {});
}

function showAnswer(card, id) {
  const row = rows.find((one) => one.question === id);
  const told = lingering.get(id);
  rest(card, row ?? told);
  if (told) showState(card, told.words, told.tone);
  else if (!row) {
    if (!card.dataset.asks) showState(card, "");
  } else if (row.problem) showState(card, `${words.sayRefused}: ${row.problem}`, "bad", ["drop"]);
  else if (row.stuck || !online()) showState(card, words.sayWaiting, "warn", ["undo", "again"]);
  else showState(card, words.saySending, "", ["undo"]);
}

function showStuck() {
  const stuck = rows.filter((row) => row.stuck && !row.problem).length;
  byId("phone-stuck").hidden = !stuck;
  part(byId("phone-stuck"), "number").textContent = stuck;
  byId("phone-offline").hidden = online();
}

function showDone() {
  byId("phone-done").hidden = !inbox.done.length;
  byId("phone-done-title").textContent =
    `${inbox.done.length} ${words.sayDone}` + inbox.freed.map((sum) => ` · ${sum} ${words.sayMoved}`).join("");
  byId("phone-done").querySelector("ul").replaceChildren(...inbox.done.map(doneLine));
}

function doneLine(one) {
  const line = byId("done-blank").content.firstElementChild.cloneNode(true);
  line.id = `done-${one.id}`;
  part(line, "customer").textContent = one.customer;
  part(line, "customer").href = one.url;
  part(line, "text").textContent = one.text;
  part(line, "words").textContent = one.answer;
  part(line, "at").dateTime = one.answered_at;
  part(line, "at").textContent = clock(one.answered_at);
  const change = part(line, "change");
  change.hidden = !one.change_url;
  if (one.change_url) change.href = one.change_url;
  return line;
}

/* A notification led here. */
function goToWish() {
  const card = wish && (byId(`question-${wish}`) ?? byId(`done-${wish}`));
  if (!card) return;
  wish = null;
  document.querySelector(".is-target")?.classList.remove("is-target");
  card.classList.add("is-target");
  card.scrollIntoView({ block: "center" });
  card.focus({ preventScroll: true });
}

/* --- the server ---------------------------------------------------------------------------------------------------- */
async function refresh() {
  try {
    const answer = await fetch(words.cards, { credentials: "same-origin", cache: "no-store" }).catch(unreached);
    reached = true;
    if (answer.status === 401) {
      if (document.body.dataset.leaving) return;
      await wipe({ outbox: false });
      location.reload();
      return;
    }
    if (!answer.ok) throw new Error(`cards: ${answer.status}`);
    const fresh = await answer.json();
    if (fresh.user !== me) return location.reload();
    inbox = fresh;
    await putRow("cards", { name: "inbox", ...fresh });
    await forgetOrphans();
  } catch (error) {
    console.warn(error);
    if (!reached) setTimeout(() => !reached && refreshSoon(), TICK);
    byId("phone-error").hidden = Boolean(inbox);
    byId("cards").setAttribute("aria-busy", "false");
  }
  await draw();
  if (wish && inbox && reached) {
    say(words.sayWithdrawn);
    wish = null;
  }
}

/* What the server refused and nobody waits for any more is said once. */
async function forgetOrphans() {
  const open = new Set(inbox.cards.map((one) => one.id));
  for (const row of await allRows("outbox")) {
    if (row.user !== me || !row.problem || open.has(row.question)) continue;
    say(row.problem, "bad");
    await dropRow("outbox", row.key);
  }
}

function unreached(error) {
  reached = false;
  throw error;
}

let soon = null;
function refreshSoon(delay = 200) {
  clearTimeout(soon);
  soon = setTimeout(refresh, delay);
}

async function post(url, body) {
  const { token } = await (await fetch(words.token, { credentials: "same-origin", cache: "no-store" })).json();
  const headers = { "X-CSRFToken": token, "Content-Type": "application/json", Accept: "application/json" };
  return fetch(url, { method: "POST", credentials: "same-origin", headers, body: JSON.stringify(body) });
}

/* --- answering ------------------------------------------------------------------------------------------------------ */
async function onSubmit(event) {
  const form = event.target.closest("[data-answer]");
  if (!form) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const chosen = event.submitter?.matches(".chip") ? event.submitter : null;
  const input = form.querySelector("[data-field] input");
  const file = input?.files?.[0] ?? null;
  const value = chosen ? chosen.value : input.value.trim();
  if (!value) return input.focus();
  const question = Number(form.closest(".qcard").dataset.question);
  const label = chosen ? chosen.textContent : (file?.name ?? value);
  const note = form.elements.note?.value ?? "";
  const key = `phone-${crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`}`;
  await keepAnswer({ key, user: me, question, value, note, via: "phone", label, file, hold: HOLD });
  await draw();
  setTimeout(send, HOLD + 50);
}

async function send(all = false) {
  if (await unsent()) await flush({ ...to, all });
}

async function heard(outcome) {
  const { key, question, label, state } = outcome;
  const row = await getRow("outbox", key);
  if (state !== "waiting") reached = true;
  if (row && state === "waiting") await putRow("outbox", { ...row, stuck: true });
  if (state === "sent") linger(question, `${words.saySent} ✓ ${label}`, "ok");
  if (state === "over") linger(question, [outcome.words, outcome.at && clock(outcome.at)].filter(Boolean).join(" "), "warn");
  if (state === "signed_out") say(words.saySignedOut, "bad");
  await draw();
  if (state === "sent" || state === "over") refreshSoon();
}

/* What is over stays a moment, so that it can be read. */
function linger(question, told, tone) {
  lingering.set(question, { words: told, tone });
  setTimeout(() => {
    lingering.delete(question);
    draw();
  }, LINGER);
}

function onAnswered(event) {
  const { question, by, status } = event.detail;
  const mine = rows.some((row) => row.question === question) || by?.id === me;
  if (byId(`question-${question}`) && !mine && !lingering.has(question)) {
    if (status === "answered" && by) linger(question, `${words.sayOver.replace("%s", by.name)} ${clock(Date.now())}`, "warn");
    if (status === "withdrawn") linger(question, words.sayWithdrawn, "warn");
    draw();
  }
  refreshSoon();
}

async function onClick(event) {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.matches("[data-retry]")) return send(true);
  if (button.matches("[data-refresh]")) return refresh();
  const card = button.closest(".qcard");
  if (!card) return;
  const row = rows.find((one) => one.question === Number(card.dataset.question));
  if (button.matches("[data-undo], [data-drop]") && row) {
    await takeBack(row.key);
    await draw();
  } else if (button.matches("[data-again]")) await send(true);
  else if (button.matches("[data-later]")) await later(card, button.dataset.later, false);
  else if (button.matches("[data-anyway]")) await later(card, card.dataset.asks, true);
}

async function later(card, wanted, past) {
  try {
    const body = { later: wanted, past_deadline: past };
    const answer = await post(`${words.questions}${Number(card.dataset.question)}/later/`, body);
    if (answer.ok) {
      delete card.dataset.asks;
      say(words.sayLater);
      return refresh();
    }
    const problem = await answer.json();
    card.dataset.asks = wanted;
    showState(card, problem.detail, "warn", problem.type?.endsWith("past_deadline") ? ["anyway"] : []);
  } catch {
    say(document.body.dataset.sayOffline, "bad");
  }
}

/* --- the page ---------------------------------------------------------------------------------------------------------- */
async function start() {
  home.addEventListener("click", onClick);
  home.addEventListener("submit", onSubmit, true);
  onOutcome(heard);
  for (const name of ["question", "resync"]) document.body.addEventListener(`live:${name}`, () => refreshSoon());
  document.body.addEventListener("live:answered", onAnswered);
  document.body.addEventListener("phone:open", (event) => {
    event.preventDefault();
    wish = event.detail.question;
    goToWish();
    refreshSoon(0);
  });
  for (const name of ["online", "offline"]) addEventListener(name, draw);
  addEventListener("online", () => send(true).then(() => refresh()));
  /* Whoever leaves wants the answer gone: it waits no longer. */
  document.addEventListener("visibilitychange", () => (document.hidden ? send(true) : refreshSoon()));
  addEventListener("pagehide", () => send(true));
  setInterval(draw, TICK);
  pullToRefresh(byId("phone-pull"), refresh);
  await keepFor(me);
  inbox = (await getRow("cards", "inbox")) ?? null;
  await draw();
  await refresh();
  if (reached) await keepShell(location.pathname).catch((error) => console.warn(error));
  await send(true);
}

start();
