// A form is sent once, however often its button is pressed. The server's submission key is the guarantee; this saves
// people from meeting it. Forms whose answer leaves the page standing (a download, a new tab) carry data-again.
const SENT = "sent";

function buttonsOf(form) {
  return [...form.elements].filter((element) => element.matches("button:not([type=button]), input[type=submit]"));
}

function hold(form, submitter) {
  form.dataset.state = SENT;
  // Only now: a button disabled while the browser gathers the fields would not be sent itself.
  window.setTimeout(() => {
    for (const button of buttonsOf(form)) button.disabled = true;
    submitter?.setAttribute("aria-busy", "true");
  });
}

function release(form) {
  if (form.dataset.state !== SENT) return;
  delete form.dataset.state;
  for (const button of buttonsOf(form)) {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
}

// On the way down, before htmx hears of it.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.state !== SENT) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

document.addEventListener("submit", (event) => {
  const form = event.target;
  const sends = form.method === "post" || form.matches("[hx-post], [hx-put]");
  if (!sends || form.matches("[data-again], [target=_blank]")) return;
  // Another script may have found the form incomplete; htmx prevents the default too, but to send it itself.
  const byHtmx = form.matches("[hx-post], [hx-put]");
  if (event.defaultPrevented && !byHtmx) return;
  hold(form, event.submitter);
});

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form");
  // A redirect is on its way: the form stays held until the page is gone.
  if (form && !event.detail.xhr?.getResponseHeader("HX-Redirect")) release(form);
});

// Back from the next page, the browser shows this one as it was left.
window.addEventListener("pageshow", () => {
  for (const form of document.forms) release(form);
});
