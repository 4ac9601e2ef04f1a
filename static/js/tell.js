// The public form, made easier: fields that a choice does not need go away, and instead of asking a question the browser
// proves by some seconds of work that somebody uses it. Everything works without this.
const words = document.getElementById("words")?.dataset ?? {};
const form = document.querySelector("form[data-tell]");

function follow(name, box, shownFor) {
  const show = () => {
    const chosen = form.querySelector(`[name=${name}]:checked`)?.value ?? "";
    box.hidden = !shownFor(chosen);
  };
  form.addEventListener("change", show);
  show();
}

for (const box of form?.querySelectorAll("[data-only-for]") ?? []) {
  const kinds = box.dataset.onlyFor.split(" ");
  follow("nature", box, (chosen) => kinds.includes(chosen));
}
for (const box of form?.querySelectorAll("[data-not-for]") ?? []) {
  follow("identity", box, (chosen) => chosen !== box.dataset.notFor);
}

// Without a safe connection browsers give no crypto.subtle: the question stays.
const canProve = form?.dataset.puzzle && window.isSecureContext && window.Worker && crypto.subtle;

function solve(puzzle, address) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(address);
    worker.addEventListener("message", (event) => { worker.terminate(); resolve(event.data); });
    worker.addEventListener("error", () => { worker.terminate(); reject(new Error("worker")); });
    worker.postMessage(puzzle);
  });
}

async function prove() {
  const answer = await fetch(form.dataset.puzzle, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  const puzzle = await answer.json();
  const solution = await solve(puzzle, form.dataset.worker);
  form.elements.altcha.value = btoa(JSON.stringify({ challenge: puzzle, solution }));
}

if (canProve) {
  const question = form.querySelector("[data-question]");
  const field = question.querySelector("input");
  // An error stands there: it is to be seen, and may be answered.
  const hasError = question.querySelector(".is-invalid") !== null;
  question.hidden = !hasError;
  let waiting = null;
  let state = "working";
  prove().then(() => { state = "done"; }, () => {
    state = "failed";
    question.hidden = false;
  }).finally(() => {
    if (!waiting) return;
    const button = waiting;
    waiting = null;
    button.removeAttribute("aria-busy");
    if (state === "done") form.requestSubmit(button);
    else field.focus();
  });
  form.addEventListener("submit", (event) => {
    if (state !== "working" || field.value || event.submitter?.value !== "send") return;
    event.preventDefault();
    waiting = event.submitter;
    waiting.setAttribute("aria-busy", "true");
    const progress = document.getElementById("progress");
    if (progress) {
      progress.textContent = words.busy;
      progress.hidden = false;
    }
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
