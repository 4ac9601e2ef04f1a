// The registration page: who it may be and what it may be is asked while somebody types, a found resident fills the
// form, and sections show when they are needed. Without this script every button is a plain submit.
const form = document.getElementById("register");
const field = (name) => form.querySelector(`[name="${name}"]`);
const valueOf = (name) => new FormData(form).get(name) ?? "";
const say = (element) => element?.dispatchEvent(new Event("typed"));
let filled = {};

// While an input method works its letters are no text yet.
const ask = (element) => {
  if (element.matches("[name=name], [name=phone]") && field("resident").value) return;
  say(element);
};
form.addEventListener("input", (event) => {
  if (event.target.matches("[data-typed]") && !event.isComposing) ask(event.target);
  if (event.target.name === "matter") count();
});
form.addEventListener("compositionend", (event) => {
  if (event.target.matches("[data-typed]")) ask(event.target);
});

function count() {
  const place = form.querySelector("[data-count]");
  const length = [...field("matter").value].length;
  place.textContent = length ? place.dataset.countWords.replace("{count}", length) : "";
}

// Enter never sends half a form: in the name or the phone it takes the first resident found for what stands there.
form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || event.keyCode === 229 || event.ctrlKey || event.altKey) return;
  if (!event.target.matches("input:not([type=submit], [type=button])") || event.defaultPrevented) return;
  event.preventDefault();
  const list = form.querySelector("#residents [data-query]");
  const isFresh = list && list.dataset.query.trim() === event.target.value.trim();
  if (event.target.matches("[name=name], [name=phone]") && isFresh) list.querySelector("[data-pick]")?.click();
});
form.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const buttons = [...form.querySelectorAll("[data-pick]")];
  if (!step || event.isComposing || !buttons.length) return;
  const place = buttons.indexOf(event.target);
  if (place < 0 && !(event.target.matches("[name=name]") && step === 1)) return;
  event.preventDefault();
  (buttons[place + step] ?? (place + step < 0 ? field("name") : buttons[place])).focus();
});

function put(name, value) {
  const input = field(name);
  if (input.type === "radio") {
    for (const radio of form.querySelectorAll(`[name="${name}"]`)) radio.checked = radio.value === value;
  } else input.value = value;
}

function entries(dataset, prefix) {
  return Object.entries(dataset)
    .filter(([key]) => key.startsWith(prefix) && key.length > prefix.length)
    .map(([key, value]) => [key.slice(prefix.length).replace(/^[A-Z]/, (letter) => letter.toLowerCase()), value]);
}

function takeResident(card) {
  field("resident").value = card.dataset.chosen;
  for (const [name, text] of entries(card.dataset, "held")) field(name).placeholder = text;
  const values = entries(card.dataset, "fill");
  if (!values.length) return;
  filled = Object.fromEntries(values);
  for (const [name, value] of values) put(name, value);
  for (const name of ["phone", "id_number", "email"]) if (field(name).placeholder) put(name, "");
  showAge();
  field("matter").focus();
}

function dropResident() {
  field("resident").value = "";
  for (const [name, value] of Object.entries(filled)) if (valueOf(name) === value) put(name, "");
  for (const input of form.querySelectorAll("input[placeholder]")) input.placeholder = "";
  filled = {};
  form.querySelector("#residents").replaceChildren();
  showAge();
  field("name").focus();
}

// A number typed where the name stands, and nobody has it: it is the phone of somebody new.
form.addEventListener("change", (event) => {
  const { name, value } = event.target;
  if (name !== "name" || field("resident").value || field("phone").value) return;
  if (/^[\d\s+-]{7,}$/.test(value.trim())) {
    put("phone", value.trim());
    put("name", "");
  }
});

function showAge() {
  const label = form.querySelector("label[for=id_birth_date]");
  const born = new Date(field("birth_date").value);
  const now = new Date();
  let age = now.getFullYear() - born.getFullYear();
  if (now < new Date(now.getFullYear(), born.getMonth(), born.getDate())) age -= 1;
  label.dataset.words ??= label.textContent;
  label.textContent = age >= 0 && age < 130 ? `${label.dataset.words} · ${age}` : label.dataset.words;
}

function showParts() {
  for (const part of form.querySelectorAll("[data-shown-for]")) {
    const isWanted = part.dataset.values.split(" ").includes(valueOf(part.dataset.shownFor));
    part.hidden = part.disabled = !isWanted;
  }
}

function showSection(open) {
  for (const section of form.querySelectorAll("[data-section]")) {
    section.hidden = section.dataset.section !== open;
    section.querySelector("[data-strong]").classList.toggle("btn-primary", !section.hidden);
  }
  const closing = form.querySelector("[data-closing]");
  closing.hidden = Boolean(open);
  if (open) {
    const section = form.querySelector(`[data-section="${open}"]`);
    section.scrollIntoView({ block: "nearest" });
    // The pad has no width while it is hidden.
    window.dispatchEvent(new Event("resize"));
    (section.querySelector("textarea, input:not([type=hidden])")).focus();
  }
}

