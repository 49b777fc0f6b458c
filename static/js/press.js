/* A press by script. What has just been put in is not yet wired by htmx (it waits a moment to settle), and would act
   like a page without scripts; so the press waits for it. */
const SETTLES = 20;

/** Click the element, as soon as htmx knows it. */
export function press(element) {
  if (element.closest(".htmx-added")) setTimeout(() => element.isConnected && press(element), SETTLES);
  else element.click();
}
