// A file field in the words of the page: the browser's own are in the language of the browser.
import { all, on, t } from "./dom.js";

function show(input) {
  const names = [...input.files].map((file) => file.name).join(", ");
  input.previousElementSibling.textContent = names || t("no_file");
}

function span(className, text = "") {
  const made = document.createElement("span");
  made.className = className;
  made.textContent = text;
  return made;
}

function dress(root) {
  for (const input of all('input.form-control[type="file"]', root)) {
    const box = span(`tk-file ${input.className}`);
    input.className = "";
    input.before(box);
    box.append(span("do", t("choose_file")), span("what"), input);
    show(input);
  }
}

on("change", ".tk-file > input", (event, input) => show(input));
document.addEventListener("reset", (event) => setTimeout(() => all(".tk-file > input", event.target).forEach(show)));
document.addEventListener("htmx:load", (event) => dress(event.detail.elt));
window.addEventListener("pageshow", () => all(".tk-file > input").forEach(show));
dress(document);
