// Theme and density: kept in a cookie, so the server paints the next page right from the first byte.
import { all, on, setCookie } from "./dom.js";

on("click", "[data-tk-look] button", (event, button) => {
  const kind = button.closest("[data-tk-look]").dataset.tkLook;
  const root = document.documentElement;
  setCookie(`troika_${kind}`, button.value);
  root.dataset[kind] = button.value;
  if (kind === "theme") root.dispatchEvent(new CustomEvent("tk:theme"));
  for (const each of all(`[data-tk-look="${kind}"] button`)) each.setAttribute("aria-pressed", String(each.value === button.value));
});
