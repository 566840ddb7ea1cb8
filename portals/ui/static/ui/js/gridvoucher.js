// Voucher keys: `=` puts the difference into this side, space moves an amount to the other side. Whole cents, no floating point.
import { one } from "./dom.js";
import { gridOf, rowsOf, touch } from "./gridrows.js";

const side = (cell) => cell.closest("td").dataset.key;
const other = (key) => (key === "debit" ? "credit" : "debit");
const field = (row, key) => one(`td[data-key="${key}"] .cell`, row);

function cents(text) {
  const match = /^(-?)(\d*)(?:\.(\d{0,2}))?$/.exec(text.replace(/[,\s]/g, ""));
  if (!match) return 0n;
  const value = BigInt(match[2] || "0") * 100n + BigInt((match[3] || "").padEnd(2, "0"));
  return match[1] ? -value : value;
}

function plain(value) {
  const text = String(value < 0n ? -value : value).padStart(3, "0");
  return `${value < 0n ? "-" : ""}${text.slice(0, -2)}.${text.slice(-2)}`;
}

export function balance(cell) {
  const key = side(cell);
  if (key !== "debit" && key !== "credit") return false;
  let debit = 0n;
  let credit = 0n;
  for (const row of rowsOf(gridOf(cell))) {
    if (field(row, "debit") !== cell) debit += cents(field(row, "debit").value);
    if (field(row, "credit") !== cell) credit += cents(field(row, "credit").value);
  }
  const twin = field(cell.closest("tr"), other(key));
  if (key === "debit") credit -= cents(twin.value);
  else debit -= cents(twin.value);
  twin.value = "";
  cell.value = plain(key === "debit" ? credit - debit : debit - credit);
  touch(cell);
  return true;
}

export function flip(cell) {
  const key = side(cell);
  if (key !== "debit" && key !== "credit") return false;
  const twin = field(cell.closest("tr"), other(key));
  [twin.value, cell.value] = [cell.value, twin.value];
  touch(twin);
  twin.focus();
  return true;
}
