/* Rows of tabs that are wider than the window start with the chosen tab in sight. */

function reveal() {
  document.querySelectorAll(".tabs [aria-current]").forEach((tab) => {
    const row = tab.closest(".tabs");
    row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
  });
}

/** Now and after every swap. */
export function startTabs() {
  reveal();
  document.body.addEventListener("htmx:afterSettle", reveal);
}
