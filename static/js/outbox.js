/* The answers on their way. Each is kept before it is sent, goes out once (its key is the Idempotency-Key), survives
   a restart, and is sent again with the same key after a network error or a failure of the server. What the server
   refuses is kept and shown, never repeated. Used by the pages and by the worker. */
import { allRows, dropRow, getRow, keptFor, putRow, wipe } from "./store.js";

const CHANNEL = "zanjar-outbox";
const SYNC_TAG = "outbox";
const PATIENCE = 20000;
const AGAIN = new Set([408, 425, 429]);

/** Keep an answer. `hold`: milliseconds in which it can be taken back before it goes out. */
export async function keepAnswer({ key, user, question, value, note = "", via, label = "", file = null, hold = 0 }) {
  const at = Date.now();
  await putRow("outbox", { key, user, question, value, note, via, label, file, at, after: at + hold, problem: "" });
  await askForSync();
}

/** Take an answer back that has not gone out; false when it is too late. */
export async function takeBack(key) {
  return exclusively(async () => {
    const there = Boolean(await getRow("outbox", key));
    await dropRow("outbox", key);
    return there;
  });
}

async function askForSync() {
  try {
    const registration = self.registration ?? (await navigator.serviceWorker?.getRegistration());
    await registration?.sync?.register(SYNC_TAG);
  } catch {
    /* Not every browser can, and none outside of an installed worker: pages flush by themselves. */
  }
}

/* A page and the worker never send at the same time. */
function exclusively(act) {
  return navigator.locks ? navigator.locks.request(CHANNEL, act) : act();
}

function tell(outcome) {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(outcome);
  channel.close();
  /* A notification that says "waiting" is the worker's, also when a page was faster. */
  if (!self.registration) navigator.serviceWorker?.controller?.postMessage({ type: "outcome", outcome });
}

/** Call `hear` with the outcome of every answer, whoever sends it. */
export function onOutcome(hear) {
  new BroadcastChannel(CHANNEL).addEventListener("message", (event) => hear(event.data));
}

/** Send what is due (everything with `all`); the outcomes, in order. Stops at the first that has to wait. */
export function flush({ all = false, only = null, token, answerTo }) {
  return exclusively(async () => {
    const outcomes = [];
    const rows = (await allRows("outbox")).filter((row) => !row.problem && (!only || row.key === only));
    for (const row of rows.sort((one, other) => one.at - other.at)) {
      if (!all && row.after > Date.now()) continue;
      const outcome = await deliver(row, token, answerTo);
      outcomes.push(outcome);
      tell(outcome);
      if (outcome.state === "waiting" || outcome.state === "signed_out") break;
    }
    return outcomes;
  });
}

async function deliver(row, token, answerTo) {
  const told = { key: row.key, question: row.question, label: row.label };
  try {
    const who = await fetch(token, { credentials: "same-origin", cache: "no-store", signal: limit() });
    if (who.status === 401) {
      await wipe({ outbox: false });
      return { ...told, state: "signed_out" };
    }
    if (!who.ok) return { ...told, state: "waiting" };
    const { user, token: csrf } = await who.json();
    if (user !== row.user) return { ...told, state: "other_person" };
    const answer = await fetch(`${answerTo}${Number(row.question)}/answer/`, { ...request(row, csrf), signal: limit() });
    return { ...told, ...(await understood(row, answer)) };
  } catch {
    return { ...told, state: "waiting" };
  }
}

function limit() {
  return AbortSignal.timeout?.(PATIENCE);
}

function request(row, csrf) {
  const headers = { "X-CSRFToken": csrf, "Idempotency-Key": row.key, Accept: "application/json" };
  const common = { method: "POST", credentials: "same-origin", keepalive: !row.file };
  if (!row.file) {
    const body = JSON.stringify({ value: row.value, note: row.note, via: row.via });
    return { ...common, headers: { ...headers, "Content-Type": "application/json" }, body };
  }
  const body = new FormData();
  body.append("file", row.file, row.file.name);
  body.append("note", row.note);
  body.append("via", row.via);
  return { ...common, headers, body };
}

async function understood(row, answer) {
  if (answer.ok) {
    await dropRow("outbox", row.key);
    return { state: "sent" };
  }
  if (answer.status >= 500 || AGAIN.has(answer.status) || (await stillRunning(answer))) return { state: "waiting" };
  const problem = await answer.json().catch(() => ({}));
  if (answer.status === 401) return { state: "signed_out" };
  const words = problem.detail || String(answer.status);
  const over = problem.type?.endsWith("already_answered") || problem.type?.endsWith("question_withdrawn");
  if (over) await dropRow("outbox", row.key);
  else await putRow("outbox", { ...row, problem: words });
  return { state: over ? "over" : "refused", words, at: problem.at ?? "" };
}

/* The first try with this key has not ended yet: its answer comes later. */
async function stillRunning(answer) {
  if (answer.status !== 409) return false;
  const problem = await answer.clone().json().catch(() => ({}));
  return problem.type === "urn:zanjar:problem:idempotency";
}

/** How many answers of this person have not gone out. */
export async function unsent() {
  const user = await keptFor();
  return (await allRows("outbox")).filter((row) => row.user === user).length;
}
