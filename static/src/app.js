// GOV.UK components that need a script, and our own modules.
import {
  Button,
  CharacterCount,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  ServiceNavigation,
  SkipLink,
  createAll,
} from "govuk-frontend";
import { initKeys } from "../js/keys.js";
import { initMarks } from "../js/marks.js";
import { initSelect } from "../js/select.js";
import { initTimeout } from "../js/timeout.js";

createAll(Button, { preventDoubleClick: true });
for (const component of [CharacterCount, ErrorSummary, NotificationBanner, PasswordInput, ServiceNavigation, SkipLink]) {
  createAll(component);
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
const sheet = document.querySelector("form[data-marks]");
if (sheet) initMarks(sheet);
for (const table of document.querySelectorAll("table[data-select]")) initSelect(table);
const keyed = document.querySelector("button[data-key]");
if (keyed) initKeys(keyed);
const timeout = document.querySelector("dialog[data-idle]");
if (timeout) initTimeout(timeout);
