// The rows and cells of the entry grid: adding, numbering, knowing what a person typed, moving the focus.
import { all, one } from "./dom.js";

export const gridOf = (node) => node.closest("[data-tk-grid]");
export const rowsOf = (grid) => all("tbody tr[data-row]", grid);
export const cellsOf = (row) => all(".cell:not([readonly])", row);

export function addRow(grid) {
  const last = rowsOf(grid).at(-1);
  const index = rowsOf(grid).reduce((most, row) => Math.max(most, Number(row.dataset.row)), -1) + 1;
  const holder = document.createElement("tbody");
  holder.innerHTML = one("[data-tk-row-template]", grid).innerHTML.replaceAll("__i__", String(index));
  const row = holder.firstElementChild;
  last ? last.after(row) : one("tbody", grid).append(row);
  renumber(grid);
  return row;
}

export function renumber(grid) {
  rowsOf(grid).forEach((row, at) => { row.cells[0].firstChild.textContent = String(at + 1); });
}

export function isFilled(row) {
  return cellsOf(row).some((cell) => cell.tagName !== "SELECT" && cell.value.trim() !== "");
}

export function touch(cell) {
  const row = cell.closest("tr");
  const field = one("[data-touched]", row);
  const keys = new Set(field.value.split(",").filter(Boolean));
  keys.add(cell.closest("td").dataset.key);
  field.value = [...keys].join(",");
  row.classList.toggle("blank", !isFilled(row));
}

export function untouch(row, keep = []) {
  one("[data-touched]", row).value = keep.join(",");
}

export const touched = (row) => new Set(one("[data-touched]", row).value.split(",").filter(Boolean));

export function focusCell(cell) {
  if (!cell) return;
  cell.focus();
  cell.select?.();
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
}

export function next(cell) {
  const grid = gridOf(cell);
  const row = cell.closest("tr");
  const cells = cellsOf(row);
  const at = cells.indexOf(cell);
  if (at < cells.length - 1) return focusCell(cells[at + 1]);
  const below = row.nextElementSibling || (grid.hasAttribute("data-fixed") ? null : addRow(grid));
  return below ? focusCell(cellsOf(below)[0]) : undefined;
}
