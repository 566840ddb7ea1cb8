// Popovers are placed beside their button, dialogs opened and closed, the phone drawer moved. Escape and outside clicks are native.
import { all, on, one } from "./dom.js";

const PHONE = window.matchMedia("(max-width: 760px)");
const EDGE = 8;

function opener(popover) {
  return all(`[popovertarget="${CSS.escape(popover.id)}"]`).find((each) => each.offsetParent !== null && !popover.contains(each));
}

export function place(popover, anchor) {
  if (popover.classList.contains("tk-why") && PHONE.matches) return;
  const box = anchor.getBoundingClientRect();
  const width = popover.offsetWidth;
  const height = popover.offsetHeight;
  let left = popover.dataset.tkPlace === "below-start" ? box.left : box.right - width;
  if (popover.classList.contains("tk-why")) left = box.right + 16 - width;
  left = Math.max(EDGE, Math.min(left, window.innerWidth - width - EDGE));
  let top = box.bottom + 6;
  if (top + height > window.innerHeight - EDGE) top = box.top - height - 6 > EDGE ? box.top - height - 6 : Math.max(EDGE, window.innerHeight - height - EDGE);
  popover.style.left = `${left}px`;
  popover.style.top = `${top}px`;
}

document.addEventListener("toggle", (event) => {
  const popover = event.target;
  if (!(popover instanceof HTMLElement) || !popover.hasAttribute("popover") || event.newState !== "open") return;
  const anchor = opener(popover);
  if (anchor) place(popover, anchor);
}, true);

window.addEventListener("scroll", () => {
  for (const popover of all("[popover]:popover-open")) {
    const anchor = opener(popover);
    if (anchor) place(popover, anchor);
  }
}, { passive: true, capture: true });

on("keydown", "[popover].tk-menu", (event, menu) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const items = all("a, button:not([disabled])", menu);
  const at = items.indexOf(document.activeElement);
  items[(at + (event.key === "ArrowDown" ? 1 : items.length - 1)) % items.length]?.focus();
  event.preventDefault();
});

on("click", "[data-tk-open]", (event, button) => {
  const dialog = document.getElementById(button.dataset.tkOpen.replace(/^#/, ""));
  if (!dialog) return;
  event.preventDefault();
  button.closest("[popover]")?.hidePopover();
  dialog.showModal();
});

on("click", "[data-tk-close]", (event, button) => {
  event.preventDefault();
  button.closest("dialog")?.close();
});

// a click on the backdrop closes; a click inside does not reach the dialog element itself
on("mousedown", "dialog.tk-dialog, dialog.tk-cmdk", (event, dialog) => {
  if (event.target !== dialog) return;
  const box = dialog.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!inside) dialog.close();
});

function drawer(open) {
  document.documentElement.classList.toggle("tk-drawer-open", open);
  one(".tk-menu-btn")?.setAttribute("aria-expanded", String(open));
  if (open) one(".tk-side a, .tk-side button")?.focus();
  else one(".tk-menu-btn")?.focus();
}

on("click", "[data-tk-drawer]", () => drawer(!document.documentElement.classList.contains("tk-drawer-open")));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.documentElement.classList.contains("tk-drawer-open")) drawer(false);
});
PHONE.addEventListener("change", () => document.documentElement.classList.remove("tk-drawer-open"));
