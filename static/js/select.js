// Lists whose rows can be selected: one box in the head selects all of this page, and says how many are.
export function initSelect(table) {
  const boxes = [...table.querySelectorAll("tbody input[type=checkbox]")];
  const head = table.querySelector("thead td");
  if (!head || boxes.length === 0) return;
  head.className += " wm-select";
  head.innerHTML =
    '<div class="govuk-checkboxes govuk-checkboxes--small"><div class="govuk-checkboxes__item"><input class="govuk-checkboxes__input" id="select-all" type="checkbox"><label class="govuk-label govuk-checkboxes__label" for="select-all"><span class="govuk-visually-hidden">Select all on this page</span></label></div></div>';
  const all = head.querySelector("input");
  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    all.checked = chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  };
  all.addEventListener("change", () => boxes.forEach((box) => (box.checked = all.checked)));
  boxes.forEach((box) => box.addEventListener("change", show));
  show();
}
