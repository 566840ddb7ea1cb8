// Filling many cells at once: down a column, from the line above, from a block of a spreadsheet.
import { one } from "./dom.js";
import { addRow, cellsOf, gridOf, isFilled, rowsOf, touch } from "./gridrows.js";

function same(cell, row) {
  return one(`td[data-key="${CSS.escape(cell.closest("td").dataset.key)}"] .cell`, row);
}

function put(target, source) {
  if (!target || target.readOnly) return;
  target.value = source.value;
  const from = one("[data-id]", source.closest("td"));
  const to = one("[data-id]", target.closest("td"));
  if (from && to) to.value = from.value;
  touch(target);
}

export function fillDown(cell) {
  for (let row = cell.closest("tr").nextElementSibling; row; row = row.nextElementSibling) {
    if (isFilled(row)) put(same(cell, row), cell);
  }
}

export function copyFromAbove(cell) {
  const above = cell.closest("tr").previousElementSibling;
  if (above && same(cell, above)) put(cell, same(cell, above));
}

function write(cell, text) {
  if (cell.tagName === "SELECT") {
    const option = [...cell.options].find((each) => each.textContent.trim() === text || each.value === text);
    if (option) cell.value = option.value;
  } else if (cell.inputMode === "decimal") cell.value = text.replace(/[,\s¥$]/g, "").replace("−", "-");
  else cell.value = text;
  const id = one("[data-id]", cell.closest("td"));
  if (id) id.value = "";
  touch(cell);
}

export function pasteBlock(cell, text) {
  const grid = gridOf(cell);
  const block = text.replace(/\r/g, "").replace(/\n$/, "").split("\n").map((line) => line.split("\t"));
  const start = cellsOf(cell.closest("tr")).indexOf(cell);
  let row = cell.closest("tr");
  block.forEach((values, at) => {
    if (at > 0) row = row.nextElementSibling || (grid.hasAttribute("data-fixed") ? null : addRow(grid));
    if (!row) return;
    const cells = cellsOf(row);
    values.forEach((value, offset) => {
      if (cells[start + offset]) write(cells[start + offset], value.trim());
    });
  });
  if (rowsOf(grid).every(isFilled) && !grid.hasAttribute("data-fixed")) addRow(grid);
}
