/* A double click on a button is harmless: while a form is on its way, its buttons are off. */

const busy = new WeakSet();
const acting = new Set();

function buttons(form) {
  return [...form.elements].filter((element) => element.type === "submit");
}

function hold(form, chosen) {
  busy.add(form);
  chosen?.classList.add("is-busy");
  /* After the event, so that the button's own name and value are still sent. */
  setTimeout(() => busy.has(form) && buttons(form).forEach((button) => (button.disabled = true)), 0);
  /* A download leaves the page where it is, and says nothing when it has come. */
  if (form.matches("[data-download]")) setTimeout(() => release(form), 4000);
  /* So does an answer that opens in a frame or another window. */
  const target = chosen?.formTarget || form.target;
  if (target && target !== "_self") setTimeout(() => release(form), 1000);
}

function release(form) {
  if (!busy.delete(form)) return;
  buttons(form).forEach((button) => {
    button.disabled = false;
    button.classList.remove("is-busy");
  });
}

/* While an act of a card is on its way the card does not fetch itself: the answer brings it, and htmx must find the
   form that asked still on the page. */
function onRequest(event) {
  const { elt, requestConfig, xhr } = event.detail;
  const card = elt.closest?.(".case");
  if (!card) return;
  if (requestConfig.verb !== "get") {
    acting.add(card.id);
    xhr.addEventListener("loadend", () => acting.delete(card.id));
  } else if (elt === card && acting.has(card.id)) event.preventDefault();
}

/** Watches every form of the page, now and later. */
export function startOnce() {
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (busy.has(form)) {
        event.preventDefault();
        event.stopImmediatePropagation();
      } else if (form.method === "post" || form.matches("[hx-post]")) hold(form, event.submitter);
    },
    true,
  );
  /* Somebody said no (a script, a failed check): the form stays and must work again. */
  document.addEventListener("submit", (event) => {
    const byHtmx = event.target.matches("[hx-post], [hx-put], [hx-delete]");
    if (event.defaultPrevented && !byHtmx) release(event.target);
  });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("form");
    if (form) release(form);
  });
  document.body.addEventListener("htmx:beforeRequest", onRequest);
  document.body.addEventListener("htmx:validation:halted", (event) => release(event.target));
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form").forEach(release);
  });
}
