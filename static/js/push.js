/* Notifications of this browser: subscribing, refreshing, forgetting. A push service that does not answer keeps nobody
   waiting: each step has its time. */
import { dropRow, getRow } from "./store.js";

const PATIENCE = 15000;
const DEVICES = "/api/v1/push-devices/";

export const canPush = () => "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

function inTime(promise) {
  return Promise.race([promise, new Promise((_, no) => setTimeout(() => no(new Error("too slow")), PATIENCE))]);
}

function csrf() {
  return JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] ?? "";
}

function call(url, body) {
  const headers = { "X-CSRFToken": csrf(), Accept: "application/json", "Content-Type": "application/json" };
  const more = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  return fetch(url, { credentials: "same-origin", headers, ...more });
}

function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

/** How the person calls this device, as far as the browser tells. */
function deviceName() {
  const { userAgentData, userAgent } = navigator;
  const system = userAgentData?.platform || /(iPhone|iPad|Android|Windows|Macintosh|Linux)/.exec(userAgent)?.[1] || "";
  const brand = userAgentData?.brands?.find((one) => !/Not|Chromium/.test(one.brand))?.brand;
  const browser = brand || /(Firefox|Edg|Chrome|Safari)/.exec(userAgent)?.[1] || "";
  return [browser, system].filter(Boolean).join(" · ");
}

export async function current() {
  const registration = await navigator.serviceWorker?.getRegistration("/");
  return (await registration?.pushManager?.getSubscription()) ?? null;
}

/** Ask the person and the push service, then tell the site. Only from a tap: browsers insist. */
export async function turnOn() {
  const answer = await Notification.requestPermission();
  if (answer !== "granted") return "denied";
  const registration = await inTime(navigator.serviceWorker.ready);
  const { key } = await (await call(`${DEVICES}key/`)).json();
  if (!key) return "failed";
  const known = await registration.pushManager.getSubscription();
  const options = { userVisibleOnly: true, applicationServerKey: bytes(key) };
  const subscription = known ?? (await inTime(registration.pushManager.subscribe(options)));
  return (await told(subscription)) ? "on" : "failed";
}

async function told(subscription) {
  const { endpoint, keys } = subscription.toJSON();
  return (await call(DEVICES, { endpoint, keys, name: deviceName() })).ok;
}

/** At each visit the site learns that the subscription lives, or its new address. */
export async function refreshPush() {
  if (!canPush() || Notification.permission !== "granted") return;
  const subscription = await current();
  if (subscription) await told(subscription);
  if (await getRow("meta", "renew")) await dropRow("meta", "renew");
}

/** Notify this browser no more: it says so to the site and to the push service. */
export async function turnOff() {
  const subscription = await current();
  if (!subscription) return;
  await call(`${DEVICES}forget/`, { endpoint: subscription.endpoint });
  await subscription.unsubscribe();
}
