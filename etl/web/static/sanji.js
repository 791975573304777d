// The page works without this file. With it: filters act at once, all boxes of a form can be ticked at once and are counted, a form
// without a tick and a file that is too large are told of before anything is sent, a form says that it is busy and is sent once,
// a refusal has the focus, and what is printed is unfolded.
"use strict";

for (const bar of document.querySelectorAll("[data-share]")) bar.style.flexGrow = bar.dataset.share;

for (const form of document.querySelectorAll("form[data-auto]")) {
  for (const field of form.querySelectorAll("select")) field.addEventListener("change", () => form.requestSubmit());
}

for (const picks of document.querySelectorAll("[data-picks]")) {
  const boxes = [...document.querySelectorAll(`input[type=checkbox][name=finding][form="${picks.dataset.picks}"]`)];
  const every = document.querySelector(`#${picks.dataset.picks} [name=every]`);
  const [button, output] = picks.children;
  const count = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    output.textContent = chosen ? picks.dataset.some.replace("{}", chosen) : picks.dataset.none;
    boxes[0]?.setCustomValidity(chosen || every?.checked ? "" : picks.dataset.need);
  };
  button.addEventListener("click", () => {
    const all = boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = !all;
    count();
  });
  for (const box of [...boxes, every]) box?.addEventListener("change", count);
  count();
  picks.hidden = false;
}

for (const field of document.querySelectorAll("input[data-most]")) {
  field.addEventListener("change", () => {
    const large = field.files[0]?.size > Number(field.dataset.most);
    field.setCustomValidity(large ? field.dataset.tooLarge : "");
    field.reportValidity();
  });
}

for (const form of document.querySelectorAll("form[data-busy]")) {
  form.addEventListener("submit", (event) => {
    const button = event.submitter ?? form.querySelector("button:not([type=button])");
    document.getElementById("say").textContent = form.dataset.busy;
    button.setAttribute("aria-disabled", "true");
    button.textContent = form.dataset.busy;
    form.addEventListener("submit", (again) => again.preventDefault());
  });
}

// What was refused is read out first, and the keyboard goes on from there.
const refused = document.querySelector("main [role=alert]");
if (refused) {
  refused.tabIndex = -1;
  refused.focus();
}

// On paper nothing is folded.
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details.group:not([open]), details.place:not([open]), .told details:not([open])")];
  for (const each of folded) each.open = true;
});
addEventListener("afterprint", () => { for (const each of folded) each.open = false; });

// A page that comes back out of the browser's memory must not look busy.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
