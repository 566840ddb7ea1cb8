// What was typed into an entry form is kept on this device until it is saved, and offered again after a break.
import { all, later, on, one, t } from "./dom.js";

const form = one("form[data-tk-draft]");
const SENT = "troika:sent";
const name = form && `troika:draft:${form.dataset.tkDraft || location.pathname}`;
const SKIP = new Set(["csrfmiddlewaretoken", "version"]);

function fields() {
  return [...new FormData(form)].filter(([key, value]) => typeof value === "string" && value !== "" && !SKIP.has(key));
}

// what a combobox shows is no field of its own: it is kept beside the id
const combos = () => all("[data-tk-combo]", form).map((combo) => [one('input[type="hidden"]', combo), one('input[role="combobox"]', combo)]);

function keep() {
  const shown = combos().filter(([id]) => id.value).map(([id, text]) => [id.name, text.value]);
  localStorage.setItem(name, JSON.stringify({ at: Date.now(), fields: fields(), shown }));
  const place = one("[data-tk-drafted]");
  if (!place) return;
  const time = new Date().toTimeString().slice(0, 5);
  place.textContent = t("draft_kept", { time });
  place.hidden = false;
}

function restore(draft) {
  const grid = one("[data-tk-grid]", form);
  const rows = draft.fields.map(([key]) => Number(key.split("-")[1])).filter(Number.isInteger);
  const most = Math.max(-1, ...rows);
  for (let guard = 0; grid && guard < 500 && !one(`tr[data-row="${most}"]`, grid) && most >= 0; guard += 1) grid.dispatchEvent(new CustomEvent("tk:addrow"));
  for (const [key, value] of draft.fields) {
    const field = form.elements.namedItem(key);
    if (field instanceof Element && field.type !== "checkbox") field.value = value;
  }
  const shown = new Map(draft.shown || []);
  for (const [id, text] of combos()) if (shown.has(id.name)) text.value = shown.get(id.name);
  all("tr[data-row]", form).forEach((row) => row.classList.toggle("blank", !all(".cell", row).some((cell) => cell.tagName !== "SELECT" && cell.value)));
  form.dispatchEvent(new Event("change", { bubbles: true }));
}

function offer(draft) {
  const bar = document.createElement("div");
  bar.className = "tk-banner info tk-draft";
  const words = document.createElement("div");
  words.className = "grow";
  const time = new Date(draft.at).toLocaleString();
  words.textContent = t("draft_found", { time });
  const end = document.createElement("span");
  end.className = "end";
  for (const [label, act] of [[t("restore"), () => restore(draft)], [t("discard"), () => localStorage.removeItem(name)]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm";
    button.textContent = label;
    button.addEventListener("click", () => { act(); bar.remove(); });
    end.append(button);
  }
  bar.append(words, end);
  form.before(bar);
}

if (form) {
  const draft = JSON.parse(localStorage.getItem(name) || "null");
  sessionStorage.removeItem(SENT);
  if (draft && !form.hasAttribute("data-tk-failed") && Date.now() - draft.at < 7 * 86400000) offer(draft);
  on("input", "form[data-tk-draft]", later(800, keep));
  form.addEventListener("submit", () => { keep(); sessionStorage.setItem(SENT, name); });
}
