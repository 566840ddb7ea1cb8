// The command palette: Ctrl-K or the search box opens it, the server answers with a fragment, arrows move, Enter opens.
import { all, later, on, one } from "./dom.js";

const palette = one("#tk-palette");

function options() {
  return all('[role="option"]', palette);
}

function select(index) {
  const items = options();
  const input = one("#tk-palette-q");
  items.forEach((item, at) => {
    item.setAttribute("aria-selected", String(at === index));
    item.id = `tk-palette-${at}`;
  });
  if (items[index]) {
    items[index].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", items[index].id);
  } else input.removeAttribute("aria-activedescendant");
}

let latest = 0;
async function ask() {
  const input = one("#tk-palette-q");
  const ticket = (latest += 1);
  const url = new URL(palette.dataset.url, location.href);
  url.searchParams.set("q", input.value);
  const answer = await fetch(url, { headers: { "HX-Request": "true", "X-Requested-With": "palette" }, credentials: "same-origin" });
  if (ticket !== latest || !answer.ok) return;
  one("#tk-palette-list").innerHTML = await answer.text();
  select(0);
}
const askSoon = later(140, ask);

function open() {
  if (!palette || palette.open) return;
  palette.showModal();
  const input = one("#tk-palette-q");
  input.select();
  ask();
}

if (palette) {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
  on("click", "[data-tk-palette]", (event) => {
    event.preventDefault();
    open();
  });
  on("input", "#tk-palette-q", askSoon);
  on("keydown", "#tk-palette", (event) => {
    const items = options();
    const at = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown") select(Math.min(items.length - 1, at + 1));
    else if (event.key === "ArrowUp") select(Math.max(0, at - 1));
    else if (event.key === "Enter" && items[at]) {
      if (event.ctrlKey || event.metaKey) window.open(items[at].href, "_blank", "noopener");
      else location.assign(items[at].href);
    } else return;
    event.preventDefault();
  });
}
