// What AG Grid and Dash ask for on the desk pages: cells, headings, the order of rows, search, address.
(function () {
  "use strict";

  const motcua = window.motcua;
  const SILENT_MS = 10000; // three refreshes missed

  function fold(text) {
    return text.toLowerCase().replace(/đ/g, "d").normalize("NFD").replace(/\p{M}/gu, "");
  }

  function element(...given) {
    return window.React.createElement(...given);
  }

  function sortOf(cell) {
    return cell === null || cell === undefined || cell.sort === undefined ? null : cell.sort;
  }

  window.dashAgGridFunctions = Object.assign(window.dashAgGridFunctions || {}, {
    // Rows without a value come last, whichever way the others go.
    missingLast(a, b, nodeA, nodeB, downward) {
      const left = sortOf(a), right = sortOf(b);
      if (left === null || right === null) {
        const last = (left === null) - (right === null);
        return downward ? -last : last;
      }
      return left < right ? -1 : left > right ? 1 : 0;
    },
    // What a filter compares: the figure as it is written, else the text.
    shown(cell) {
      if (!cell) return null;
      return cell.figure !== undefined ? cell.figure : cell.sort === undefined ? null : cell.text || null;
    },
  });

  window.dashAgGridComponentFunctions = Object.assign(window.dashAgGridComponentFunctions || {}, {
    Figure({ value }) {
      if (!value) return null;
      const counts = value.observed_ms !== undefined && (!value.text || value.state === "withheld");
      const attributes = { className: "said" + (value.state ? " is-" + value.state : "") };
      if (value.observed_ms !== undefined) attributes["data-observed-ms"] = value.observed_ms;
      if (value.fresh_s !== undefined) attributes["data-fresh-s"] = value.fresh_s;
      return element("div", attributes,
        value.text && element("div", { className: "text", key: "text", title: value.text },
          value.href ? element("a", { href: value.href }, value.text) : value.text),
        counts && element("div", { className: value.text ? "note age" : "text age", key: "age" }),
        (value.mark || value.note) && element("div", { className: "note", key: "note", title: value.note },
          value.mark && element("span", { className: "mark", key: "mark" }, value.mark), value.note));
    },
  });

  // What Dash and AG Grid leave out for those who hear the page or use the keyboard alone: a field that is
  // hidden from them stops the keyboard though the choice is a button, a field for files has no name, and
  // a row of headings without any heading calls itself a row.
  new MutationObserver(() => {
    for (const field of document.querySelectorAll('.dash-dropdown-focus-target[tabindex="0"]')) field.tabIndex = -1;
    for (const field of document.querySelectorAll(".drop input:not([aria-label])")) {
      field.setAttribute("aria-label", field.closest(".drop").textContent);
    }
    for (const row of document.querySelectorAll('.ag-header-row[role="presentation"]:not(:empty)')) {
      row.setAttribute("role", "row");
    }
    for (const row of document.querySelectorAll('.ag-header-row[role="row"]:empty')) {
      row.setAttribute("role", "presentation");
      row.removeAttribute("tabindex");
      row.removeAttribute("aria-rowindex");
    }
  }).observe(document.documentElement, { childList: true, subtree: true });

  // The very page that is shown, in the other language or theme: the rest of its address stays.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.language, a.theme");
    if (!link) return;
    event.preventDefault();
    const address = new URL(location.href);
    const theme = link.classList.contains("theme");
    address.searchParams.set(theme ? "theme" : "lang", theme ? link.dataset.theme : link.lang);
    location.assign(address);
  });

  // What stands on the page: each grid after its filters and sorting, each table and each row of cards.
  function cellOf(text, note, figure) {
    return { text: (text || "").trim(), note: (note || "").trim(), figure: Boolean(figure) };
  }

  function textOf(node) {
    return node ? (node.innerText || node.textContent || "").replace(/\s+/g, " ") : "";
  }

  function nameOf(node) {
    const titles = [...document.querySelectorAll("main h2, main h3, main figcaption")];
    const above = titles.filter((each) => each.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING);
    return textOf(above.pop());
  }

  function gridShown(id) {
    const api = window.dash_ag_grid && window.dash_ag_grid.getApi(id);
    if (!api) return null;
    const columns = api.getAllDisplayedColumns();
    const heads = columns.map((each) => {
      const group = each.getParent() && each.getParent().getColGroupDef && each.getParent().getColGroupDef();
      const own = each.getColDef().headerName || each.getColId();
      return group && group.headerName ? group.headerName + " · " + own : own;
    });
    const rows = [];
    api.forEachNodeAfterFilterAndSort((node) => rows.push(columns.map((each) => {
      const cell = (node.data || {})[each.getColDef().field];
      if (!cell) return cellOf("", "", false);
      const note = [cell.mark, cell.note].filter(Boolean).join(" ");
      return cellOf(cell.text, note, cell.figure !== undefined && cell.state !== "withheld");
    })));
    return { name: "", heads, rows };
  }

  function tableShown(table) {
    const heads = [...table.querySelectorAll("thead th")].map(textOf);
    const rows = [...table.querySelectorAll("tbody tr")].map((row) => [...row.children].map((each) => cellOf(textOf(each), "", false)));
    const width = Math.max(heads.length, ...rows.map((row) => row.length));
    while (heads.length < width) heads.push("");
    return { name: nameOf(table), heads, rows };
  }

  function cardsShown(list, texts) {
    const rows = [...list.querySelectorAll(".card")].map((card) => {
      const said = card.querySelector(".value, .withheld");
      const notes = [...card.querySelectorAll("dd .note, .beside")].map(textOf);
      return [cellOf(textOf(card.querySelector("dt")), "", false), cellOf(textOf(said), notes.filter(Boolean).join(" · "), false)];
    });
    return { name: nameOf(list), heads: [texts["export.figure"], texts["export.value"]], rows };
  }

  window.dash_clientside = Object.assign(window.dash_clientside || {}, {
    motcua: {
      tick(tick) {
        if (!tick) return null;
        motcua.silentMs = SILENT_MS;
        motcua.receiveTick(tick);
        if (tick.version && tick.version !== document.documentElement.dataset.version) motcua.reloadWhenServed();
        return tick.now_ms;
      },
      keep(query) {
        if (typeof query !== "string") return query;
        let kept = query;
        for (const name of ["lang", "theme"]) {
          const asked = new URLSearchParams(location.search).get(name);
          if (asked) kept += (kept ? "&" : "?") + name + "=" + asked;
        }
        if (kept !== location.search) history.replaceState(history.state, "", location.pathname + kept);
        return query;
      },
      shown() {
        const asked = window.dash_clientside.callback_context.triggered_id;
        const main = document.querySelector("main");
        const texts = { "export.figure": "", "export.value": "" };
        for (const name of Object.keys(texts)) texts[name] = document.querySelector(".export").dataset[name.slice(7)] || "";
        const tables = [];
        for (const node of main.querySelectorAll(".ag-theme-quartz, .grid, table.listed, table.planning, dl.cards")) {
          if (node.offsetParent === null || node.closest(".outcome, .form")) continue;
          const found = node.matches("table") ? tableShown(node) : node.matches("dl") ? cardsShown(node, texts) : node.id ? gridShown(node.id) : null;
          if (found && found.rows.length) tables.push(found);
        }
        const title = textOf(document.querySelector("main h1"));
        const at = new Date().toLocaleString("sv-SE", { timeZone: "Asia/Ho_Chi_Minh" }).slice(0, 16);
        return { format: asked.export, page: asked.page, title, address: location.href, at, tables, clicked: Date.now() };
      },
      columns(shown, definitions) {
        const left = ["group", "verdict", "value", "adjusted", "change", "n", "common", "response"];
        return definitions.map((each) => ({ ...each, hide: left.includes(each.colId) && !(shown || []).includes(each.colId) }));
      },
      find(text, options) {
        return { ...options, quickFilterText: fold(text || "") };
      },
      findHere(text, options) {
        const address = new URL(location.href);
        if (text) address.searchParams.set("find", text); else address.searchParams.delete("find");
        if (address.href !== location.href) history.replaceState(history.state, "", address);
        return { ...options, quickFilterText: fold(text || "") };
      },
    },
  });
})();
