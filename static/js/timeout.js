// Says two minutes before the end that the session will end, and keeps it alive when asked to. It keeps nothing.
const WARN = 120000;

export function initTimeout(dialog) {
  const idle = Number(dialog.dataset.idle) * 1000;
  const others = "BroadcastChannel" in window ? new BroadcastChannel("waymark-seen") : null;
  let seen = Date.now();
  let over = false;
  let asking = false;
  let quiet = false;

  // The server has heard from this person, here or in another window.
  function heard(tell) {
    seen = Date.now();
    if (tell && others) others.postMessage(0);
    if (!dialog.open || over) return;
    quiet = true;
    dialog.close();
  }

  function end() {
    over = true;
    for (const part of dialog.querySelectorAll("[data-over]")) part.textContent = part.dataset.over;
    const again = dialog.querySelector("[data-again]");
    again.href = "/sign-in?back=" + encodeURIComponent(location.pathname + location.search);
    again.hidden = false;
    if (!dialog.open) dialog.showModal();
  }

  function look() {
    const left = seen + idle - Date.now();
    if (over || asking) return;
    if (left <= 0) end();
    else if (left <= WARN && !dialog.open) dialog.showModal();
  }

  // Closed by the person, by the button or by Escape: they are here.
  dialog.addEventListener("close", async () => {
    if (over || quiet) {
      quiet = false;
      return;
    }
    asking = true;
    try {
      const answer = await fetch("/account", { method: "HEAD", redirect: "manual" });
      // Sent to sign in: the session is over. Anything else that is wrong says nothing of it: the warning comes again.
      if (answer.ok) heard(true);
      else if (answer.type === "opaqueredirect" || answer.status === 401) end();
    } catch {
      // No connection: the warning comes again.
    }
    asking = false;
  });
  if (others) others.onmessage = () => heard(false);
  document.addEventListener("waymark:heard", () => heard(true));
  document.addEventListener("visibilitychange", look);
  setInterval(look, 5000);
  heard(true);
}
