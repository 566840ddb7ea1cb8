// The entry grid: keys of a spreadsheet over plain inputs. The server prices the lines; this script never computes money.
import { all, csrf, later, on, one, t } from "./dom.js";
import * as picker from "./gridpicker.js";
import { copyFromAbove, fillDown, pasteBlock } from "./gridfill.js";
import { addRow, cellsOf, focusCell, gridOf, isFilled, next, renumber, rowsOf, touch, touched, untouch } from "./gridrows.js";
import { balance, flip } from "./gridvoucher.js";
import { openMatrix } from "./gridmatrix.js";
import { keepNotes, showNotes } from "./gridnotes.js";
import "./griddraft.js";

function vertical(cell, step) {
  const row = cell.closest("tr");
  const other = step > 0 ? row.nextElementSibling : row.previousElementSibling;
  if (other) focusCell(cellsOf(other)[cellsOf(row).indexOf(cell)]);
}

function sideways(cell, step) {
  const edge = step > 0 ? cell.selectionStart === cell.value.length : cell.selectionEnd === 0;
  if (cell.tagName !== "INPUT" || cell.type === "date" || !edge) return false;
  const cells = cellsOf(cell.closest("tr"));
  const target = cells[cells.indexOf(cell) + step];
  if (target) focusCell(target);
  return Boolean(target);
}

function removeRow(cell) {
  const grid = gridOf(cell);
  if (grid.hasAttribute("data-fixed")) return;
  const row = cell.closest("tr");
  const at = cellsOf(row).indexOf(cell);
  const neighbour = row.nextElementSibling || row.previousElementSibling || addRow(grid);
  row.remove();
  renumber(grid);
  focusCell(cellsOf(neighbour)[at]);
  recalculateSoon(grid);
}

// --- the server's answer ---------------------------------------------------------------------------

const waiting = new WeakMap();

async function recalculate(grid) {
  if (!grid.dataset.recalculate) return;
  waiting.get(grid)?.abort();
  const control = new AbortController();
  waiting.set(grid, control);
  const form = grid.closest("form");
  const state = one("[data-tk-gridstate]", grid);
  rowsOf(grid).filter(isFilled).forEach((row) => row.classList.add("busy"));
  try {
    const answer = await fetch(grid.dataset.recalculate, {
      method: "POST", body: new URLSearchParams(new FormData(form)), signal: control.signal, credentials: "same-origin",
      headers: { "X-CSRFToken": csrf(), Accept: "application/json" },
    });
    if (!answer.ok) throw new Error(String(answer.status));
    apply(grid, await answer.json());
    state.textContent = "";
  } catch (error) {
    if (error.name === "AbortError") return;
    state.textContent = t("not_priced");
  }
  rowsOf(grid).forEach((row) => row.classList.remove("busy"));
}

const timers = new WeakMap();
function recalculateSoon(grid) {
  if (!timers.has(grid)) timers.set(grid, later(350, () => recalculate(grid)));
  timers.get(grid)();
}

function apply(grid, data) {
  for (const [index, values] of Object.entries(data.lines || {})) {
    const row = one(`tr[data-row="${CSS.escape(index)}"]`, grid);
    if (row) applyRow(row, values);
    if (row) keepNotes(row, values._notes);
  }
  for (const [key, value] of Object.entries(data.totals || {})) {
    const cell = one(`[data-total="${CSS.escape(key)}"]`, grid);
    if (cell) cell.textContent = value;
  }
  if (data.summary !== undefined) one("[data-tk-summary]", grid).textContent = data.summary;
}

function applyRow(row, values) {
  const typed = touched(row);
  for (const [key, value] of Object.entries(values)) {
    if (key.startsWith("_")) continue;
    const out = one(`[data-out="${CSS.escape(key)}"]`, row);
    if (out) out.textContent = value ?? "";
    const cell = one(`td[data-key="${CSS.escape(key)}"]`, row);
    const field = cell && one(".cell:not([data-picker])", cell);
    if (field && !typed.has(key) && field.value !== String(value ?? "")) {
      field.value = value ?? "";
      if (document.activeElement === field) field.select?.();
    }
    const code = values[`${key}_code`];
    if (cell && one("[data-id]", cell) && code !== undefined) {
      one("[data-id]", cell).value = value ?? "";
      if (document.activeElement !== one("[data-picker]", cell)) one("[data-picker]", cell).value = code;
    }
  }
  const short = new Set(values._short || []);
  for (const cell of all("td[data-out], td[data-key]", row)) {
    const key = cell.dataset.out || cell.dataset.key;
    cell.classList.toggle("short", short.has(key));
    if (cell.dataset.key && !("refused" in cell.dataset)) showError(cell, beingTyped(cell) ? "" : (values._errors || {})[key] || "");
  }
}

