/* The page of cash application: what is left while amounts are typed, and the question of a dispute when it is asked. */

function cents(text) {
  const number = Number(String(text).replace(",", "."));
  return Number.isFinite(number) ? Math.round(number * 100) : 0;
}

function count(form) {
  const inputs = [...form.querySelectorAll("input[type=number]")];
  const left = cents(form.dataset.cashHand) - inputs.reduce((sum, input) => sum + cents(input.value), 0);
  const shown = form.querySelector("[data-cash-left]");
  if (!shown) return;
  const format = new Intl.NumberFormat(document.documentElement.lang, { minimumFractionDigits: 2 });
  shown.value = format.format(left / 100);
  shown.classList.toggle("is-over", left < 0);
  form.querySelector("[data-cash-over]").hidden = left >= 0;
  form.querySelector("[data-cash-book]").disabled = left < 0;
}

function fill(button) {
  const form = button.form;
  const input = form.querySelector(`#${button.dataset.cashFill}`);
  const others = [...form.querySelectorAll("input[type=number]")].filter((one) => one !== input);
  const left = cents(form.dataset.cashHand) - others.reduce((sum, one) => sum + cents(one.value), 0);
  input.value = (Math.max(0, Math.min(left, cents(button.value))) / 100).toFixed(2);
  input.focus();
  count(form);
}

function onInput(event) {
  const form = event.target.closest?.("[data-cash-hand]");
  if (form) count(form);
  if (event.target.name === "rest" && event.target.type === "radio") {
    const part = event.target.form.querySelector("[data-when-rest]");
    if (part) part.hidden = part.dataset.whenRest !== event.target.value;
  }
}

/* Enter accepts: with a mouse beside the keyboard the button has the focus. A phone stays at the top. */
function ready() {
  if (matchMedia("(pointer: fine)").matches) document.querySelector("[data-cash-first]")?.focus({ preventScroll: true });
}

ready();
document.addEventListener("input", onInput);
document.addEventListener("change", onInput);
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-cash-fill]");
  if (button) fill(button);
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "cash") ready();
  const form = event.target.querySelector?.("[data-cash-hand]");
  if (form) count(form);
});
