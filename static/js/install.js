/* The app as an app: its worker, the cards that help to install it, notifications, signing out of a shared phone.
   Browsers without these powers see nothing of it. */
import { flush, onOutcome, unsent } from "./outbox.js";
import { canPush, current, refreshPush, turnOff, turnOn } from "./push.js";
import { unfold } from "./popups.js";
import { keepFor, keptFor, wipe } from "./store.js";

const AWAY = "zanjar-coach-";
const PATIENCE = 3000;
let prompt = null;

const standalone = () => matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;
const user = () => Number(document.body.dataset.user) || null;
const byId = (id) => document.getElementById(id);

function putAway(id) {
  try {
    return localStorage.getItem(AWAY + id) === "yes";
  } catch {
    return false;
  }
}

function show(id, on) {
  const card = byId(id);
  if (card) card.hidden = !on || putAway(id);
}

function onClose(event) {
  const card = event.target.closest?.("[data-coach-close]")?.closest(".coach");
  if (!card) return;
  card.hidden = true;
  try {
    localStorage.setItem(AWAY + card.id, "yes");
  } catch {
    /* Without a memory the card comes again. */
  }
}

/* Only Safari on iOS can put a page on the Home Screen, and only from there it takes notifications. */
function onIos() {
  const touchMac = /Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1;
  const ios = /iPhone|iPad|iPod/.test(navigator.userAgent) || touchMac;
  return ios && /Safari/.test(navigator.userAgent) && !/CriOS|FxiOS|EdgiOS/.test(navigator.userAgent);
}

/* --- notifications ------------------------------------------------------------------------------------------------ */
async function showPush() {
  const line = byId("push-state");
  const able = canPush();
  const on = able && Notification.permission === "granted" && Boolean(await current());
  const denied = able && Notification.permission === "denied";
  show("coach-push", able && !on && !denied && Boolean(byId("phone")));
  document.querySelectorAll("[data-devices] [data-push-on]").forEach((one) => {
    if (!one.closest(".coach")) one.hidden = !able || on || denied;
  });
  document.querySelectorAll("[data-push-off]").forEach((one) => (one.hidden = !on));
  if (!line) return;
  const { sayOn, sayOff, sayDenied, sayNever } = line.dataset;
  line.textContent = on ? sayOn : denied ? sayDenied : able ? sayOff : sayNever;
}

async function switchPush(button, act) {
  button.disabled = true;
  let state = "failed";
  try {
    state = await act();
  } catch (error) {
    console.warn(error);
  }
  button.disabled = false;
  if (state !== "failed" && byId("devices")) return location.reload();
  await showPush();
  const line = byId("push-state");
  if (state === "failed" && line) line.textContent = line.dataset.sayFailed;
}

function onPress(event) {
  const button = event.target.closest?.("[data-push-on], [data-push-off], [data-install]");
  if (!button) return;
  if (button.matches("[data-install]")) {
    prompt?.prompt();
    prompt = null;
    show("coach-install", false);
  } else if (button.matches("[data-push-on]")) switchPush(button, turnOn);
  else switchPush(button, turnOff);
}

/* --- signing out: nothing of this person stays on the phone ------------------------------------------------------- */
async function onSignOut(event) {
  const form = event.target;
  if (!form.action?.endsWith(document.body.dataset.signOut) || form.method !== "post") return;
  event.preventDefault();
  try {
    const left = await unsent();
    if (left && !window.confirm(document.body.dataset.sayUnsent.replace("%n", left))) return;
    await Promise.race([forget(), new Promise((done) => setTimeout(done, PATIENCE))]);
  } catch (error) {
    console.warn(error);
  }
  /* Whatever notices meanwhile that nobody is signed in leaves the page to this. */
  document.body.dataset.leaving = "yes";
  form.submit();
}

async function forget() {
  await turnOff().catch(() => {});
  await navigator.clearAppBadge?.().catch(() => {});
  await wipe({ outbox: true });
}

async function mind() {
  if (user()) await keepFor(user());
  else if ((await keptFor()) !== null) await wipe({ outbox: false });
}

/* --- answers that wait go out whenever there may be a network again ------------------------------------------------ */
async function sendWaiting() {
  if (!user() || !navigator.onLine || !(await unsent())) return;
  await flush({ token: document.body.dataset.token, answerTo: document.body.dataset.questions });
}

/* A notification was tapped while this window was open. */
function onWorker(event) {
  if (event.data?.type !== "open") return;
  const told = new CustomEvent("phone:open", { detail: event.data, cancelable: true });
  if (document.body.dispatchEvent(told)) openHere(event.data);
}

function openHere({ question, url }) {
  const popup = question && byId(`popup-${Number(question)}`);
  if (popup) unfold();
  if (popup) popup.querySelector(".quick .chip, input, textarea, a")?.focus();
  else location.assign(url);
}

/* Inside of the app the tab of the questions is the inbox that needs no network. */
function turnTab() {
  const tab = document.querySelector(`.bottombar a[href="${document.body.dataset.inbox}"]`);
  if (!tab || !(standalone() || byId("phone"))) return;
  tab.href = document.body.dataset.phone;
  if (byId("phone")) tab.setAttribute("aria-current", "page");
}

function wanted() {
  const here = byId("phone") || document.querySelector("[data-devices]");
  return Boolean(here) || standalone() || window.Notification?.permission === "granted";
}

/** Look after the app. */
export async function startInstall() {
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    prompt = event;
    show("coach-install", true);
  });
  document.addEventListener("click", onClose);
  document.addEventListener("click", onPress);
  document.addEventListener("submit", onSignOut, true);
  show("coach-ios", onIos() && !standalone());
  turnTab();
  if (!("serviceWorker" in navigator) || !window.indexedDB) return;
  navigator.serviceWorker.addEventListener("message", onWorker);
  try {
    await mind();
    if (user() && wanted()) await navigator.serviceWorker.register(document.body.dataset.worker, { scope: "/" });
    await showPush();
    if (user()) await refreshPush();
  } catch (error) {
    console.warn(error);
  }
  const send = () => sendWaiting().catch((error) => console.warn(error));
  addEventListener("online", send);
  document.addEventListener("visibilitychange", send);
  onOutcome(() => document.body.dispatchEvent(new CustomEvent("live:question", { detail: {} })));
  send();
}