// a code that is still being typed or looked up is not wrong yet
function beingTyped(cell) {
  const field = one("[data-picker]", cell);
  return Boolean(field) && field === document.activeElement && !one("[data-id]", cell).value;
}

function showError(cell, words) {
  cell.classList.toggle("bad", Boolean(words));
  one(".cellerr", cell)?.remove();
  one(".cell", cell)?.toggleAttribute("aria-invalid", Boolean(words));
  if (!words) return cell.removeAttribute("title");
  const note = document.createElement("span");
  note.className = "cellerr";
  note.textContent = words;
  cell.append(note);
  return undefined;
}

// --- keys ------------------------------------------------------------------------------------------

on("keydown", "[data-tk-grid] .cell", async (event, cell) => {
  if (event.isComposing || picker.key(event, cell)) return;
  const grid = gridOf(cell);
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
  const command = event.ctrlKey || event.metaKey;
  if (event.key === "Enter" && plain) {
    event.preventDefault();
    if (cell.hasAttribute("data-picker") && (await picker.settle(cell))) return;
    next(cell);
  } else if (event.key === "ArrowDown" && plain && cell.tagName !== "SELECT") { event.preventDefault(); vertical(cell, 1); }
  else if (event.key === "ArrowUp" && plain && cell.tagName !== "SELECT") { event.preventDefault(); vertical(cell, -1); }
  else if (event.key === "ArrowRight" && plain && !event.shiftKey) { if (sideways(cell, 1)) event.preventDefault(); }
  else if (event.key === "ArrowLeft" && plain && !event.shiftKey) { if (sideways(cell, -1)) event.preventDefault(); }
  else if (event.key === "F7") { event.preventDefault(); picker.open(cell.hasAttribute("data-picker") ? cell : one("[data-picker]", cell.closest("tr")) || cell, true); }
  else if (event.key === "F6") { event.preventDefault(); fillDown(cell); recalculateSoon(grid); }
  else if (command && event.key.toLowerCase() === "d") { event.preventDefault(); copyFromAbove(cell); recalculateSoon(grid); }
  else if (event.shiftKey && event.key === "Delete") { event.preventDefault(); removeRow(cell); }
  else if (grid.hasAttribute("data-voucher") && event.key === "=") { if (balance(cell)) { event.preventDefault(); recalculateSoon(grid); } }
  else if (grid.hasAttribute("data-voucher") && event.key === " ") { if (flip(cell)) { event.preventDefault(); recalculateSoon(grid); } }
});

on("input", "[data-tk-grid] .cell", (event, cell) => {
  delete cell.closest("td").dataset.refused;
  if (!cell.hasAttribute("data-picker")) touch(cell);
  else {
    one("[data-id]", cell.closest("td")).value = "";
    cell.closest("tr").classList.toggle("blank", !isFilled(cell.closest("tr")));
    picker.askSoon(cell);
    return;
  }
  recalculateSoon(gridOf(cell));
});

on("paste", "[data-tk-grid] .cell", (event, cell) => {
  const text = event.clipboardData?.getData("text/plain") || "";
  if (!/[\t\n]/.test(text.replace(/\r?\n$/, ""))) return;
  event.preventDefault();
  pasteBlock(cell, text);
  recalculateSoon(gridOf(cell));
});

on("focusin", "[data-tk-grid] .cell", (event, cell) => {
  const grid = gridOf(cell);
  const row = cell.closest("tr");
  showNotes(row);
  if (row === rowsOf(grid).at(-1) && !grid.hasAttribute("data-fixed")) addRow(grid);
});

on("click", "[data-tk-addrow]", (event, button) => {
  const grid = gridOf(button);
  focusCell(cellsOf(rowsOf(grid).find((row) => !isFilled(row)) || addRow(grid))[0]);
});

// the header decides prices too: customer, date, warehouse
on("change", "form:has([data-tk-grid])", (event, form) => {
  if (!event.target.closest("[data-tk-grid]")) all("[data-tk-grid]", form).forEach(recalculateSoon);
});

on("tk:picked", "[data-tk-grid] .cell", (event, cell) => {
  untouch(cell.closest("tr"));
  recalculateSoon(gridOf(cell));
  next(cell);
});

on("tk:matrix", "[data-tk-grid] .cell", (event) => openMatrix(event.target, event.detail.matrix, recalculateSoon));

all("[data-tk-grid]").forEach((grid) => grid.addEventListener("tk:addrow", () => addRow(grid)));
// what a failed save said of a cell stays there until somebody types in it: pricing the lines does not know of it
all("[data-tk-grid] td.bad").forEach((cell) => { cell.dataset.refused = ""; });
all("[data-tk-grid]").forEach((grid) => { if (rowsOf(grid).some(isFilled)) recalculateSoon(grid); });
