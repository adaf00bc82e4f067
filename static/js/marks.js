// Today: keys, saving as people go, what to do when two people mark one cell or the network is gone.
// Marks that wait are kept in memory only: nothing about a pupil is written to the browser's storage.

const REASONS = { absent: "a", late: "l", exam: "x", off_site: "o", suspended: "s", not_school_day: "n" };
const KEYS = "210alxosn";
const PAUSE = 800;
const RETRY = 8000;

export function initMarks(form) {
  const status = form.querySelector("[data-status]");
  const pupils = [...form.querySelectorAll("section[data-case]")].map((section) => pupil(form, section, report));
  document.querySelectorAll(".wm-script").forEach((element) => { element.hidden = false; });

  const advance = form.dataset.marks === "day" ? advanceBox(form, status) : null;
  let lastSaved = "";

  function report() {
    const waiting = pupils.reduce((sum, p) => sum + p.waiting(), 0);
    const failed = pupils.map((p) => p.problem).find(Boolean);
    const busy = pupils.some((p) => p.busy);
    const marks = waiting === 1 ? "1 mark waiting" : `${waiting} marks waiting`;
    if (failed) {
      say("failed", `Not saved. ${failed} ${marks}. `);
      if (failed.includes("signed out")) status.append(link("/sign-in?back=/account", "Sign in in another window"), ", then ");
      const again = document.createElement("button");
      again.type = "button";
      again.className = "wm-link-button";
      again.textContent = "try again";
      again.addEventListener("click", () => pupils.forEach((p) => p.save()));
      status.append(again);
    } else if (busy) say("saving", "Saving...");
    else if (waiting) say("unsaved", `${marks} to be saved.`);
    else if (lastSaved) say("saved", `Saved at ${lastSaved}.`);
    const done = document.querySelector("[data-done]");
    if (done) done.textContent = pupils.filter((p) => p.complete()).length;
  }

  function say(state, text) {
    if (status.dataset.state === state && status.textContent === text) return;
    status.dataset.state = state;
    status.textContent = text;
  }

  pupils.forEach((p) => { p.onsaved = (at) => { lastSaved = at; }; });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const section = event.submitter?.name === "all_met" && event.submitter.closest("section[data-case]");
    if (section) pupils.find((p) => p.section === section).allMet();
    else pupils.forEach((p) => p.save());
  });
  form.addEventListener("focusout", (event) => {
    const section = event.target.closest("section[data-case]");
    if (section && !section.contains(event.relatedTarget)) pupils.find((p) => p.section === section)?.save();
  });
  form.addEventListener("keydown", (event) => {
    if (!event.target.matches("input.wm-mark") || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = pupils.find((p) => p.section.contains(event.target));
    if (event.key === "Enter") {
      event.preventDefault();
      at.save();
      const next = pupils.slice(pupils.indexOf(at) + 1).map((p) => p.section.querySelector("button[name=all_met]")).find(Boolean);
      (next ?? form.querySelector(".govuk-button[type=submit]:last-of-type")).focus();
    } else if (at.key(event.target, event.key, advance?.checked)) event.preventDefault();
  });
  // A touch keyboard sends no key: the box tells what was typed.
  form.addEventListener("input", (event) => {
    const at = pupils.find((p) => p.section.contains(event.target));
    at?.typed(event.target);
  });
  form.addEventListener("change", (event) => {
    const at = pupils.find((p) => p.section.contains(event.target));
    at?.chosen(event.target);
  });
  window.addEventListener("online", () => pupils.forEach((p) => p.save()));
  setInterval(() => pupils.filter((p) => p.problem && p.offline).forEach((p) => p.save()), RETRY);
  window.addEventListener("beforeunload", (event) => {
    if (pupils.some((p) => p.waiting() || p.busy)) event.preventDefault();
  });
}

function advanceBox(form, status) {
  const label = document.createElement("label");
  label.className = "wm-small";
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = document.cookie.includes("waymark-advance=1");
  box.addEventListener("change", () => {
    document.cookie = `waymark-advance=${box.checked ? 1 : 0}; path=/; max-age=31536000; samesite=lax`;
  });
  label.append(box, " Move to the next box after each mark");
  status.before(label);
  return box;
}

