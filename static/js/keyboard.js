// Shortcuts, declared where they act: <button data-shortcut="Alt+N">. Only with Alt, Ctrl or a function key: bare
// letters belong to input methods. A link or button is pressed, a field is focused. One switch per person turns all off.
const isOn = () => document.body.dataset.shortcuts === "on";
const FUNCTION_KEY = /^F([1-9]|1[0-2])$/;

// By place of the key and not by what it types: Chinese input methods and the Option key change the latter.
function pressed(event) {
  const letter = /^(?:Key|Digit)(.)$/.exec(event.code)?.[1];
  return normalise([
    event.ctrlKey || event.metaKey ? "Ctrl" : "",
    event.altKey ? "Alt" : "",
    event.shiftKey ? "Shift" : "",
    letter ?? event.key,
  ]);
}

function normalise(parts) {
  const names = parts.map((part) => part.trim()).filter(Boolean);
  const key = names.pop() ?? "";
  const modifiers = ["Ctrl", "Alt", "Shift"].filter((name) => names.includes(name));
  return [...modifiers, key.length === 1 ? key.toUpperCase() : key].join("+");
}

function isAllowed(shortcut) {
  const parts = shortcut.split("+");
  return parts.includes("Ctrl") || parts.includes("Alt") || FUNCTION_KEY.test(parts.at(-1));
}

function declared(element) {
  const shortcut = normalise(element.dataset.shortcut.split("+"));
  return isAllowed(shortcut) ? shortcut : null;
}

// checkVisibility is young; offices have old browsers.
const isReachable = (element) => !element.disabled && element.getClientRects().length > 0;

function show(root) {
  const own = root.matches?.("[data-shortcut]") ? [root] : [];
  for (const element of [...own, ...root.querySelectorAll("[data-shortcut]")]) {
    const shortcut = declared(element);
    if (!shortcut) {
      console.warn(`Not a shortcut (Alt, Ctrl or a function key is needed): ${element.dataset.shortcut}`);
      continue;
    }
    element.setAttribute("aria-keyshortcuts", shortcut.replace("Ctrl", "Control"));
    if ("shortcutShown" in element.dataset || !element.matches("a, button, summary")) continue;
    const key = document.createElement("kbd");
    key.className = "key";
    key.setAttribute("aria-hidden", "true");
    key.textContent = shortcut.replaceAll("+", " ").replace("Enter", "↵");
    element.append(" ", key);
    element.dataset.shortcutShown = "";
  }
}

document.addEventListener("keydown", (event) => {
  // 229 is what browsers report while an input method works, some without isComposing.
  if (!isOn() || event.isComposing || event.keyCode === 229 || event.repeat) return;
  const shortcut = pressed(event);
  if (!isAllowed(shortcut)) return;
  const element = [...document.querySelectorAll("[data-shortcut]")].find(
    (candidate) => declared(candidate) === shortcut && isReachable(candidate),
  );
  if (!element) return;
  event.preventDefault();
  if (element.matches("input:not([type=submit], [type=button], [type=radio], [type=checkbox]), select, textarea")) {
    element.focus();
    element.select?.();
  } else {
    element.click();
  }
});

if (isOn()) show(document.body);
document.addEventListener("htmx:afterSwap", (event) => {
  if (isOn()) show(event.target);
});
