// The figures of a chart as a table, made once somebody opens it.
(function () {
  "use strict";

  function row(scope, texts) {
    const made = document.createElement("tr");
    made.append(...texts.map((text, at) => {
      const heading = scope === "col" || at === 0;
      const cell = document.createElement(heading ? "th" : "td");
      if (heading) cell.scope = scope;
      cell.textContent = text;
      return cell;
    }));
    return made;
  }

  function writeFigures() {
    for (const holder of document.querySelectorAll("details[open] [data-figures]:empty")) {
      const { name, heads, rows } = JSON.parse(holder.dataset.figures);
      const table = document.createElement("table");
      table.setAttribute("aria-label", name);
      table.createTHead().append(row("col", heads));
      table.createTBody().append(...rows.map((each) => row("row", each)));
      holder.append(table);
    }
  }

  document.addEventListener("toggle", writeFigures, true);
  new MutationObserver((changes) => {
    for (const { type, target } of changes) if (type === "attributes") target.replaceChildren();
    writeFigures();
  }).observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ["data-figures"] });
})();
