/* One card of the phone's inbox, built from what is kept of it: no server is asked. */
import { showSpoken } from "./spoken.js";

const DECIMAL = new Set(["amount", "number"]);

export const part = (card, name) => card.querySelector(`[data-${name}]`);

function put(card, name, words) {
  const place = part(card, name);
  place.textContent = words;
  place.hidden = !words;
}

function item(words) {
  const line = document.createElement("li");
  line.textContent = words;
  return line;
}

function message({ author, body }) {
  const line = document.createElement("li");
  const who = document.createElement("strong");
  who.textContent = author;
  const said = document.createElement("span");
  said.textContent = body;
  line.append(who, said);
  return line;
}

/* A photo that cannot be had without a network leaves no hole. */
function photo({ name, url, page }) {
  const link = document.createElement("a");
  link.href = page;
  const picture = document.createElement("img");
  Object.assign(picture, { src: url, alt: name, loading: "lazy" });
  picture.addEventListener("error", () => link.remove());
  link.append(picture);
  return link;
}

function quick(option) {
  const chip = document.createElement("button");
  Object.assign(chip, { type: "submit", className: "chip", value: option.value, textContent: option.label });
  chip.name = "value";
  return chip;
}

function field(one) {
  const made = document.createElement("input");
  made.name = one.kind === "document" ? "file" : "value";
  made.type = { date: "date", document: "file" }[one.kind] ?? "text";
  made.required = true;
  made.autocomplete = "off";
  made.maxLength = one.kind === "text" ? 1000 : 60;
  if (DECIMAL.has(one.kind)) made.inputMode = "decimal";
  made.setAttribute("aria-label", one.text);
  return made;
}

function unit(words) {
  const made = document.createElement("span");
  made.className = "unit";
  made.textContent = words;
  return made;
}

function fillForm(card, one) {
  const chips = part(card, "quick");
  chips.replaceChildren(...one.options.map(quick));
  chips.hidden = !one.options.length;
  part(card, "typed").hidden = Boolean(one.options.length);
  part(card, "note").hidden = !one.options.length && one.kind !== "document";
  if (one.options.length) return;
  part(card, "field").replaceChildren(field(one), ...(one.kind === "amount" ? [unit(one.currency)] : []));
  if (one.kind !== "text") part(card, "dictate").remove();
}

/** A card as it stands when nothing was answered yet. */
export function build(one, say) {
  const card = document.getElementById("card-blank").content.firstElementChild.cloneNode(true);
  card.id = `question-${one.id}`;
  card.dataset.question = one.id;
  const customer = part(card, "customer");
  customer.textContent = one.customer;
  customer.href = one.url;
  part(card, "forward").href = one.forward_url;
  put(card, "about", one.about);
  put(card, "amount", one.amount);
  put(card, "said", one.said ? `“${one.said}”` : "");
  put(card, "text", one.text);
  put(card, "asked", one.asked_by ? say.sayAsked.replace("%s", one.asked_by) : "");
  part(card, "messages").replaceChildren(...one.messages.map(message));
  part(card, "messages").hidden = !one.messages.length;
  part(card, "excerpt").replaceChildren(...one.excerpt.map(item));
  part(card, "photos").replaceChildren(...one.photos.map(photo));
  part(card, "more").hidden = !one.excerpt.length && !one.photos.length;
  fillForm(card, one);
  showSpoken(card);
  return card;
}

/** The time left, in the reader's words; it goes on without a network. */
export function showDue(card, dueAt, { lang, sayLate }) {
  const badge = part(card, "due");
  badge.hidden = !dueAt;
  if (!dueAt) return;
  const minutes = Math.round((new Date(dueAt) - Date.now()) / 60000);
  const [size, name] = Math.abs(minutes) < 90 ? [1, "minute"] : Math.abs(minutes) < 2880 ? [60, "hour"] : [1440, "day"];
  const words = new Intl.RelativeTimeFormat(lang, { style: "short" }).format(Math.round(minutes / size), name);
  badge.textContent = minutes < 0 ? `${sayLate} · ${words}` : words;
  badge.className = `badge ${minutes < 0 ? "badge-bad" : minutes < 120 ? "badge-warn" : "badge-mute"}`;
}

/** What became of the answer: words, their tone, and which buttons go with it. */
export function showState(card, words, tone = "", buttons = []) {
  const state = part(card, "state");
  const place = part(state, "words");
  if (place.textContent !== words) place.textContent = words;
  state.hidden = !words;
  state.dataset.tone = tone;
  for (const name of ["undo", "again", "drop", "anyway"]) part(state, name).hidden = !buttons.includes(name);
}

/** While an answer is on its way the form rests, with the chosen answer marked. */
export function rest(card, row) {
  const resting = Boolean(row);
  for (const element of part(card, "answer").elements) element.disabled = resting;
  for (const chip of part(card, "quick").children) {
    if (row && row.value === chip.value) chip.setAttribute("aria-pressed", "true");
    else chip.removeAttribute("aria-pressed");
  }
  part(card, "aside").hidden = resting;
}
