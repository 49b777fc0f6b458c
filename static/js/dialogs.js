/* Dialogs, sheets and menus. `data-open="ID"` opens a dialog, `data-close` closes the one around it.
   A fragment swapped into a dialog (or one that brings its own, marked `data-autoopen`) opens it. */

let opener = null;
const FIRST_FIELD = ".dialog-body :is(input:not([type=hidden], [type=file]), select, textarea):not(:disabled)";

/** Open the dialog and remember who asked, so that the focus can go back. */
export function openDialog(dialog) {
  if (dialog.open) return;
  // A sheet that takes the place of another is still the first one's opener's.
  if (document.activeElement !== document.body || !opener?.isConnected) opener = document.activeElement;
  dialog.showModal();
  // With a mouse the first field is at hand; on touch its keyboard would cover the sheet.
  if (matchMedia("(pointer: fine)").matches) dialog.querySelector(FIRST_FIELD)?.focus();
}

/** The focus goes back to who asked; to its twin when the card was drawn again; to the page when both are gone. */
function giveBack() {
  if (!opener) return;
  const asked = opener.getAttribute("href");
  const twin = () => asked && [...document.querySelectorAll("main a")].find((one) => one.getAttribute("href") === asked);
  const back = opener.isConnected ? opener : (twin() || document.getElementById("main"));
  (back?.closest("details:not([open])")?.querySelector("summary") ?? back)?.focus({ preventScroll: true });
  opener = null;
}

function closeMenus(except = null) {
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    if (menu !== except) menu.open = false;
  });
}

/** Close the open menu, if there is one; whether there was. */
export function escapeMenus() {
  const menu = document.querySelector("details[data-menu][open]");
  if (!menu) return false;
  menu.open = false;
  menu.querySelector("summary").focus();
  return true;
}

function onClick(event) {
  const open = event.target.closest("[data-open]");
  if (open) openDialog(document.getElementById(open.dataset.open));
  if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
  if (event.target.matches("dialog") && event.target.open) event.target.close();
  const dismissed = event.target.closest("[data-dismiss]");
  if (dismissed) {
    dismissed.closest(".popup, .strip, .notice")?.remove();
    document.getElementById("main")?.focus({ preventScroll: true });
  }
  closeMenus(event.target.closest("details[data-menu]"));
}

/** Watches the page, now and later. */
export function startDialogs() {
  document.addEventListener("click", onClick);
  document.addEventListener(
    "close",
    (event) => {
      if (event.target.matches("dialog")) giveBack();
    },
    true,
  );
  document.body.addEventListener("htmx:afterSettle", (event) => {
    const dialog = event.target.matches("dialog[data-autoopen]")
      ? event.target
      : event.target.querySelector?.("dialog[data-autoopen]");
    if (dialog) openDialog(dialog);
    event.target.querySelector?.(".error-box")?.focus();
    if (document.activeElement === document.body && !document.querySelector("dialog[open]")) giveBack();
  });
}
