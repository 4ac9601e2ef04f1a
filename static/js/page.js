// What every page does: menus close, the error summary takes the focus, requests that take long say so.
const words = document.getElementById("words")?.dataset ?? {};
const progress = document.getElementById("progress");
const SLOW_AFTER_MS = 1000;
const FAILURE_SHOWN_MS = 12000;

// Menus are <details class="menu">: open without this script, closed by Escape or a press elsewhere with it.
const openMenus = () => document.querySelectorAll("details.menu[open]");
document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing) return;
  for (const menu of openMenus()) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  }
});

for (const button of document.querySelectorAll("[data-opens]")) {
  const part = document.getElementById(button.dataset.opens);
  button.addEventListener("click", () => {
    const open = part.classList.toggle("open");
    button.setAttribute("aria-expanded", String(open));
  });
}

// An error summary is read out and reached at once, also when htmx brings it.
function focusSummary(root) {
  const summary = root.querySelector?.("[data-focus]");
  if (summary) summary.focus();
}
focusSummary(document);
document.addEventListener("htmx:afterSwap", (event) => focusSummary(event.target));

// A link in the summary leads into the field, not only to it.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".error-summary a[href^='#']");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  field.focus();
  (field.closest(".field") ?? field).scrollIntoView({ block: "center" });
});

let hideLater = 0;
function say(text, forMs = 0) {
  if (!progress) return;
  window.clearTimeout(hideLater);
  progress.hidden = !text;
  progress.textContent = text;
  if (text && forMs) hideLater = window.setTimeout(() => say(""), forMs);
}

let running = 0;
let slow = 0;
document.addEventListener("htmx:beforeRequest", () => {
  running += 1;
  if (running === 1) slow = window.setTimeout(() => say(words.busy), SLOW_AFTER_MS);
});
document.addEventListener("htmx:afterRequest", () => {
  running = Math.max(0, running - 1);
  if (running > 0) return;
  window.clearTimeout(slow);
  if (progress && progress.textContent === words.busy) say("");
});
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, () => window.setTimeout(() => say(words.requestFailed, FAILURE_SHOWN_MS)));
}
