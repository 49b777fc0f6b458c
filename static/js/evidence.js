/* Evidence: files that are dropped, pasted, photographed or chosen go up by themselves, each with its own line.
   One that fails says why and can be tried again; the others go on. Around a `form[data-evidence]`. */

const AT_ONCE = 2;
const waiting = [];
let underWay = 0;

function element(tag, className, words = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = words;
  return made;
}

function button(words, act) {
  const made = element("button", "btn btn-quiet btn-small", words);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

function lineOf(form, file) {
  const line = element("li", "upload");
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  line.append(element("span", "upload-name", file.name), bar, element("span", "upload-words small"));
  const list = form.querySelector(".uploads");
  list.hidden = false;
  list.append(line);
  return line;
}

function drop(form, line) {
  line.remove();
  const list = form.querySelector(".uploads");
  list.hidden = !list.children.length;
}

function say(job, words, good) {
  const { form, line } = job;
  line.classList.add(good ? "is-ok" : "is-bad");
  line.querySelector("progress")?.remove();
  line.querySelector(".upload-words").textContent = words;
  if (good) setTimeout(() => drop(form, line), 6000);
  else {
    if (job.again) line.append(button(form.dataset.again, () => retry(job)));
    line.append(button(form.dataset.hide, () => drop(form, line)));
  }
}

function retry(job) {
  drop(job.form, job.line);
  add(job.form, [job.file]);
}

function refresh(form) {
  const card = document.getElementById(form.id)?.closest("[hx-get]");
  if (card) document.body.dispatchEvent(new CustomEvent(`live:dispute-${form.dataset.evidence}`));
  else if (!underWay && !waiting.length) location.reload();
}

function finish(job, request) {
  let told = null;
  try {
    told = JSON.parse(request.responseText);
  } catch {
    /* Not ours: a proxy, or no answer at all. */
  }
  const one = told?.files?.[0];
  const good = Boolean(one?.ok);
  job.again = !one && !told?.error;
  say(job, one?.words ?? told?.error ?? job.form.dataset.failed, good);
  underWay -= 1;
  if (good) refresh(job.form);
  next();
}

function send(job) {
  const request = new XMLHttpRequest();
  const body = new FormData();
  const side = job.form.elements.side;
  if (side) body.append("side", side.value);
  body.append("file", job.file, job.file.name);
  request.open("POST", job.form.action);
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("X-CSRFToken", job.form.elements.csrfmiddlewaretoken.value);
  request.upload.addEventListener("progress", (event) => {
    const bar = job.line.querySelector("progress");
    if (bar && event.lengthComputable) bar.value = event.loaded / event.total;
  });
  request.addEventListener("loadend", () => finish(job, request));
  request.send(body);
}

function next() {
  while (underWay < AT_ONCE && waiting.length) {
    underWay += 1;
    send(waiting.shift());
  }
}

function add(form, files) {
  for (const file of files) {
    const job = { form, file, line: lineOf(form, file), again: false };
    if (file.size > Number(form.dataset.most)) say(job, form.dataset.tooLarge, false);
    else waiting.push(job);
  }
  next();
}

function onChange(event) {
  const form = event.target.closest?.("form[data-evidence]");
  if (!form || event.target.type !== "file") return;
  const files = [...event.target.files];
  event.target.value = "";
  add(form, files);
}

function onPaste(event) {
  const files = [...(event.clipboardData?.files ?? [])];
  const form = document.querySelector("form[data-evidence]");
  if (!files.length || !form || event.defaultPrevented) return;
  event.preventDefault();
  add(form, files);
  form.scrollIntoView({ block: "nearest" });
}

/* Where fingers point there is a camera: it comes first. */
function prepare() {
  const touch = matchMedia("(pointer: coarse)").matches;
  document.querySelectorAll("form[data-evidence]").forEach((form) => {
    form.classList.add("is-live");
    form.querySelector(".evidence-camera").hidden = !touch;
  });
}

/** Watches the page, now and later. */
export function startEvidence() {
  prepare();
  document.addEventListener("change", onChange);
  document.addEventListener("paste", onPaste);
  document.body.addEventListener("htmx:afterSettle", prepare);
  /* A file without a preview keeps its icon. */
  document.addEventListener("error", (event) => event.target.matches?.("img[data-thumb]") && event.target.remove(), true);
}
