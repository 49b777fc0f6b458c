/* Chart links load their table in place. htmx does not hold back the navigation of links inside an SVG; this does. */
document.addEventListener("click", (event) => {
  const link = event.target.closest("svg a[hx-get]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey) event.preventDefault();
});
