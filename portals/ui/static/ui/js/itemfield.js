// One item in the head of a form, with the picker of the grid: code, name, pinyin initials or a scanned barcode; F7 shows all.
import { all, on, one } from "./dom.js";
import * as picker from "./gridpicker.js";

const FIELD = "[data-tk-item] [data-picker]";

on("keydown", FIELD, async (event, input) => {
  if (event.isComposing || picker.key(event, input)) return;
  if (event.key === "F7" || event.key === "ArrowDown") {
    event.preventDefault();
    picker.open(input, true);
  } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    if (!(await picker.settle(input))) goOn(input);
  }
});

on("input", FIELD, (event, input) => {
  const field = input.closest("[data-tk-item]");
  one("[data-id]", field).value = "";
  one("[data-out]", field).textContent = "";
  picker.askSoon(input);
});

on("click", FIELD, (event, input) => {
  if (!input.value) picker.open(input, true);
});

on("tk:picked", FIELD, (event, input) => {
  one("[data-id]", input.closest("[data-tk-item]")).dispatchEvent(new Event("change", { bubbles: true }));
  goOn(input);
});

// on to the next field of the form, as Enter goes on in the grid
function goOn(input) {
  const fields = all("input:not([type=hidden]), select, textarea", input.form).filter((each) => !each.disabled && !each.readOnly && each.offsetParent);
  const next = fields[fields.indexOf(input) + 1];
  next?.focus();
  next?.select?.();
}
