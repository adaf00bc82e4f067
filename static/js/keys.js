// Control and Enter, or Command and Enter, send a form from wherever one is in it or beside it. A key that is held down
// sends nothing: in a run of reviews it would sign for pupils nobody has looked at.
export function initKeys(form) {
  const button = form.querySelector("button[data-key]");
  button.setAttribute("aria-keyshortcuts", "Control+Enter Meta+Enter");
  const said = form.querySelector("[data-key-hint]");
  if (said) said.hidden = false;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    if (event.repeat || event.isComposing || event.altKey || event.shiftKey) return;
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    button.click();
  });
}
