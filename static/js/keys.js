/* The keyboard. Bare letters only outside of fields, and only while the person's setting allows them (WCAG 2.1.4).
   Pages mark their parts: rows are `.row` or `tr` with a link `.row-link`; `data-key="q"` is clicked by that letter. */
import { writeTo } from "./guests.js";
import { escapeMenus, openDialog } from "./dialogs.js";
import { openPalette } from "./palette.js";
import { fold, unfold } from "./popups.js";
import { press } from "./press.js";
import { say } from "./toasts.js";

const GO_WAIT = 1200;
let going = 0;
let starring = 0;

function inField(target) {
  return target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
}

function rows() {
  return [...document.querySelectorAll("main .row-link")].filter((link) => link.offsetParent !== null);
}

function step(by) {
  const links = rows();
  if (!links.length) return false;
  const row = document.activeElement.closest?.(".row, tr") ?? document.querySelector("main .row[aria-current]");
  const now = links.indexOf(row?.querySelector(".row-link"));
  const next = now < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(now + by, 0), links.length - 1);
  links[next].focus();
  links[next].scrollIntoView({ block: "nearest" });
  return true;
}

/** Open the next row (or the one before) with something unread in it. */
function unread(by) {
  const links = rows();
  const row = document.querySelector("main .row[aria-current]") ?? chosenRow();
  const now = links.indexOf([...(row?.querySelectorAll(".row-link") ?? [])].find((link) => links.includes(link)));
  const behind = by > 0 ? links.slice(now + 1) : links.slice(0, Math.max(now, 0)).reverse();
  const link = behind.find((one) => one.closest(".is-unread"));
  link?.focus();
  link?.click();
  return Boolean(link);
}

function chosenRow() {
  return document.activeElement.closest?.(".row, tr");
}

/* What stands in a closed menu can be pressed by its letter too. */
function pressable(element) {
  const menu = element.closest("details[data-menu]:not([open])");
  return (menu && !element.matches("summary") ? menu : element).offsetParent !== null;
}

function click(selector, root = document) {
  const element = [...root.querySelectorAll(selector)].find(pressable);
  if (element) press(element);
  return Boolean(element);
}

function focus(selector) {
  const element = [...document.querySelectorAll(selector)].find((one) => one.offsetParent !== null);
  element?.focus();
  return Boolean(element);
}

/** Choose the row, then go one further and choose that too. */
function extend(by) {
  const box = chosenRow()?.querySelector("input[type=checkbox]");
  if (box && !box.checked) box.click();
  step(by);
  const next = chosenRow()?.querySelector("input[type=checkbox]");
  if (next && !next.checked) next.click();
  return true;
}

function chooseAll(on) {
  const boxes = [...document.querySelectorAll("main .row input[type=checkbox]")].filter((box) => box.checked !== on);
  boxes.forEach((box) => box.click());
  return true;
}

/* Resolve: `e` stays, `E` goes on to the next. */
function resolve(then) {
  const opener = document.querySelector("[data-key='e']");
  if (!opener) return false;
  if (then) opener.dataset.then = then;
  else delete opener.dataset.then;
  return click("[data-key='e']");
}

/** Quick answers: those of the pop-up first, then of the card that has the focus, then the only card of the page. */
function answer(number, focused) {
  const cards = [...document.querySelectorAll("main .qcard:not(.is-answered)")];
  const card =
    document.querySelector("#popups .popup:focus-within") ??
    document.activeElement.closest?.(".qcard") ??
    (cards.length === 1 && !focused ? cards[0] : null);
  const chip = card?.querySelectorAll(".quick .chip, .quick .btn")[number - 1];
  if (chip) press(chip);
  return Boolean(chip);
}

async function copyLink() {
  await navigator.clipboard?.writeText(location.href);
  say(document.body.dataset.sayCopied);
}

const LETTERS = {
  j: () => step(1),
  k: () => step(-1),
  o: () => click(".row-link", chosenRow() ?? document.createElement("i")),
  x: () => click("input[type=checkbox]", chosenRow() ?? document.createElement("i")),
  u: () => click("[data-back]"),
  r: () => writeTo("guests") || focus("[data-composer] textarea"),
  n: () => writeTo("team") || focus("[data-composer] textarea"),
  J: () => extend(1),
  K: () => extend(-1),
  "[": () => unread(-1),
  "]": () => unread(1),
  E: () => resolve("next"),
  "/": () => focus("main input[type=search]") || focus("#search"),
  "?": () => openDialog(document.getElementById("keys-dialog")) ?? true,
  ".": () => Boolean(copyLink()),
};

function onLetter(key) {
  if (Date.now() - starring < GO_WAIT && (key === "a" || key === "n")) {
    starring = 0;
    return chooseAll(key === "a");
  }
  if (Date.now() - going < GO_WAIT) {
    going = 0;
    return click(`[data-go="${CSS.escape(key)}"]`) || go(key);
  }
  if (key === "g") {
    going = Date.now();
    return true;
  }
  if (key === "*") {
    starring = Date.now();
    return true;
  }
  if (/^[1-9]$/.test(key)) {
    return answer(Number(key), true) || click(`[data-key="${key}"]`) || answer(Number(key), false);
  }
  if (document.querySelector("main .row input:checked") && click(`[data-bulk="${CSS.escape(key)}"]`)) return true;
  if (key === "e") return resolve("");
  return click(`[data-key="${CSS.escape(key)}"]`) || (LETTERS[key]?.() ?? false);
}

/* The rail is hidden on narrow windows; its addresses still hold. */
function go(key) {
  const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
  if (link) location.assign(link.href);
  return Boolean(link);
}

function onEscape(event) {
  if (document.querySelector("dialog[open]")) return;
  if (escapeMenus()) return;
  const popup = event.target.closest?.("#popups");
  if (popup) (fold() ?? document.getElementById("main"))?.focus();
  else if (inField(event.target)) event.target.blur();
}

function onKey(event) {
  if (event.defaultPrevented || event.isComposing) return;
  if (event.key === "Escape") onEscape(event);
  if (event.altKey && !event.ctrlKey && !event.metaKey && event.code === "KeyQ") {
    event.preventDefault();
    unfold();
    focus("#popups .quick :is(.chip, .btn, button)") || focus("#popups .qcard :is(input, textarea, button, a)");
    return;
  }
  const on = document.body.dataset.shortcuts === "on";
  if (on && (event.ctrlKey || event.metaKey) && !event.altKey && event.key === "k") {
    if (openPalette()) event.preventDefault();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || !on) return;
  if (inField(event.target) || document.querySelector("dialog[open]")) return;
  if (onLetter(event.key)) event.preventDefault();
}

/** Listen to the keyboard. */
export function startKeys() {
  document.addEventListener("keydown", onKey);
}
