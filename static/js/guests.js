/* Guests in a conversation: the composer says who will read, and what was taken back vanishes at once. */
const roomOf = (id) => document.querySelector(`[data-room="${Number(id)}"]`);

/** Show the names of those who will read, and say it in the field. */
function show(form) {
  const chosen = form.querySelector("[name=to]:checked");
  if (!chosen) return;
  form.querySelectorAll("[data-names-of]").forEach((line) => {
    const all = chosen.value === "partner" && line.dataset.side === "partner";
    line.hidden = !all && line.dataset.namesOf !== chosen.value;
  });
  form.querySelector("textarea").placeholder = chosen.dataset.hint;
}

const showAll = () => document.querySelectorAll(".composer").forEach(show);

/** `n` and `r`: write a note to the team, or to the customer (else to the first partner). */
export function writeTo(side) {
  const form = document.querySelector(".composer");
  const wanted = side === "team" ? ["team"] : ["customer", "partner"];
  const choice = wanted.map((name) => form?.querySelector(`[data-to="${name}"]`)).find(Boolean);
  if (!form || (!choice && side !== "team")) return false;
  if (choice) {
    choice.checked = true;
    show(form);
  }
  form.querySelector("textarea").focus();
  return true;
}

function onHidden(event) {
  const room = roomOf(event.detail.room);
  for (const seq of event.detail.seqs) {
    room?.querySelector(`.msg[data-seq="${Number(seq)}"]`)?.remove();
  }
}

/** A message is for the team again once it was sent to somebody else: nobody writes to a guest by habit. */
function onSent(event) {
  const form = event.target.closest?.(".composer");
  const team = form?.querySelector('[data-to="team"]');
  if (!team || event.target !== form || event.detail.xhr.status >= 300 || event.detail.xhr.status === 0) return;
  team.checked = true;
  show(form);
}

/** Watches the page, now and later. */
export function startGuests() {
  showAll();
  document.body.addEventListener("htmx:afterSettle", showAll);
  document.body.addEventListener("htmx:afterRequest", onSent);
  document.body.addEventListener("live:hidden", onHidden);
  document.addEventListener("change", (event) => {
    if (event.target.matches(".composer [name=to]")) show(event.target.form);
  });
}
