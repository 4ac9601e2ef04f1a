// The search that Ctrl K opens: a field with suggestions. Arrows move among them, Enter goes there, Escape closes. The
// shortcut itself is keyboard.js's, and goes off with the others.
const palette = document.getElementById("palette");
const opener = document.querySelector("[data-opens-palette]");
const ASK_AFTER_MS = 250;

function start() {
  const input = document.getElementById("palette-q");
  const list = document.getElementById("palette-options");
  const box = document.getElementById("find");
  let active = -1;
  let later = 0;
  let asked = "";

  const options = () => [...list.querySelectorAll("[role=option]")];

  function mark(place) {
    const all = options();
    active = all.length ? (place + all.length) % all.length : -1;
    all.forEach((option, number) => option.setAttribute("aria-selected", String(number === active)));
    input.setAttribute("aria-expanded", String(all.length > 0));
    if (active < 0) {
      input.removeAttribute("aria-activedescendant");
      return;
    }
    input.setAttribute("aria-activedescendant", all[active].id);
    all[active].scrollIntoView({ block: "nearest" });
  }

  function ask() {
    const typed = input.value.trim();
    if (typed === asked) return;
    asked = typed;
    // What no longer fits what is typed must not be what Enter goes to.
    list.replaceChildren();
    mark(-1);
    if (typed) window.htmx.trigger(input, "asked");
  }

  function askLater() {
    window.clearTimeout(later);
    later = window.setTimeout(ask, ASK_AFTER_MS);
  }

  function open() {
    if (palette.open) return;
    if (box?.value && !input.value) input.value = box.value;
    palette.showModal();
    input.focus();
    input.select();
    askLater();
  }

  opener.hidden = false;
  opener.addEventListener("click", open);
  palette.querySelector("[data-closes-palette]").addEventListener("click", () => palette.close());
  // A press beside the dialog meets the dialog itself: its backdrop.
  palette.addEventListener("click", (event) => { if (event.target === palette) palette.close(); });
  palette.addEventListener("close", () => window.clearTimeout(later));

  // Not while an input method is at work: half a syllable is no word, and each question about names is written down.
  input.addEventListener("input", (event) => { if (!event.isComposing) askLater(); });
  input.addEventListener("compositionend", askLater);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.altKey) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(active + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      const chosen = options()[active];
      if (!chosen || input.value.trim() !== asked) return;
      event.preventDefault();
      chosen.click();
    }
  });
  list.addEventListener("htmx:afterSwap", () => {
    // An answer to something typed before is of no use any more.
    if (input.value.trim() !== asked || !asked) list.replaceChildren();
    mark(0);
  });
}

if (palette && opener && typeof palette.showModal === "function") start();
