// Small helpers. `on` delegates: one listener for all present and future elements that match.
export function on(type, selector, handler, options) {
  document.addEventListener(type, (event) => {
    const target = event.target instanceof Element ? event.target.closest(selector) : null;
    if (target) handler(event, target);
  }, options);
}

export const one = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];
export const csrf = () => one('meta[name="csrf-token"]')?.content || "";

export function later(milliseconds, task) {
  let timer = 0;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => task(...args), milliseconds);
  };
}

export function setCookie(name, value) {
  document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
}

// translated words come with the page as data; `{name}` is filled here
let words = null;
export function t(key, values = {}) {
  words ??= JSON.parse(document.getElementById("tk-words")?.textContent || "{}");
  return Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), words[key] || key);
}

const region = document.createElement("div");
region.className = "vh";
region.setAttribute("aria-live", "polite");
document.body.append(region);

export function announce(words) {
  region.textContent = "";
  requestAnimationFrame(() => { region.textContent = words; });
}
