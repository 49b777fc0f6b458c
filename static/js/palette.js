/* The palette (Ctrl+K): one field that finds pages, disputes, customers and invoices, and what can be done about the
   dispute that is open (`data-acts`). The focus stays in the field; the arrows choose an option, Enter follows it. */
import { openDialog } from "./dialogs.js";
import { press } from "./press.js";

const MOST_ACTS = 6;

function dialog() {
  return document.getElementById("palette");
}

function options() {
  return [...dialog().querySelectorAll("[role=option]:not([aria-disabled])")];
}

function plain(words) {
  return words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** What a button says, without its key. */
function wordsOf(button) {
  const copy = button.cloneNode(true);
  copy.querySelectorAll("kbd, svg").forEach((part) => part.remove());
  return copy.textContent.trim();
}

function optionFor(button, number) {
  const option = document.createElement("button");
  Object.assign(option, { type: "button", id: `palette-act-${number}`, className: "menu-item", tabIndex: -1 });
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  option.textContent = wordsOf(button);
  option.addEventListener("click", () => {
    dialog().close();
    press(button);
  });
  return option;
}

/** The acts on what is open whose words hold those that were typed; without any, the first ones. */
function showActs() {
  const place = document.getElementById("palette-acts");
  const source = document.querySelector("[data-acts]");
  const wanted = plain(dialog().querySelector("[role=combobox]").value.trim());
  // The same act may stand in the row and in the menu: the first one counts.
  const said = new Map();
  source?.querySelectorAll("a[href], button[type=submit]").forEach((button) => {
    const words = wordsOf(button);
    if (!said.has(words) && plain(words).includes(wanted)) said.set(words, button);
  });
  const fit = [...said.values()].slice(0, MOST_ACTS);
  place.hidden = !fit.length;
  place.firstElementChild.textContent = source?.dataset.acts ?? "";
  place.replaceChildren(place.firstElementChild, ...fit.map(optionFor));
}

function choose(option) {
  options().forEach((one) => one.setAttribute("aria-selected", String(one === option)));
  const field = dialog().querySelector("[role=combobox]");
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

/** Open it, with the words of last time chosen so that typing replaces them; whether there is one on this page. */
export function openPalette() {
  if (!dialog()) return false;
  if (document.querySelector("dialog[open]")) return dialog().open;
  openDialog(dialog());
  const field = dialog().querySelector("[role=combobox]");
  field.focus();
  field.select();
  showActs();
  window.htmx.trigger(field, "palette:open");
  return true;
}

function onKey(event) {
  if (!event.target.matches?.("#palette [role=combobox]") || event.isComposing) return;
  const all = options();
  const now = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Enter") {
    event.preventDefault();
    (all[now] ?? all[0])?.click();
  } else if (by && all.length) {
    event.preventDefault();
    choose(all[(Math.max(now, by < 0 ? 0 : -1) + by + all.length) % all.length]);
  }
}

/** Listen for its keys, and choose the first option whenever new ones come. */
export function startPalette() {
  if (!dialog()) return;
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => event.target.closest("[data-palette]") && openPalette());
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "palette-list") return;
    showActs();
    choose(options()[0] ?? null);
  });
}
