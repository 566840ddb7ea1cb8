// A popover that explains a promise fetches its ladder when it opens. Without script its one row is a link to the same page.
document.addEventListener("toggle", async (event) => {
  const popover = event.target;
  if (!(popover instanceof HTMLElement) || event.newState !== "open" || !popover.matches(".tk-why[popover]")) return;
  const link = popover.querySelector('.tk-ladder a[href*="/promise/"]');
  if (!link || popover.dataset.asked) return;
  popover.dataset.asked = "1";
  const answer = await fetch(link.href, { headers: { "X-Requested-With": "why" }, credentials: "same-origin" });
  if (answer.ok) popover.querySelector(".tk-ladder").outerHTML = await answer.text();
  window.dispatchEvent(new Event("scroll"));
}, true);
