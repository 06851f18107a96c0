// Fills a table page from its rows, sorted and filtered in the browser; the choice is kept in the URL.
(function () {
  "use strict";

  const motcua = window.motcua;
  if (motcua.screen === "wall") return;
  const choice = new URLSearchParams(location.search);
  let column = Number(choice.get("sort") || 0);
  let downward = choice.get("down") === "1";
  let wanted = choice.get("find") || "";

  function fold(text) {
    return text.toLowerCase().replace(/đ/g, "d").normalize("NFD").replace(/\p{M}/gu, "");
  }

  // Rows without a value come last, whichever way the others go.
  function compare(a, b) {
    const left = a.cells[column].sort, right = b.cells[column].sort;
    if (left === null || right === null) return (left === null) - (right === null);
    const order = left < right ? -1 : left > right ? 1 : 0;
    return downward ? -order : order;
  }

  function element(tag, name, text) {
    const made = document.createElement(tag);
    if (name) made.className = name;
    if (text) made.textContent = text;
    return made;
  }

  function drawCell(cell) {
    const made = element("td", cell.state && "is-" + cell.state);
    if (cell.age_of_ms !== null) made.dataset.observedMs = cell.age_of_ms;
    if (cell.fresh_s !== null) made.dataset.freshS = cell.fresh_s;
    const counts = cell.age_of_ms !== null && (!cell.text || cell.state === "withheld");
    if (cell.text) made.append(element("div", "text", cell.text));
    if (counts) made.append(element("div", cell.text ? "note age" : "text age"));
    if (cell.state === "simulated") made.append(element("span", "mark", "MÔ PHỎNG"));
    if (cell.note) made.append(element("span", "note", cell.note));
    return made;
  }

  function draw() {
    const body = document.getElementById("rows");
    if (!body) return;
    const all = motcua.pages.flat().map((name) => motcua.parts[name]);
    const rows = all.filter((row) => row.search.includes(fold(wanted)));
    const offline = all.filter((row) => row.cells.some((cell) => cell.state === "offline"));
    motcua.write(".count", all.length.toLocaleString("vi"));
    motcua.write(".count-offline", offline.length.toLocaleString("vi"));
    rows.sort(compare);
    body.replaceChildren(...rows.map((row) => {
      const made = element("tr");
      made.append(...row.cells.map(drawCell));
      return made;
    }));
    document.querySelector(".nothing").hidden = rows.length > 0;
    document.querySelectorAll("th").forEach((head, index) => {
      const order = downward ? "descending" : "ascending";
      head.setAttribute("aria-sort", index === column ? order : "none");
    });
  }

  function keep() {
    const kept = new URLSearchParams({ sort: column, down: downward ? 1 : 0, find: wanted });
    history.replaceState(null, "", "?" + kept);
    draw();
  }

  document.addEventListener("click", (event) => {
    const head = event.target.closest("thead th");
    if (!head) return;
    const chosen = head.cellIndex;
    // Figures are first read from the top, names from A.
    downward = chosen === column ? !downward : chosen > 0;
    column = chosen;
    keep();
  });

  document.addEventListener("input", (event) => {
    if (event.target.id !== "filter") return;
    wanted = event.target.value;
    keep();
  });

  motcua.draw = (changed) => {
    draw();
    if (changed.has("page")) requestAnimationFrame(draw); // once React has put the table there
    if (changed.has("intervals")) window.dash_clientside.set_props("intervals", { figure: motcua.parts.intervals });
  };
})();
