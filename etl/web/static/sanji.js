// The page works without this file. With it: filters act at once, a form says that it is busy and is sent once.
"use strict";

for (const bar of document.querySelectorAll("[data-share]")) bar.style.flexGrow = bar.dataset.share;

for (const form of document.querySelectorAll("form[data-auto]")) {
  for (const field of form.querySelectorAll("select")) field.addEventListener("change", () => form.requestSubmit());
}

for (const form of document.querySelectorAll("form[data-busy]")) {
  form.addEventListener("submit", () => {
    const button = form.querySelector("button");
    document.getElementById("say").textContent = form.dataset.busy;
    button.setAttribute("aria-disabled", "true");
    button.textContent = form.dataset.busy;
    form.addEventListener("submit", (again) => again.preventDefault());
  });
}

// A page that comes back out of the browser's memory must not look busy.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
