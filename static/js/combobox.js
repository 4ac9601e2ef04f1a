// A select with data-search becomes a field one types in: words of the label, or the initials in an option's
// data-initials. The select stays what is sent; it changes with a "change" event, and follows one sent to it.
const words = document.getElementById("words")?.dataset ?? {};
const MOST = 50;

function matches(option, parts) {
  const label = option.label.toLowerCase();
  const initials = option.dataset.initials ?? "";
  return parts.every((part) => label.includes(part) || initials.includes(part));
}

function enhance(select) {
  const box = document.createElement("div");
  box.className = "combobox";
  const input = document.createElement("input");
  input.type = "text";
  input.className = `form-control${select.classList.contains("is-invalid") ? " is-invalid" : ""}`;
  input.autocomplete = "off";
  input.id = select.id;
  select.id = `${input.id}_value`;
  const list = document.createElement("ul");
  list.className = "combobox-list";
  list.id = `${input.id}_list`;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
  })) input.setAttribute(name, value);
  const label = document.querySelector(`label[for="${input.id}"]`);
  if (label) list.setAttribute("aria-label", label.textContent.trim());
  for (const name of ["aria-describedby", "aria-invalid"]) {
    if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  }
  if (select.dataset.shortcut) {
    input.dataset.shortcut = select.dataset.shortcut;
    delete select.dataset.shortcut;
  }
  delete select.dataset.search;
  select.hidden = true;
  select.before(box);
  box.append(input, list, select);
  let active = -1;

  const chosen = () => select.selectedOptions[0];
  const sync = () => { input.value = select.value ? chosen().label : ""; };

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(place) {
    const items = list.querySelectorAll("[role=option]");
    if (!items.length) return;
    active = (place + items.length) % items.length;
    items.forEach((item, number) => item.setAttribute("aria-selected", String(number === active)));
    items[active].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", items[active].id);
  }

  function open(text) {
    const parts = text.toLowerCase().split(/\s+/).filter(Boolean);
    const fitting = [...select.options].filter((option) => option.value && matches(option, parts)).slice(0, MOST);
    list.replaceChildren(...fitting.map((option, number) => {
      const item = document.createElement("li");
      item.id = `${list.id}_${number}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.textContent = option.label;
      item.dataset.value = option.value;
      return item;
    }));
    if (!fitting.length) {
      const none = document.createElement("li");
      none.className = "none";
      none.textContent = words.nothingFits ?? "–";
      list.append(none);
    }
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    active = -1;
    const current = fitting.findIndex((option) => option.value === select.value);
    if (fitting.length) mark(Math.max(text ? 0 : current, 0));
  }

  function choose(value) {
    const changed = select.value !== value;
    select.value = value;
    sync();
    close();
    if (changed) select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  input.addEventListener("input", (event) => { if (!event.isComposing) open(input.value); });
  input.addEventListener("compositionend", () => open(input.value));
  input.addEventListener("focus", () => input.select());
  input.addEventListener("click", () => { if (list.hidden) open(""); });
  input.addEventListener("blur", () => {
    if (!input.value.trim() && select.value) choose("");
    sync();
    close();
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.altKey) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) open("");
      else mark(active + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      const item = list.hidden ? null : list.querySelectorAll("[role=option]")[active];
      if (item) choose(item.dataset.value);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      sync();
      close();
    } else if (event.key === "Tab" && !list.hidden && input.value.trim()) {
      const item = list.querySelectorAll("[role=option]")[active];
      if (item) choose(item.dataset.value);
    }
  });
  // Before the field loses the focus.
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const value = event.target.closest("[role=option]")?.dataset.value;
    if (value) choose(value);
  });
  select.addEventListener("change", sync);
  sync();
}

const enhanceAll = (root) => root.querySelectorAll("select[data-search]").forEach(enhance);
enhanceAll(document);
document.addEventListener("htmx:afterSwap", (event) => enhanceAll(event.target));
