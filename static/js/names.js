/* `@` in a text field with data-names="ROOM" offers the people one can name there: a combobox over the text.

   The list is asked of the API (data-people of the room). Arrows choose, Enter or Tab takes, Escape leaves the text as
   it is. What is taken is the plain name; its key goes along in the form's data-chosen, for two people of one name. */

const WAIT = 120;
const BEFORE = /(?:^|[\s(])@([\p{L}\p{N}.'’-]*(?: [\p{L}\p{N}.'’-]*)?)$/u;

let field = null;
let list = null;
let timer = null;
let asked = 0;

function typed() {
  const match = field.value.slice(0, field.selectionStart).match(BEFORE);
  return match ? match[1] : null;
}

function close() {
  clearTimeout(timer);
  asked += 1;
  list?.remove();
  list = null;
  field?.setAttribute("aria-expanded", "false");
  field?.removeAttribute("aria-activedescendant");
}

function choose(index) {
  const options = [...list.children];
  const at = (index + options.length) % options.length;
  options.forEach((option, number) => option.setAttribute("aria-selected", String(number === at)));
  options[at].scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", options[at].id);
}

const chosen = () => [...list.children].findIndex((option) => option.getAttribute("aria-selected") === "true");

function take(option) {
  const end = field.selectionStart;
  const start = end - typed().length;
  field.setRangeText(`${option.dataset.name} `, start, end, "end");
  const keys = field.form.querySelector("[data-chosen]");
  if (keys) keys.value = `${keys.value} ${option.dataset.key}`.trim();
  close();
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function draw(people) {
  close();
  if (!people.length) return;
  list = document.createElement("ul");
  list.className = "names";
  list.id = "names";
  list.setAttribute("role", "listbox");
  people.forEach((person, number) => {
    const option = document.createElement("li");
    option.id = `name-${number}`;
    option.setAttribute("role", "option");
    Object.assign(option.dataset, { key: person.key, name: person.name });
    const name = document.createElement("strong");
    name.textContent = person.name;
    const hint = document.createElement("span");
    hint.textContent = person.hint;
    option.append(name, hint);
    list.append(option);
  });
  field.insertAdjacentElement("afterend", list);
  field.setAttribute("aria-expanded", "true");
  choose(0);
}

async function ask() {
  const text = typed();
  if (text === null) return close();
  const room = field.closest("[data-people]") ?? document.querySelector("[data-people]");
  const url = room?.dataset.people ?? `/api/v1/rooms/${Number(field.dataset.names)}/names/`;
  const mine = (asked += 1);
  const answer = await fetch(`${url}?q=${encodeURIComponent(text)}`).catch(() => null);
  if (!answer?.ok || mine !== asked) return;
  const people = await answer.json();
  if (mine === asked && document.activeElement === field) draw(people);
}

function onInput(event) {
  if (!event.target.matches?.("textarea[data-names]")) return;
  field = event.target;
  clearTimeout(timer);
  if (typed() === null) close();
  else timer = setTimeout(ask, WAIT);
}

function onKey(event) {
  if (!list || event.target !== field) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) choose(chosen() + step);
  else if (event.key === "Escape") close();
  else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") take(list.children[chosen()]);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function ready(event) {
  if (!event.target.matches?.("textarea[data-names]")) return;
  const names = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "names" };
  for (const [name, value] of Object.entries(names)) event.target.setAttribute(name, value);
}

/** Watches every such field of the page, now and later. */
export function startNames() {
  document.addEventListener("focusin", ready);
  document.addEventListener("input", onInput);
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("focusout", (event) => {
    if (event.target === field) close();
  });
  document.addEventListener("pointerdown", (event) => {
    const option = event.target.closest?.("#names [role=option]");
    if (!option) return;
    event.preventDefault();
    take(option);
  });
}
