// Signing on the screen: the drawing goes as a PNG data URL into a hidden input. The radios beside it (tablet, paper,
// none) show what belongs to them; data-for names the value. Needs vendor/signature_pad/signature_pad.umd.min.js before.
const words = document.getElementById("words")?.dataset ?? {};

function enhance(box) {
  if ("ready" in box.dataset) return;
  box.dataset.ready = "";
  const canvas = box.querySelector("canvas");
  const input = box.querySelector(".signature-draw input[type=hidden]");
  const state = box.querySelector("[data-signature-state]");
  const pad = new window.SignaturePad(canvas, { backgroundColor: "#ffffff", penColor: "#101820", minWidth: 0.9, maxWidth: 2.6 });

  // A canvas has pixels of its own; without this the line runs beside the finger and prints blurred.
  function fit() {
    const width = canvas.offsetWidth;
    if (!width) return;
    const ratio = Math.max(window.devicePixelRatio || 1, 2);
    if (canvas.width === Math.round(width * ratio)) return;
    const strokes = pad.toData();
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(canvas.offsetHeight * ratio);
    canvas.getContext("2d").scale(ratio, ratio);
    pad.clear();
    if (strokes.length) pad.fromData(strokes);
    else if (input.value.startsWith("data:image/png;base64,")) pad.fromDataURL(input.value, { ratio });
  }

  const mode = () => box.querySelector("[data-signature-mode] input:checked")?.value;
  const hasMode = box.querySelector("[data-signature-mode]") !== null;

  function show() {
    for (const part of box.querySelectorAll("[data-for]")) part.hidden = hasMode && part.dataset.for !== mode();
    fit();
  }

  pad.addEventListener("endStroke", () => {
    input.value = pad.toDataURL("image/png");
    state.textContent = "";
  });
  box.querySelector("[data-clear]").addEventListener("click", () => {
    pad.clear();
    input.value = "";
  });
  box.addEventListener("change", show);
  window.addEventListener("resize", fit);

  // Before all others: neither htmx may send it nor submit-once.js hold a form that is not sent.
  box.closest("form")?.addEventListener("submit", (event) => {
    const wanted = hasMode ? mode() === "tablet" : "required" in box.dataset;
    if (hasMode && mode() !== "tablet") input.value = "";
    if (!wanted || input.value) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    state.textContent = words.signatureMissing;
    canvas.scrollIntoView({ block: "center" });
  }, true);
  show();
}

const enhanceAll = (root) => root.querySelectorAll("[data-signature]").forEach(enhance);
enhanceAll(document);
document.addEventListener("htmx:afterSwap", (event) => enhanceAll(event.target));
