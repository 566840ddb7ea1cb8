// The type-ahead of the grid: code, name, specification, pinyin initials and barcode; shows what is available and the price.
// `GET pick?q=…` answers {"results": [{id, code, name, spec, pinyin, unit, available, low, price}]}; the header fields go along.
// A column of the grid may ask an address of its own: its cells have their `data-pick`, and name nothing else in the row.
// The same list serves a single field of a form's head (itemfield.js): whatever has `data-pick` is asked by its picker.
import { all, announce, later, one, t } from "./dom.js";

let list = null;
let cell = null;
let rows = [];
let at = -1;
let latest = 0;
let asked = "";
let typed = "";
let settling = null;

const hostOf = (target) => target.closest("[data-pick]");
const placeOf = (target) => target.closest("tr, [data-tk-item]");
const idOf = (target) => one("[data-id]", target.closest("td, [data-tk-item]"));

export function close() {
  list?.remove();
  cell?.setAttribute("aria-expanded", "false");
  cell?.removeAttribute("aria-activedescendant");
  list = null;
  at = -1;
}

function part(css, text) {
  const node = document.createElement("span");
  node.className = css;
  node.append(text);
  return node;
}

// matches in bold; a match by pinyin marks the initials
function marked(css, text, query) {
  const node = part(css, "");
  const where = query ? text.toLowerCase().indexOf(query.toLowerCase()) : -1;
  if (where < 0) node.append(text);
  else {
    const hit = document.createElement("mark");
    hit.textContent = text.slice(where, where + query.length);
    node.append(text.slice(0, where), hit, text.slice(where + query.length));
  }
  return node;
}

function option(row, index, query) {
  const node = document.createElement("div");
  node.className = "op";
  node.id = `tk-pick-${index}`;
  node.setAttribute("role", "option");
  const name = part("nm", "");
  name.append(marked("", row.name || "", query));
  if (row.spec) name.append(" ", part("t2", row.spec));
  if (row.pinyin && query && row.pinyin.toLowerCase().includes(query.toLowerCase())) name.append(marked("py", row.pinyin, query));
  const low = row.low ? " low" : "";
  node.append(marked("tn code", row.code || "", query), name);
  if (row.available !== undefined) node.append(part(`av tn${low}`, [row.available, row.unit].filter(Boolean).join(" ")));
  if (row.price !== undefined) node.append(part("pr tn", row.price ?? ""));
  node.addEventListener("mousedown", (event) => { event.preventDefault(); choose(index); });
  return node;
}

function head(host) {
  const node = part("hd", "");
  const words = asked ? t("matching", { count: rows.length, query: asked }) : t("shown", { count: rows.length });
  node.append(part("grow", words));
  if (rows.some((row) => row.available !== undefined)) node.append(part("av", t("available")));
  if (rows.some((row) => row.price !== undefined)) node.append(part("pr", host.dataset.priceLabel || t("price")));
  return node;
}

function foot(host) {
  const node = part("ft", "");
  for (const key of ["↑", "↓", "Enter"]) {
    const kbd = document.createElement("kbd");
    kbd.className = "tk-kbd";
    kbd.textContent = key;
    node.append(kbd);
  }
  node.append(t("move_take"));
  if (host.dataset.newItem && asked) {
    const link = document.createElement("a");
    link.className = "end";
    link.href = `${host.dataset.newItem}?name=${encodeURIComponent(asked)}`;
    link.target = "_blank";
    link.rel = "noopener";
    link.textContent = t("new_named", { query: asked });
    link.addEventListener("mousedown", (event) => event.preventDefault());
    node.append(link);
  }
  return node;
}

