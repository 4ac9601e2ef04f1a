// What was typed is never lost: forms with data-draft="key" are kept in this tab while somebody types, and put back
// after a reload, an error or a log-in. Kept in sessionStorage only, so personal data ends with the tab or the log-out.
// The server says that a form was accepted by a success message or any element with data-draft-done on the next page.
const words = document.getElementById("words")?.dataset ?? {};
const staff = document.body.dataset.staff ?? "";
const isOurs = staff !== "" || "public" in document.body.dataset;
const PREFIX = "draft:";
const own = `${PREFIX}${staff || "public"}:`;
const SKIPPED = ["hidden", "file", "password", "submit", "button", "reset", "image"];
const WAIT_MS = 300;
const drops = [];

const fieldsOf = (form) =>
  [...form.elements].filter((field) => field.name && !SKIPPED.includes(field.type) && !("noDraft" in field.dataset));
const keys = () => Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));
const read = (key) => JSON.parse(sessionStorage.getItem(key) ?? "null");
const write = (key, draft) => sessionStorage.setItem(key, JSON.stringify(draft));

function valuesOf(form) {
  const values = {};
  for (const field of fieldsOf(form)) {
    values[field.name] ??= [];
    if (field.type === "select-multiple") values[field.name].push(...[...field.selectedOptions].map((one) => one.value));
    else if (!["checkbox", "radio"].includes(field.type) || field.checked) values[field.name].push(field.value);
  }
  return values;
}

function putBack(form, values) {
  const taken = {};
  const changed = new Set();
  for (const field of fieldsOf(form)) {
    const kept = values[field.name];
    if (!kept) continue;
    if (["checkbox", "radio"].includes(field.type)) {
      const checked = kept.includes(field.value);
      if (checked !== field.checked) changed.add(field);
      field.checked = checked;
    } else if (field.type === "select-multiple") {
      for (const option of field.options) {
        if (kept.includes(option.value) !== option.selected) changed.add(field);
        option.selected = kept.includes(option.value);
      }
    } else {
      const place = (taken[field.name] = (taken[field.name] ?? -1) + 1);
      if (kept[place] === undefined || kept[place] === field.value) continue;
      field.value = kept[place];
      changed.add(field);
    }
  }
  return changed;
}

function say(form, text, discard) {
  const line = document.createElement("div");
  line.className = "draft-line";
  line.setAttribute("role", "status");
  line.textContent = text;
  if (discard) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn";
    button.textContent = words.draftDiscard;
    button.addEventListener("click", discard);
    line.append(button);
  }
  form.prepend(line);
}

function watch(form) {
  const key = own + form.dataset.draft;
  let later = 0;
  const keep = (sent) => {
    window.clearTimeout(later);
    later = 0;
    write(key, { values: valuesOf(form), sent });
  };
  const drop = () => {
    window.clearTimeout(later);
    later = 0;
    sessionStorage.removeItem(key);
  };
  drops.push(drop);
  const draft = read(key);
  if (draft) {
    write(key, { ...draft, sent: false });
    const changed = putBack(form, draft.values);
    if (changed.size) {
      say(form, words.draftRestored, () => {
        drop();
        window.location.assign(window.location.href);
      });
      // Other scripts (chips that show further fields, counters) learn of the values in the usual way.
      for (const field of changed) field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
  for (const kind of ["input", "change"]) {
    form.addEventListener(kind, (event) => {
      if (!event.isTrusted) return;
      window.clearTimeout(later);
      later = window.setTimeout(() => keep(false), WAIT_MS);
    });
  }
  form.addEventListener("submit", (event) => {
    if (!event.defaultPrevented || form.matches("[hx-post], [hx-put]")) keep(true);
  });
  window.addEventListener("pagehide", () => later && keep(false));
}

function settle(root) {
  if (!root.querySelector("[data-draft-done]")) return;
  for (const key of keys()) if (read(key).sent) sessionStorage.removeItem(key);
}

// Somebody else has logged in at this counter: nothing of the person before is shown to them.
if (staff) for (const key of keys()) if (!key.startsWith(own)) sessionStorage.removeItem(key);
// Log-in and error pages tell nothing about the form that was sent, except that it was not accepted.
if (isOurs) settle(document);
else for (const key of keys()) write(key, { ...read(key), sent: false });

for (const form of document.querySelectorAll("form[data-draft]")) watch(form);
document.addEventListener("htmx:afterSwap", (event) => settle(event.target));
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-logout]")) return;
  for (const drop of drops) drop();
  for (const key of keys()) sessionStorage.removeItem(key);
});
