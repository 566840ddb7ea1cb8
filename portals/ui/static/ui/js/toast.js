// Toasts say that something worked. They leave by themselves unless the pointer or the focus rests on them.
import { all, on, one } from "./dom.js";

const LIFE = 6000;

function age(toast) {
  setTimeout(() => {
    if (toast.matches(":hover, :focus-within")) age(toast);
    else toast.remove();
  }, LIFE);
}

export function toast(words) {
  const box = one("#tk-toasts");
  if (!box) return;
  const item = document.createElement("div");
  item.className = "tk-toast";
  const text = document.createElement("div");
  text.className = "grow";
  text.textContent = words;
  item.append(text);
  box.append(item);
  age(item);
}

all(".tk-toast:not(.error)").forEach(age);
on("click", "[data-tk-dismiss]", (event, button) => button.closest(".tk-toast, .tk-banner")?.remove());
document.addEventListener("tk:toast", (event) => toast(event.detail.value ?? event.detail));
