/* The call screen: how long a call took, from dialling to the outcome. */
let since = 0;

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-dial]")) since = Date.now();
});

document.addEventListener("submit", (event) => {
  const field = event.target.querySelector?.("[data-seconds]");
  if (field && since) field.value = String(Math.round((Date.now() - since) / 1000));
});
