/* The question at the corner. One that is over goes by itself and says why; one's own answer can be changed from there.
   Where one writes it neither covers the composer nor takes the focus: it lies folded above it until it is pressed. */
import { say } from "./toasts.js";

/* Less room than this above the composer is no place for a question. */
const LEAST = 120;
let waiting = 0;

function box() {
  return document.getElementById("popups");
}

function onAnswered(event) {
  const { question, by, status } = event.detail;
  const id = Number(question);
  const popups = box();
  if (!popups?.querySelector(`#popup-${id}`)) return;
  const { sayOver, sayWithdrawn, saySent, sayChange } = popups.dataset;
  if (status === "withdrawn") say(sayWithdrawn);
  if (status !== "answered" || !by) return;
  const now = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short" }).format(new Date());
  if (by.id === Number(document.body.dataset.user)) {
    say(saySent, "", { href: `/questions/${id}/change/`, words: sayChange });
  } else say(`${sayOver.replace("%s", by.name)} ${now}`);
}

function composer() {
  return [...document.querySelectorAll("main [data-composer]")].find((form) => form.offsetParent !== null);
}

/* The foot of the window is the composer's upper edge, or the phone's bar while the composer is further down. */
function place(popups, form) {
  const { top, left, width } = form.getBoundingClientRect();
  const bar = document.querySelector(".bottombar")?.offsetHeight ?? 0;
  const end = top < LEAST ? bar : Math.max(bar, window.innerHeight - top);
  for (const [name, value] of Object.entries({ end, start: left, width })) {
    popups.style.setProperty(`--dock-${name}`, `${Math.round(value)}px`);
  }
}

function dock() {
  waiting = 0;
  const popups = box();
  if (!popups) return;
  const popup = popups.querySelector(".popup");
  const form = popup ? composer() : null;
  /* Another question than the one that was unfolded comes folded; one that has the focus stays open. */
  if (popups.dataset.unfolded !== popup?.id) delete popups.dataset.unfolded;
  if (form && !popups.classList.contains("is-docked") && popup.matches(":focus-within")) {
    popups.dataset.unfolded = popup.id;
  }
  popups.classList.toggle("is-docked", Boolean(form));
  popups.classList.toggle("is-unfolded", Boolean(form && popups.dataset.unfolded));
  popup?.querySelector("[data-unfold]").setAttribute("aria-expanded", String(Boolean(popups.dataset.unfolded)));
  if (form) place(popups, form);
}

function soon() {
  if (!waiting && box()?.querySelector(".popup")) waiting = requestAnimationFrame(dock);
}

/** Show the whole of the question that lies folded above the composer. */
export function unfold() {
  const popups = box();
  const popup = popups?.querySelector(".popup");
  if (!popup) return;
  popups.dataset.unfolded = popup.id;
  dock();
}

/** Fold it again; its bar, or nothing when it was not open. */
export function fold() {
  const popups = box();
  if (!popups?.matches(".is-unfolded")) return null;
  delete popups.dataset.unfolded;
  dock();
  return popups.querySelector("[data-unfold]");
}

function onClick(event) {
  if (!event.target.closest("[data-unfold]")) soon();
  else if (!fold()) unfold();
}

/** Look after the questions at the corner. */
export function startPopups() {
  document.body.addEventListener("live:answered", onAnswered);
  document.addEventListener("click", onClick);
  /* At once, before it is painted: a question that comes while one writes is never seen over the words. */
  for (const name of ["htmx:afterSwap", "htmx:afterSettle"]) document.body.addEventListener(name, dock);
  document.addEventListener("scroll", soon, { capture: true, passive: true });
  window.addEventListener("resize", soon);
  const sizes = new ResizeObserver(soon);
  document.body.addEventListener("htmx:afterSettle", () => {
    const form = composer();
    if (form) sizes.observe(form);
  });
  const form = composer();
  if (form) sizes.observe(form);
}
