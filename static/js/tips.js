/* Small labels over chart parts: an element with `data-tip` shows its words on hover and focus. Extra, never the only source. */

let tip = null;

function show(target) {
  hide();
  tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("aria-hidden", "true");
  tip.textContent = target.dataset.tip;
  document.body.append(tip);
  const box = target.getBoundingClientRect();
  const own = tip.getBoundingClientRect();
  const left = Math.min(Math.max(8, box.left + box.width / 2 - own.width / 2), innerWidth - own.width - 8);
  const above = box.top - own.height - 6;
  tip.style.left = `${left}px`;
  tip.style.top = `${above < 8 ? box.bottom + 6 : above}px`;
}

function hide() {
  tip?.remove();
  tip = null;
}

/** Watches the page, now and later. */
export function startTips() {
  for (const [enter, leave] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
    document.addEventListener(enter, (event) => {
      const target = event.target.closest?.("[data-tip]");
      if (target) show(target);
    });
    document.addEventListener(leave, hide);
  }
  addEventListener("scroll", hide, { passive: true, capture: true });
}
