// Scanning. Every scan gets a key when it is made and keeps it until the server has answered: sent again, it is done once.
import { all, announce, csrf, on, one } from "../ui/js/dom.js";

const STORE = "tk.scan.waiting";
const form = one("[data-tk-scan]");
const field = form.elements.code;
const log = one("[data-tk-scans]");
let sending = false;

const waiting = () => JSON.parse(localStorage.getItem(STORE) || "[]");
const keep = (list) => localStorage.setItem(STORE, JSON.stringify(list));
const newKey = () => (crypto.randomUUID ? crypto.randomUUID() : [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join(""));

// A delivery that is being picked keeps its one card; while ticks of it wait, what is marked here is newer than the answer.
function show(html, sent) {
  const box = document.createElement("template");
  box.innerHTML = html.trim();
  const number = one("[data-scan-pick]", box.content)?.dataset.scanPick;
  const before = number && one(`[data-scan-pick="${CSS.escape(number)}"]`, log);
  if (before && sent.mode === "tick" && waiting().some((each) => each.delivery === number)) return;
  if (before) before.replaceWith(box.content);
  else log.prepend(box.content);
  announce(one("h2, .tk-err", log)?.textContent || "");
}

function note(words) {
  one("[data-scan-note]", log)?.remove();
  if (!words) return;
  const line = document.createElement("p");
  line.className = "tk-banner";
  line.dataset.scanNote = "";
  line.textContent = words;
  log.prepend(line);
}

// What waits is sent in its order; without a network it stays, with its key.
async function send() {
  if (sending) return;
  sending = true;
  try {
    for (let list = waiting(); list.length; list = waiting()) {
      const body = new FormData();
      const sent = list[0];
      Object.entries(sent).forEach(([name, value]) => body.append(name, value));
      const answer = await fetch(form.action || location.href, { method: "POST", body, headers: { "X-CSRFToken": csrf(), "X-Requested-With": "scan" }, credentials: "same-origin" });
      if (answer.status >= 500) throw new Error(String(answer.status));
      keep(waiting().slice(1));
      note("");
      show(await answer.text(), sent);
    }
  } catch {
    note(form.dataset.waiting);
  } finally {
    sending = false;
  }
}

function scanned(values) {
  keep([...waiting(), { key: newKey(), ...values }]);
  send();
}

// A line of the delivery that is being picked is ticked off at once and told to the server; anything else is asked of it,
// with the delivery: whether a piece is one of its own is known there.
function tick(code, open = one("[data-scan-pick]", log)) {
  const bare = (code.match(/\/(?:lots|items)\/([^/?#]+)/)?.[1] || code).toLowerCase();
  const line = open && all("li[data-codes]", open).find((each) => !each.dataset.picked && each.dataset.codes.toLowerCase().split("|").includes(bare));
  if (!line) return null;
  line.dataset.picked = "1";
  one("form", line)?.remove();
  const mark = document.createElement("span");
  mark.className = "tk-chip ok";
  mark.textContent = form.dataset.picked;
  line.append(mark);
  announce(form.dataset.picked);
  return { mode: "tick", code: bare, delivery: open.dataset.scanPick };
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const code = field.value.trim();
  field.value = "";
  field.focus();
  const picking = one("[data-scan-pick]", log)?.dataset.scanPick;
  if (code) scanned(tick(code) || { mode: new FormData(form).get("mode"), code, ...(picking && { delivery: picking }) });
});

on("submit", "[data-tk-deed]", (event, deed) => {
  event.preventDefault();
  const values = Object.fromEntries(["mode", "code"].map((name) => [name, deed.elements[name].value]));
  const picked = values.mode === "tick" && tick(values.code, deed.closest("[data-scan-pick]"));
  deed.remove();
  scanned(picked || values);
});

addEventListener("online", send);
setInterval(() => waiting().length && send(), 8000);
send();

// The camera, where the browser reads codes by itself.
const camera = one("[data-tk-camera]");
const video = one("[data-tk-video]");
if ("BarcodeDetector" in window && navigator.mediaDevices?.getUserMedia) {
  camera.hidden = false;
  camera.addEventListener("click", async () => {
    if (video.srcObject) return stop();
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      camera.hidden = true;
      return undefined;
    }
    video.hidden = false;
    await video.play();
    return look(new window.BarcodeDetector());
  });
}

function stop() {
  video.srcObject?.getTracks().forEach((track) => track.stop());
  video.srcObject = null;
  video.hidden = true;
}

async function look(detector) {
  while (video.srcObject) {
    const [found] = await detector.detect(video).catch(() => []);
    if (found) {
      stop();
      field.value = found.rawValue;
      form.requestSubmit();
      return;
    }
    await new Promise((done) => setTimeout(done, 250));
  }
}
