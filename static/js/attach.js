/* Files that go with a message: chosen, photographed, pasted into the text or dropped on the conversation. They wait as
   chips in the composer, may be taken out again, and go up with the words; a bar says how far they are. */
import { say } from "./toasts.js";

const inputOf = (form) => form.querySelector("[data-files]");
const formIn = (element) => element?.closest?.("[data-room]")?.querySelector("[data-composer]:has([data-files])");

function set(form, files) {
  const chosen = new DataTransfer();
  files.forEach((file) => chosen.items.add(file));
  inputOf(form).files = chosen.files;
  draw(form);
}

/* What was chosen before stays: an input alone would forget it. */
const kept = new WeakMap();

function add(form, files) {
  const small = files.filter((file) => file.size <= Number(form.dataset.most));
  if (small.length < files.length) say(form.dataset.tooLarge, "bad");
  const known = kept.get(form) ?? [];
  const isKnown = (file) => known.some((one) => one.name === file.name && one.size === file.size);
  set(form, [...known, ...small.filter((file) => !isKnown(file))]);
}

function chip(form, file, number) {
  const item = document.createElement("li");
  item.className = "chip";
  const name = document.createElement("span");
  name.textContent = file.name;
  const remove = document.createElement("button");
  remove.type = "button";
  remove.textContent = "×";
  remove.setAttribute("aria-label", `${form.dataset.remove}: ${file.name}`);
  remove.addEventListener("click", () => {
    set(form, kept.get(form).filter((_, other) => other !== number));
    form.querySelector("textarea").focus();
  });
  item.append(name, remove);
  return item;
}

function draw(form) {
  const files = [...inputOf(form).files];
  kept.set(form, files);
  const list = form.querySelector("[data-attached]");
  list.replaceChildren(...files.map((file, number) => chip(form, file, number)));
  list.hidden = !files.length;
  form.querySelector("textarea").required = !files.length;
}

/** The message was taken: nothing waits any more. */
export function noFiles(form) {
  if (!inputOf(form)) return;
  set(form, []);
  progress(form, 0);
}

function progress(form, share) {
  const bar = form.querySelector("[data-progress]");
  bar.value = share;
  bar.hidden = share === 0 || share === 1;
}

function onChange(event) {
  /* The evidence of a dispute has a camera of its own. */
  const form = event.target.closest?.("[data-composer]");
  if (!form || !event.target.matches("[data-files], [data-camera]")) return;
  add(form, [...event.target.files]);
  if (event.target.matches("[data-camera]")) event.target.value = "";
}

function onPaste(event) {
  const form = event.target.closest?.("[data-composer]:has([data-files])");
  const files = [...(event.clipboardData?.files ?? [])];
  if (!form || !files.length) return;
  event.preventDefault();
  add(form, files);
}

function onDrag(event) {
  const form = formIn(event.target);
  document.querySelectorAll(".room.is-over").forEach((room) => room.classList.remove("is-over"));
  if (!form || !event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  form.closest(".room").classList.toggle("is-over", event.type === "dragover");
  if (event.type === "drop") add(form, [...event.dataTransfer.files]);
}

/** Watches every composer of the page, now and later. */
export function startAttach() {
  document.addEventListener("change", onChange);
  document.addEventListener("paste", onPaste);
  ["dragover", "dragleave", "drop"].forEach((name) => document.addEventListener(name, onDrag));
  document.body.addEventListener("htmx:xhr:progress", (event) => {
    const form = event.target.closest?.("[data-composer]:has([data-files])");
    if (form && inputOf(form).files.length && event.detail.total) progress(form, event.detail.loaded / event.detail.total);
  });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("[data-composer]:has([data-files])");
    if (form) progress(form, 0);
  });
}
