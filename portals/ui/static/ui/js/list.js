// List pages: selecting rows, the batch bar with an exact sum, sorting by several columns, opening a row by a click.
import { all, on, one, t, setCookie } from "./dom.js";

let anchor = null;

function boxes() {
  return all("[data-tk-row]");
}

// sums in hundredths as whole numbers, so that no cent is lost
function cents(text) {
  const clean = text.replace(/[,\s]/g, "").replace("−", "-");
  const match = /^(-?)(\d+)(?:\.(\d{1,2}))?/.exec(clean);
  if (!match) return 0n;
  const value = BigInt(match[2]) * 100n + BigInt((match[3] || "").padEnd(2, "0") || "0");
  return match[1] ? -value : value;
}

function money(value) {
  const text = String(value < 0n ? -value : value).padStart(3, "0");
  const whole = text.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${value < 0n ? "−" : ""}${whole}.${text.slice(-2)}`;
}

function refresh() {
  const bar = one("#tk-batch");
  if (!bar) return;
  const picked = boxes().filter((box) => box.checked);
  bar.hidden = picked.length === 0;
  for (const box of boxes()) box.closest("tr").classList.toggle("sel", box.checked);
  const every = one("[data-tk-all]");
  if (every) {
    every.checked = picked.length > 0 && picked.length === boxes().length;
    every.indeterminate = picked.length > 0 && !every.checked;
  }
  one("[data-tk-picked]", bar).textContent = t("selected", { count: picked.length });
  const sums = picked.map((box) => one("td.p-amount[data-tk-sum]", box.closest("tr"))).filter(Boolean);
  one("[data-tk-picked-sum]", bar).textContent = sums.length ? money(sums.reduce((sum, cell) => sum + cents(cell.firstChild.textContent.trim()), 0n)) : "";
}

on("change", "[data-tk-all]", (event, box) => {
  boxes().forEach((each) => { each.checked = box.checked; });
  refresh();
});

on("click", "[data-tk-row]", (event, box) => {
  const list = boxes();
  if (event.shiftKey && anchor && list.includes(anchor)) {
    const [from, to] = [list.indexOf(anchor), list.indexOf(box)].sort((a, b) => a - b);
    list.slice(from, to + 1).forEach((each) => { each.checked = box.checked; });
  }
  anchor = box;
  refresh();
});

on("click", "[data-tk-clear]", () => {
  boxes().forEach((box) => { box.checked = false; });
  refresh();
});

// Shift and a click on a header adds the column to the order
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-tk-sort]");
  if (link && event.shiftKey) {
    event.preventDefault();
    event.stopPropagation();
    window.htmx ? window.htmx.ajax("GET", link.dataset.tkSort, { target: "#tk-list", swap: "outerHTML" }).then(() => history.pushState({}, "", link.dataset.tkSort)) : location.assign(link.dataset.tkSort);
  }
}, true);

on("click", "tr[data-tk-href]", (event, row) => {
  if (event.target.closest("a, button, input, label, .sel") || window.getSelection()?.toString()) return;
  if (event.ctrlKey || event.metaKey) window.open(row.dataset.tkHref, "_blank", "noopener");
  else location.assign(row.dataset.tkHref);
});

on("click", "[data-tk-density]", () => {
  const root = document.documentElement;
  const next = root.dataset.density === "compact" ? "comfortable" : "compact";
  root.dataset.density = next;
  setCookie("troika_density", next);
});

document.addEventListener("htmx:afterSettle", refresh);
refresh();
