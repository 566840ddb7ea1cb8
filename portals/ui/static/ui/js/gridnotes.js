// What is worth knowing about the line that is being keyed: the server's `_notes` {title, rows: [[…]], url, more}.
import { one } from "./dom.js";
import { gridOf } from "./gridrows.js";

const notes = new WeakMap();

export function keepNotes(row, found) {
  notes.set(row, found);
  if (row.contains(document.activeElement)) showNotes(row);
}

export function showNotes(row) {
  const box = one("[data-tk-notes]", gridOf(row).closest("form"));
  if (!box) return;
  const found = notes.get(row);
  box.hidden = !found;
  if (!found) return;
  one("[data-tk-notes-title]", box).textContent = found.title;
  const more = one("[data-tk-notes-more]", box);
  more.hidden = !found.url;
  more.href = found.url || "#";
  one("[data-tk-notes-rows]", box).replaceChildren(...found.rows.map((cells) => {
    const line = document.createElement("li");
    line.append(...cells.map((text, at) => {
      const part = document.createElement(at ? "span" : "b");
      part.textContent = text;
      if (at) part.className = at === cells.length - 1 ? "end t2" : "tn";
      return part;
    }));
    return line;
  }));
}
