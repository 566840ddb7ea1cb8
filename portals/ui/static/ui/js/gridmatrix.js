// Entry by colour and size: a style taken in the picker opens its matrix, and what is typed there becomes lines of the grid.
import { all, one } from "./dom.js";
import { addRow, cellsOf, focusCell, isFilled, renumber, rowsOf, touch } from "./gridrows.js";

const field = (row, key) => one(`td[data-key="${key}"] .cell`, row);
const idOf = (row) => one("td [data-id]", row);
const inputs = (dialog) => all("input[data-item]", dialog);

export async function openMatrix(cell, url, changed) {
  const grid = cell.closest("[data-tk-grid]");
  const start = cell.closest("tr");
  const address = new URL(url, location.href);
  const warehouse = cell.form?.elements.namedItem("warehouse_id")?.value;
  if (warehouse) address.searchParams.set("warehouse_id", warehouse);
  const answer = await fetch(address, { headers: { Accept: "text/html" }, credentials: "same-origin" });
  if (!answer.ok) return;
  const dialog = document.createElement("dialog");
  dialog.className = "tk-dialog wide";
  dialog.setAttribute("aria-labelledby", "tk-matrix-t");
  dialog.innerHTML = await answer.text();
  document.body.append(dialog);
  fill(dialog, grid);
  sum(dialog);
  const finish = () => { take(dialog, grid, start, changed); dialog.close(); };
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("input", () => sum(dialog));
  dialog.addEventListener("keydown", (event) => key(event, dialog, finish));
  one("[data-tk-matrix-take]", dialog)?.addEventListener("click", finish);
  dialog.showModal();
  focusCell(inputs(dialog)[0]);
}

// what the grid holds of the style already is shown, and changed in its place
function fill(dialog, grid) {
  for (const input of inputs(dialog)) {
    const row = rowOf(grid, input.dataset.item);
    if (row) input.value = input.dataset.before = field(row, "qty").value;
  }
}

const rowOf = (grid, item) => rowsOf(grid).find((row) => idOf(row)?.value === item);

// --- keys: a small spreadsheet ----------------------------------------------------------------------

function key(event, dialog, finish) {
  const input = event.target.closest("input[data-item]");
  if ((event.ctrlKey || event.metaKey) && (event.key === "Enter" || event.key.toLowerCase() === "s")) {
    event.preventDefault();
    event.stopPropagation();
    finish();
    return;
  }
  if (!input || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const step = { Enter: next, ArrowDown: down, ArrowUp: up, ArrowRight: right, ArrowLeft: left }[event.key];
  const target = step?.(input, dialog);
  if (event.key === "Enter" && !target) finish();
  if (target) focusCell(target);
  if (step) {
    event.preventDefault();
    event.stopPropagation();
  }
}

function next(input, dialog) {
  const every = inputs(dialog);
  return every[every.indexOf(input) + 1];
}

function vertical(input, way) {
  const place = input.closest("td").cellIndex;
  for (let row = input.closest("tr")[way]; row; row = row[way]) {
    const found = one("input[data-item]", row.cells[place]);
    if (found) return found;
  }
  return null;
}
const down = (input) => vertical(input, "nextElementSibling");
const up = (input) => vertical(input, "previousElementSibling");

function sideways(input, step) {
  const row = all("input[data-item]", input.closest("tr"));
  return row[row.indexOf(input) + step];
}
const right = (input) => sideways(input, 1);
const left = (input) => sideways(input, -1);

// --- sums and lines ---------------------------------------------------------------------------------

const number = (input) => Number.parseFloat(input.value.replaceAll(",", "")) || 0;
const shown = (list) => { const total = list.reduce((so, input) => so + number(input), 0); return total ? String(Number(total.toFixed(4))) : ""; };

function sum(dialog) {
  const table = one("[data-tk-matrix]", dialog);
  if (!table) return;
  const rows = all("tbody tr", table);
  rows.forEach((row) => { one("[data-sum-row]", row).textContent = shown(all("input[data-item]", row)); });
  all("[data-sum-column]", table).forEach((cell, at) => {
    cell.textContent = shown(rows.map((row) => one("input[data-item]", row.cells[at + 1])).filter(Boolean));
  });
  one("[data-sum]", table).textContent = shown(inputs(dialog));
}

function take(dialog, grid, start, changed) {
  const picker = one("[data-picker]", start);
  if (picker && !idOf(start).value) picker.value = "";
  start.classList.toggle("blank", !isFilled(start));
  for (const input of inputs(dialog)) {
    const value = input.value.trim();
    if (value === (input.dataset.before || "")) continue;
    const row = rowOf(grid, input.dataset.item);
    if (row && !value) row.remove();
    else if (value) write(row || freeRow(grid, start), input, value);
  }
  renumber(grid);
  changed(grid);
  const free = freeRow(grid, start);
  focusCell(cellsOf(free)[0]);
}

function freeRow(grid, start) {
  if (start.isConnected && !isFilled(start)) return start;
  return rowsOf(grid).find((row) => !isFilled(row)) || addRow(grid);
}

function write(row, input, value) {
  idOf(row).value = input.dataset.item;
  one("[data-picker]", row).value = input.dataset.code;
  const name = one('[data-out="name"]', row);
  if (name) name.textContent = input.dataset.name;
  const qty = field(row, "qty");
  qty.value = value;
  touch(qty);
}
