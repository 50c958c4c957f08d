"use strict";
// The page reads without this: it sorts and filters the table of problems, and opens the card that a link names.
(() => {
  const openCard = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const card = target && target.closest("details");
    if (card) {
      card.open = true;
      card.querySelector("summary").focus();
      card.scrollIntoView();
    }
  };
  addEventListener("hashchange", openCard);
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#card-"]');
    if (link && link.hash === location.hash) openCard(); // the hash does not change the second time
  });
  openCard();

  const value = (row, column) => {
    const cell = row.cells[column];
    return "v" in cell.dataset ? Number(cell.dataset.v) : cell.textContent;
  };
  const order = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b)));

  const table = document.getElementById("problems-table");
  if (!table) return;
  const body = table.tBodies[0];
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    heading.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = heading.getAttribute("aria-sort") === "ascending";
      headings.forEach((other) => other.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      const keyed = [...body.rows].map((row) => [value(row, column), row]);
      keyed.sort((a, b) => (down ? order(b[0], a[0]) : order(a[0], b[0])));
      body.append(...keyed.map(([, row]) => row));
    });
  });

  const filters = document.getElementById("filters");
  if (!filters) return;
  const text = document.getElementById("filter-text");
  const choices = [...filters.querySelectorAll("select")];
  const count = document.getElementById("filter-count");
  const apply = () => {
    const wanted = text.value.trim().toLowerCase();
    let shown = 0;
    for (const row of body.rows) {
      const fits = choices.every((one) => !one.value || row.cells[one.dataset.column].textContent === one.value);
      row.hidden = !(fits && row.textContent.toLowerCase().includes(wanted));
      shown += !row.hidden;
    }
    count.textContent = `${shown} of ${body.rows.length} problems`;
  };
  text.addEventListener("input", apply);
  choices.forEach((one) => one.addEventListener("change", apply));
  document.getElementById("filter-clear").addEventListener("click", () => {
    text.value = "";
    choices.forEach((one) => { one.value = ""; });
    apply();
    text.focus();
  });
  filters.hidden = false;
  apply();
})();
