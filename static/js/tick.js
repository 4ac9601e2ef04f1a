// "Tick all" above the papers of a list; without this script every row is ticked by hand.
for (const label of document.querySelectorAll("[data-tick-all]")) {
  const all = label.querySelector("input");
  const rows = [...document.querySelectorAll(`input[name=case][form=${label.dataset.tickAll}]`)];
  label.hidden = rows.length < 2;
  all.addEventListener("change", () => rows.forEach((row) => { row.checked = all.checked; }));
  for (const row of rows) row.addEventListener("change", () => { all.checked = rows.every((one) => one.checked); });
}