function show() {
  list?.remove();
  const host = hostOf(cell);
  list = part("tk-ta tk-pop", "");
  const body = document.createElement("div");
  body.className = "list";
  body.id = "tk-pick";
  body.setAttribute("role", "listbox");
  body.setAttribute("aria-label", t("matches"));
  rows.forEach((row, index) => body.append(option(row, index, asked)));
  if (!rows.length) body.append(part("none", t("no_match")));
  list.append(head(host), body, foot(host));
  document.body.append(list);
  const box = cell.getBoundingClientRect();
  const below = box.bottom + 4;
  list.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - list.offsetWidth - 8))}px`;
  list.style.top = below + list.offsetHeight < window.innerHeight ? `${below}px` : `${Math.max(8, box.top - list.offsetHeight - 4)}px`;
  cell.setAttribute("aria-expanded", "true");
  cell.setAttribute("aria-controls", "tk-pick");
  announce(t("results", { count: rows.length }));
  mark(rows.length ? 0 : -1);
}

function mark(index) {
  at = index;
  [...one(".list", list).children].forEach((child, i) => child.setAttribute("aria-selected", String(i === index)));
  const current = one(`#tk-pick-${index}`, list);
  if (!current) return;
  current.scrollIntoView({ block: "nearest" });
  cell.setAttribute("aria-activedescendant", current.id);
}

// what the head of the form says goes along with a question; the lines do not
function* headOf(form) {
  const lines = all("[data-tk-grid]", form).map((grid) => `${grid.dataset.prefix}-`);
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && value && name !== "csrfmiddlewaretoken" && !lines.some((prefix) => name.startsWith(prefix))) yield [name, value];
  }
}

async function ask(target, everything) {
  const ticket = (latest += 1);
  cell = target;
  const url = new URL(hostOf(target).dataset.pick, location.href);
  for (const [name, value] of headOf(target.form)) url.searchParams.set(name, value);
  typed = target.value;
  asked = everything ? "" : typed.trim();
  url.searchParams.set("q", asked);
  const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (ticket !== latest || !answer.ok) return false;
  rows = (await answer.json()).results || [];
  return true;
}

const soon = later(130, async (target) => {
  if (!target.value.trim()) { close(); return; }
  if (settling === target || idOf(target).value) return; // Enter was quicker
  if ((await ask(target, false)) && document.activeElement === target) show();
});
export const askSoon = (target) => soon(target);

export async function open(target, everything) {
  if (!target.hasAttribute("data-picker")) return;
  target.focus();
  if (await ask(target, everything)) show();
}

function choose(index) {
  const row = rows[index];
  if (!row) return;
  latest += 1;
  if (row.matrix) {
    const asking = cell;
    close();
    asking.dispatchEvent(new CustomEvent("tk:matrix", { bubbles: true, detail: row }));
    return;
  }
  idOf(cell).value = row.id;
  cell.value = row.code || row.name;
  const name = one('[data-out="name"], [data-out="item_name"]', placeOf(cell));
  if (name && !cell.closest("td[data-pick]")) name.textContent = [row.name, row.spec].filter(Boolean).join(" ");
  placeOf(cell).classList.remove("blank");
  const chosen = cell;
  close();
  chosen.dispatchEvent(new CustomEvent("tk:picked", { bubbles: true, detail: row }));
}

// Enter on a typed code or a scanned barcode: take the only or the exact match, else let the person choose
export async function settle(target) {
  if (!target.value.trim() || idOf(target).value) return false;
  settling = target;
  const answered = await ask(target, false);
  settling = null;
  if (!answered) return true;
  const code = target.value.trim();
  const exact = rows.findIndex((row) => (row.code || "").toLowerCase() === code.toLowerCase() || row.barcode === code);
  if (exact >= 0 || rows.length === 1) choose(Math.max(exact, 0));
  else show();
  return true;
}

// true when the open list took the key; a list that answers less than what is typed by now takes nothing
export function key(event, target) {
  if (!list || target !== cell) return false;
  const fresh = target.value === typed;
  if (event.key === "ArrowDown") mark(Math.min(rows.length - 1, at + 1));
  else if (event.key === "ArrowUp") mark(Math.max(0, at - 1));
  else if (event.key === "Enter" && rows[at] && fresh) choose(at);
  else if (event.key === "Escape") close();
  else if (event.key === "Tab") { if (rows[at] && asked && fresh) choose(at); else close(); return false; }
  else return false;
  event.preventDefault();
  event.stopPropagation();
  return true;
}

document.addEventListener("focusout", (event) => { if (event.target === cell) setTimeout(() => { if (document.activeElement !== cell) close(); }, 0); });
