// Control and Enter, or Command and Enter, press a button from wherever one is in its form, or from nothing in particular.
// On a link or another control they keep their own meaning. What is held down or follows upon the page before presses
// nothing: in a run of reviews it would sign for a pupil nobody has looked at.
const LOOK = 1000;

export function initKeys(button) {
  const form = button.form;
  const shown = Date.now();
  button.setAttribute("aria-keyshortcuts", "Control+Enter Meta+Enter");
  form.querySelector("[data-key-hint]").hidden = false;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    if (event.repeat || event.isComposing || event.altKey || event.shiftKey) return;
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const control = event.target.closest("a, button, summary, input, select, textarea");
    if (control && !form.contains(control)) return;
    event.preventDefault();
    if (Date.now() - shown >= LOOK) button.click();
  });
}
