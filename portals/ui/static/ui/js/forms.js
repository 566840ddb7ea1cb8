// Forms: a press counts once, Ctrl-S saves, some selects submit by themselves, unsaved work is not lost by accident.
import { all, on, one } from "./dom.js";

on("submit", "form", (event, form) => {
  if (form.dataset.tkSent === "1") {
    event.preventDefault();
    return;
  }
  if (event.submitter?.hasAttribute("data-tk-once") && !form.hasAttribute("hx-post")) {
    form.dataset.tkSent = "1";
    event.submitter.setAttribute("aria-disabled", "true");
  }
  delete form.dataset.tkDirty;
});

window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-tk-sent]").forEach((form) => { delete form.dataset.tkSent; });
});

on("change", "[data-tk-autosubmit]", (event, element) => element.form?.requestSubmit());

// a chosen file is named on its button; the browser's own field speaks the browser's language
on("change", "[data-tk-named]", (event, element) => {
  const words = one("[data-tk-filename]", element.closest("label"));
  words.dataset.tkFilename ||= words.textContent;
  words.textContent = element.files[0]?.name || words.dataset.tkFilename;
});

// fields that stand for one choice of another: data-tk-when="side:supplier"
function put(form) {
  for (const each of all("[data-tk-when]", form)) {
    const [name, value] = each.dataset.tkWhen.split(":");
    each.hidden = new FormData(form).get(name) !== value;
  }
}
on("change", "form:has([data-tk-when])", (event, form) => put(form));
// the browser brings back what was chosen before it went away
window.addEventListener("pageshow", () => all("form:has([data-tk-when])").forEach(put));

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
  const form = event.target.closest?.("form[data-tk-save]") || one("form[data-tk-save]");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit(one("[data-tk-save-button]", form) || one(`[form="${form.id}"][data-tk-save-button]`) || undefined);
});

on("input", "form[data-tk-guard]", (event, form) => { form.dataset.tkDirty = "1"; });
window.addEventListener("beforeunload", (event) => {
  if (one("form[data-tk-guard][data-tk-dirty]")) event.preventDefault();
});

// a step control: − value +
on("click", "[data-tk-step]", (event, button) => {
  const input = button.parentElement.querySelector("input");
  if (!input) return;
  const by = Number(input.step) || 1;
  const next = Number(input.value || 0) + (button.dataset.tkStep === "up" ? by : -by);
  const floor = input.min === "" ? -Infinity : Number(input.min);
  const ceiling = input.max === "" ? Infinity : Number(input.max);
  input.value = String(Math.min(ceiling, Math.max(floor, Number(next.toFixed(4)))));
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
});

on("click", "[data-tk-copy]", async (event, button) => {
  await navigator.clipboard?.writeText(button.dataset.tkCopy);
});
