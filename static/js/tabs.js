/* Rows of tabs or steps that are wider than their place start with the chosen one in sight. */

function reveal() {
  document.querySelectorAll(".tabs [aria-current], .stepper [aria-current]").forEach((tab) => {
    const row = tab.closest(".tabs, .stepper");
    row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
  });
}

/** Now and after every swap. */
export function startTabs() {
  reveal();
  document.body.addEventListener("htmx:afterSettle", reveal);
}
