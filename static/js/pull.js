/* Pull down at the top of the page to load again: by touch; a button does the same. */

const FAR = 80;

/** `mark` shows how far; `act` is awaited. */
export function pullToRefresh(mark, act) {
  let from = null;
  addEventListener("touchstart", (event) => {
    from = scrollY <= 0 && event.touches.length === 1 ? event.touches[0].clientY : null;
  }, { passive: true });
  addEventListener("touchmove", (event) => {
    if (from === null) return;
    const far = event.touches[0].clientY - from;
    mark.hidden = far < FAR / 3 || scrollY > 0;
    mark.classList.toggle("is-ready", far >= FAR);
  }, { passive: true });
  addEventListener("touchend", async () => {
    const ready = from !== null && !mark.hidden && mark.classList.contains("is-ready");
    from = null;
    if (ready) await act();
    mark.hidden = true;
    mark.classList.remove("is-ready");
  }, { passive: true });
}
