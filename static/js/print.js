// The Print button of the papers.
for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());