function followCategory() {
  const option = field("category").selectedOptions[0];
  const department = field("department");
  if (!department) return;
  if (!("own" in department.dataset)) department.value = option?.dataset.department ?? "";
  const words = form.querySelector("[data-transfer]");
  words.dataset.plain ??= words.textContent;
  const name = department.value ? department.selectedOptions[0].label : "";
  words.textContent = name ? words.dataset.to.replace("{department}", name) : words.dataset.plain;
}

form.addEventListener("change", (event) => {
  const { name } = event.target;
  if (["nature", "channel"].includes(name)) showParts();
  if (name === "birth_date") showAge();
  if (name === "category") {
    delete field("category").dataset.bySuggestion;
    showSuggestion();
  }
  if (name === "department") event.target.dataset.own = "";
  if (["category", "department"].includes(name)) followCategory();
  if (["nature", "category", "urgency", "outside_due_at"].includes(name)) say(form.querySelector("#promise"));
});

form.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.opensSection) showSection(button.dataset.opensSection);
  if ("back" in button.dataset) showSection("");
  if ("takeSuggestion" in button.dataset) takeSuggestion(true);
  if ("drop" in button.dataset) {
    event.preventDefault();
    dropResident();
  }
});

// Taken by itself only while nobody has chosen a category.
function takeSuggestion(isWanted) {
  const place = form.querySelector("#suggestion");
  const key = place.querySelector("[data-suggested]")?.dataset.suggested;
  const select = field("category");
  if (key && (isWanted || !select.value || "bySuggestion" in select.dataset)) {
    if (select.value !== key) {
      select.value = key;
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }
    select.dataset.bySuggestion = "";
  }
  showSuggestion();
}

function showSuggestion() {
  const place = form.querySelector("#suggestion");
  const key = place.querySelector("[data-suggested]")?.dataset.suggested;
  const button = place.querySelector("[data-take-suggestion]");
  if (!button) return;
  button.hidden = place.querySelector("[data-unless-taken]").hidden = field("category").value === key;
}

function arrange() {
  for (const part of form.querySelectorAll("[data-with-script]")) part.hidden = false;
  for (const part of form.querySelectorAll("[data-without-script]")) part.hidden = true;
  for (const button of form.querySelectorAll("[data-back], [data-opens-section]")) button.hidden = false;
  const further = form.querySelector("[data-further]");
  const isFurtherUsed = valueOf("identity") !== "named" || ["id_number", "email", "address_note"].some(valueOf);
  if (isFurtherUsed) further.open = true;
  const open = form.querySelector("[data-section][data-open]")?.dataset.section ?? "";
  const focused = document.activeElement;
  showSection(open);
  if (open && focused !== document.body) focused.focus();
  const department = field("department");
  const usual = field("category").selectedOptions[0]?.dataset.department ?? "";
  if (department?.value && department.value !== usual) department.dataset.own = "";
  showParts();
  showAge();
  followCategory();
  count();
}

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id === "register-body") {
    nameShortcuts();
    arrange();
    // Drawn anew without an error: somebody was picked before htmx had taken over the button.
    if (!event.target.querySelector("[data-focus]")) field(field("resident").value ? "matter" : "name").focus();
  }
  if (event.target.id === "similar") takeSuggestion(false);
  if (event.target.id !== "residents") return;
  for (const part of event.target.querySelectorAll("[data-with-script]")) part.hidden = false;
  const card = event.target.querySelector("[data-chosen]");
  if (card) takeResident(card);
});

const shortcuts = { name: "Alt+N", matter: "Alt+M", category: "Alt+K" };
function nameShortcuts() {
  for (const [name, shortcut] of Object.entries(shortcuts)) {
    const input = name === "category" ? document.getElementById("id_category") : field(name);
    if (input) input.dataset.shortcut = shortcut;
  }
}
nameShortcuts();
arrange();

// What a draft brought back is asked about anew, once htmx listens.
document.addEventListener("DOMContentLoaded", () => {
  const resident = field("resident").value;
  const wanted = document.querySelector("[data-pick], [data-chosen]") ? "" : resident;
  if (wanted) {
    const address = field("name").getAttribute("hx-post");
    window.htmx.ajax("POST", address, { target: "#residents", values: { resident: wanted } });
  } else if (field("name").value && !resident && !document.querySelector("[data-query]")) ask(field("name"));
  if (field("matter").value) ask(field("matter"));
  if (valueOf("nature") && field("category").value) say(form.querySelector("#promise"));
  if (!document.querySelector("[data-focus]")) field("name").focus();
});