function link(href, text) {
  const a = document.createElement("a");
  a.className = "govuk-link";
  a.href = href;
  a.target = "_blank";
  a.rel = "noopener";
  a.textContent = text;
  return a;
}

// One pupil's part of the sheet.
function pupil(form, section, report) {
  const id = section.dataset.case;
  const seen = section.querySelector("input[name^='seen.']");
  const boxes = [...section.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("input.wm-mark")]);
  const waitingFields = new Map();
  let timer = 0;
  const self = {
    section, busy: false, problem: "", offline: false, onsaved() {},
    waiting: () => waitingFields.size,
    save, key, typed, chosen, allMet,
    complete: () => boxes.length
      ? boxes.flat().every((box) => box.value)
      : section.classList.contains("wm-pupil--done"),
  };
  return self;

  function queue(name, value) {
    waitingFields.set(name, value);
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
    report();
  }

  function set(box, value) {
    box.value = value;
    box.dataset.kind = value === "" ? "-" : "012".includes(value) ? value : "r";
    queue(box.name, value);
  }

  // A period has marks or one reason: typing one takes the other out of the column, in sight.
  function mark(box, value) {
    const column = boxes.find((row) => row.includes(box)).indexOf(box);
    const others = boxes.map((row) => row[column]).filter((other) => other !== box);
    const reason = value !== "" && !"012".includes(value);
    set(box, value);
    for (const other of others) {
      if (reason && other.value !== value) set(other, value);
      if (!reason && other.value && !"012".includes(other.value)) set(other, "");
    }
  }

  function key(box, pressed, advance) {
    const row = boxes.findIndex((cells) => cells.includes(box));
    const column = boxes[row].indexOf(box);
    const [height, width] = [boxes.length, boxes[row].length];
    const go = (r, c) => { const to = boxes[(r + height) % height][(c + width) % width]; to.focus(); to.select(); return true; };
    switch (pressed) {
      case "ArrowLeft": return go(row, column - 1);
      case "ArrowRight": return go(row, column + 1);
      case "ArrowUp": return go(row - 1, column);
      case "ArrowDown": return go(row + 1, column);
      case "Home": return go(row, 0);
      case "End": return go(row, width - 1);
      case "Backspace":
      case "Delete": mark(box, ""); return true;
    }
    if (pressed.length !== 1) return false;
    const value = pressed.toLowerCase();
    if (!KEYS.includes(value)) return true;
    mark(box, value);
    if (advance) column + 1 < width ? go(row, column + 1) : go(row + 1, 0);
    return true;
  }

  function typed(target) {
    if (!target.matches("input.wm-mark")) return;
    const value = target.value.trim().toLowerCase().slice(-1);
    mark(target, KEYS.includes(value) ? value : "");
  }

  function chosen(target) {
    if (target.name.startsWith("whole.")) {
      const letter = REASONS[target.value];
      if (letter) {
        for (let column = 0; column < boxes[0].length; column += 1) {
          if (boxes.every((row) => row[column].value === "")) mark(boxes[0][column], letter);
        }
        target.value = "";
      }
    } else if (target.name.startsWith("why.")) {
      if (target.value !== "none") {
        section.querySelectorAll("input[type=radio]:checked").forEach((radio) => {
          radio.checked = false;
          waitingFields.delete(radio.name);
        });
      }
      queue(target.name, target.value);
      finished();
    } else if (target.type === "radio") {
      const why = section.querySelector("select[name^='why.']");
      if (why && why.value !== "none") {
        why.value = "none";
        queue(why.name, "none");
      }
      queue(target.name, target.value);
      finished();
    }
  }

  function allMet() {
    if (boxes.length) {
      const blank = boxes.flat().filter((box) => box.value === "");
      blank.forEach((box) => { box.value = "2"; box.dataset.kind = "2"; });
      if (blank.length) queue(`all_met.${id}`, "yes");
      boxes[0][0].focus();
      boxes[0][0].select();
    } else {
      const why = section.querySelector("select[name^='why.']");
      if (why && why.value !== "none") return;
      const blank = [...section.querySelectorAll("fieldset")].filter((set) => !set.querySelector(":checked"));
      blank.forEach((set) => { set.querySelector("input[value='2']").checked = true; });
      if (blank.length) queue(`all_met.${id}`, "yes");
      finished();
      save();
    }
  }

  function finished() {
    const why = section.querySelector("select[name^='why.']");
    const sets = [...section.querySelectorAll("fieldset")];
    const done = (why && why.value !== "none") || sets.every((set) => set.querySelector(":checked"));
    section.classList.toggle("wm-pupil--done", done);
    report();
  }

  async function save() {
    clearTimeout(timer);
    if (self.busy || !waitingFields.size) return;
    const sending = new Map(waitingFields);
    const body = new URLSearchParams({ form_key: newKey(), [seen.name]: seen.value });
    for (const name of ["date", "school", "period"]) {
      const field = form.elements[name];
      if (field) body.set(name, field.value);
    }
    for (const [name, value] of sending) body.set(name, value);
    self.busy = true;
    report();
    try {
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body, headers: { "x-waymark": "1" }, redirect: "manual" });
      if (answer.status !== 401) document.dispatchEvent(new Event("waymark:heard"));
      if (answer.status === 200 || answer.status === 409) settle(await answer.json(), sending);
      else if (answer.status === 422) fail((await answer.json()).problems.join(" "));
      else if (answer.status === 401) fail("You have been signed out; your marks are kept on this page.");
      else if (answer.status === 503) fail("Waymark is busy.", true);
      else if (answer.status === 403) fail("Your roles do not let you enter marks here any more.");
      else fail("Something went wrong.", true);
    } catch {
      fail("No connection.", true);
    }
    self.busy = false;
    report();
    if (waitingFields.size && !self.problem) timer = setTimeout(save, PAUSE);
  }

  function fail(problem, offline = false) {
    self.problem = problem;
    self.offline = offline;
  }

  function settle(told, sent) {
    fail("");
    for (const [name, value] of sent) if (waitingFields.get(name) === value) waitingFields.delete(name);
    for (const mine of told.pupils) {
      if (mine.case !== id) continue;
      seen.value = mine.version;
      const line = section.querySelector("[data-line]");
      if (line) line.textContent = mine.line;
    }
    self.onsaved(told.at);
    const place = section.querySelector("[data-clashes]");
    for (const clash of told.clashes) place.append(question(clash));
  }

  // Somebody else marked the same cell meanwhile: both are shown, this person chooses.
  function question(clash) {
    const box = document.createElement("div");
    box.className = "wm-clash";
    box.setAttribute("role", "alert");
    const words = document.createElement("p");
    words.className = "govuk-body";
    words.textContent = `${clash.what}: ${clash.by} marked this ${clash.theirs_words}. You chose ${clash.mine_words}.`;
    box.append(words, choice(`Keep ${clash.theirs_words}`, clash.theirs, false), " ", choice(`Use mine: ${clash.mine_words}`, clash.mine, true));
    return box;

    function choice(text, value, send) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "govuk-button govuk-button--secondary wm-tight";
      button.textContent = text;
      button.addEventListener("click", () => {
        show(clash.field, value);
        if (send) { queue(clash.field, value); save(); }
        box.remove();
        report();
      });
      return button;
    }
  }

  function show(name, value) {
    const field = [...section.querySelectorAll("input")].filter((input) => input.name === name);
    if (field[0]?.type === "radio") field.forEach((radio) => { radio.checked = radio.value === value; });
    else if (field[0]) {
      field[0].value = value;
      field[0].dataset.kind = value === "" ? "-" : "012".includes(value) ? value : "r";
    }
  }
}

// crypto.randomUUID exists only on secure pages; a school's test server may be plain http.
function newKey() {
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6] & 15) | 64;
  b[8] = (b[8] & 63) | 128;
  const hex = [...b].map((n) => n.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
