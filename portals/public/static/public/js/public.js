// Sign-up pages: the browser's time zone, and the click that the confirmation page makes by itself.
document.querySelectorAll("[data-tk-timezone]").forEach((input) => {
  input.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone || "";
});

const form = document.querySelector("form[data-tk-go]");
if (form) {
  const words = form.querySelector("[data-tk-go-words]");
  if (words) words.textContent = words.dataset.tkGoWords;
  form.requestSubmit(form.querySelector("button"));
}
