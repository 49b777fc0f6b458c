/* A file field one can drop files on: `.dropzone` around an <input type="file">. */

function inputOf(event) {
  return event.target.closest?.(".dropzone")?.querySelector("input[type=file]");
}

function onDrag(event) {
  const zone = inputOf(event)?.closest(".dropzone");
  if (!zone) return;
  event.preventDefault();
  zone.classList.toggle("is-over", event.type === "dragover");
}

function onDrop(event) {
  const input = inputOf(event);
  if (!input || !event.dataTransfer.files.length) return;
  onDrag(event);
  const chosen = new DataTransfer();
  const files = input.multiple ? [...event.dataTransfer.files] : [event.dataTransfer.files[0]];
  files.forEach((file) => chosen.items.add(file));
  input.files = chosen.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Watches the page, now and later. */
export function startFiles() {
  document.addEventListener("dragover", onDrag);
  document.addEventListener("dragleave", onDrag);
  document.addEventListener("drop", onDrop);
}
