/* The question at the corner that is over: it goes by itself, and says why. One's own answer can be changed from there. */
import { say } from "./toasts.js";

function onAnswered(event) {
  const { question, by, status } = event.detail;
  const id = Number(question);
  const popups = document.getElementById("popups");
  if (!popups?.querySelector(`#popup-${id}`)) return;
  const { sayOver, sayWithdrawn, saySent, sayChange } = popups.dataset;
  if (status === "withdrawn") say(sayWithdrawn);
  if (status !== "answered" || !by) return;
  const now = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short" }).format(new Date());
  if (by.id === Number(document.body.dataset.user)) {
    say(saySent, "", { href: `/questions/${id}/change/`, words: sayChange });
  } else say(`${sayOver.replace("%s", by.name)} ${now}`);
}

/** Look after the questions at the corner. */
export function startPopups() {
  document.body.addEventListener("live:answered", onAnswered);
}
