// A combobox over a JSON address: `?q=` answers {"results": [{"id", "label", "sub"}]}. The id goes into the hidden field beside it.
import { announce, later, on, one, t } from "./dom.js";

let box = null;
let list = null;
let rows = [];
let at = -1;
let latest = 0;
let asked = "";
let settling = null;

const hidden = (combo) => one('input[type="hidden"]', combo);
const text = (combo) => one('input[role="combobox"]', combo);

function close() {
  list?.remove();
  if (box) {
    text(box).setAttribute("aria-expanded", "false");
    text(box).removeAttribute("aria-activedescendant");
    text(box).removeAttribute("aria-controls");
  }
  list = null;
  rows = [];
  at = -1;
}

function mark(index) {
  at = index;
  [...list.children].forEach((child, i) => child.setAttribute("aria-selected", String(i === index)));
  const current = list.children[index];
  if (current) {
    current.scrollIntoView({ block: "nearest" });
    text(box).setAttribute("aria-activedescendant", current.id);
  }
}

function show() {
  list?.remove();
  list = document.createElement("div");
  list.className = "tk-combo-list tk-pop";
  list.id = "tk-combo-list";
  list.setAttribute("role", "listbox");
  rows.forEach((row, index) => {
    const option = document.createElement("div");
    option.className = "op";
    option.id = `tk-combo-${index}`;
    option.setAttribute("role", "option");
    option.append(row.label);
    if (row.sub) {
      const sub = document.createElement("span");
      sub.className = "sub";
      sub.textContent = row.sub;
      option.append(sub);
    }
    option.addEventListener("mousedown", (event) => { event.preventDefault(); choose(index); });
    list.append(option);
  });
  if (!rows.length) {
    const none = document.createElement("div");
    none.className = "none";
    none.textContent = t("nothing");
    list.append(none);
  }
  (box.closest("[popover], dialog") || document.body).append(list);
  const place = text(box).getBoundingClientRect();
  const host = box.closest("[popover], dialog")?.getBoundingClientRect();
  const fixedInside = host && getComputedStyle(box.closest("[popover], dialog")).transform !== "none";
  list.style.left = `${place.left - (fixedInside ? host.left : 0)}px`;
  list.style.top = `${place.bottom + 4 - (fixedInside ? host.top : 0)}px`;
  list.style.width = `${Math.max(place.width, 220)}px`;
  text(box).setAttribute("aria-expanded", "true");
  text(box).setAttribute("aria-controls", list.id);
  announce(t("results", { count: rows.length }));
  if (rows.length) mark(0);
}

function choose(index) {
  const row = rows[index];
  if (!row) return;
  const combo = box;
  hidden(combo).value = row.id;
  text(combo).value = row.label;
  combo.classList.add("chosen");
  close();
  hidden(combo).dispatchEvent(new Event("change", { bubbles: true }));
  combo.dispatchEvent(new CustomEvent("tk:chosen", { bubbles: true, detail: row }));
  if (combo.hasAttribute("data-submit")) hidden(combo).form?.requestSubmit();
}

async function found(combo) {
  const ticket = (latest += 1);
  const url = new URL(combo.dataset.url, location.href);
  url.searchParams.set("q", text(combo).value);
  const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  return ticket === latest && answer.ok ? (await answer.json()).results || [] : null;
}

async function ask(combo) {
  const typed = text(combo).value;
  const answer = await found(combo);
  if (!answer || !combo.contains(document.activeElement)) return;
  rows = answer;
  box = combo;
  asked = typed;
  show();
}
const askSoon = later(150, (combo) => { if (settling !== combo && !hidden(combo).value) ask(combo); });

// What was typed or scanned to its end before the list came: the only or the exact match is taken.
async function settle(combo) {
  const typed = text(combo).value.trim().toLowerCase();
  settling = combo;
  const answer = await found(combo);
  settling = null;
  if (!answer || hidden(combo).value) return;
  const exact = answer.findIndex((row) => [row.label, row.sub].some((words) => (words || "").toLowerCase() === typed));
  rows = answer;
  box = combo;
  asked = text(combo).value;
  if (exact >= 0 || rows.length === 1) choose(Math.max(exact, 0));
  else if (combo.contains(document.activeElement)) show();
}

const open = (combo) => Boolean(list) && box === combo && asked === text(combo).value;
const unsettled = (combo) => Boolean(text(combo).value.trim()) && !hidden(combo).value;

on("input", '[data-tk-combo] input[role="combobox"]', (event, input) => {
  const combo = input.closest("[data-tk-combo]");
  hidden(combo).value = "";
  combo.classList.remove("chosen");
  askSoon(combo);
});
on("click", '[data-tk-combo] input[role="combobox"]', (event, input) => {
  input.select();
  ask(input.closest("[data-tk-combo]"));
});
on("keydown", '[data-tk-combo] input[role="combobox"]', (event, input) => {
  const combo = input.closest("[data-tk-combo]");
  if (event.isComposing) return;
  if (event.key === "ArrowDown" || event.key === "F7") {
    event.preventDefault();
    if (!list) ask(combo);
    else mark(Math.min(rows.length - 1, at + 1));
  } else if (event.key === "ArrowUp" && list) {
    event.preventDefault();
    mark(Math.max(0, at - 1));
  } else if (event.key === "Enter" && open(combo) && rows[at]) {
    event.preventDefault();
    choose(at);
  } else if (event.key === "Enter" && unsettled(combo)) {
    event.preventDefault();
    settle(combo);
  } else if (event.key === "Tab" && open(combo) && rows[at] && unsettled(combo)) choose(at);
  else if (event.key === "Escape" && list) {
    event.preventDefault();
    event.stopPropagation();
    close();
  }
});
document.addEventListener("focusout", async (event) => {
  const combo = event.target.closest?.("[data-tk-combo]");
  if (!combo) return;
  close();
  if (unsettled(combo)) await settle(combo);
  if (!hidden(combo).value && !combo.contains(document.activeElement)) text(combo).value = "";
});
