/* The palette (Ctrl+K): one field that finds pages, disputes, customers and invoices. The focus stays in the field;
   the arrows choose an option (a link), Enter follows it. */
import { openDialog } from "./dialogs.js";

function dialog() {
  return document.getElementById("palette");
}

function options() {
  return [...dialog().querySelectorAll("a[role=option]")];
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
    if (event.target.id === "palette-list") choose(options()[0] ?? null);
  });
}
