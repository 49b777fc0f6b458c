/* The thin line at the top while something is on its way (the style sheet waits 150 ms before showing it). */

/** Counts htmx requests in flight. */
export function startProgress() {
  const line = document.getElementById("progress");
  let open = 0;
  const set = (change) => {
    open = Math.max(0, open + change);
    line?.classList.toggle("is-on", open > 0);
  };
  document.body.addEventListener("htmx:beforeRequest", () => set(1));
  document.body.addEventListener("htmx:afterRequest", () => set(-1));
}
