// Settles the automatic theme before the first paint. Classic script, no dependencies, loaded in <head> on purpose.
(function () {
  var root = document.documentElement;
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  function paint() {
    if (root.dataset.theme === "auto") root.setAttribute("data-bs-theme", dark.matches ? "dark" : "light");
    else if (root.dataset.theme) root.setAttribute("data-bs-theme", root.dataset.theme);
  }
  paint();
  dark.addEventListener("change", paint);
  root.addEventListener("tk:theme", paint);
})();
