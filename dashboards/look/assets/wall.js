// Draws a wall: keeps its rows and cells, and makes Dash components of the short lists it was sent.
(function () {
  "use strict";

  const motcua = window.motcua;
  let rows = { columns: [], head: [], units: [], first: 0, last: 0 };
  let style = {};
  let page = 0;
  let cells = {};
  let unsettled = false; // whether Dash may have dropped what was set since the newest frame

  function component(type, props) {
    return { namespace: "dash_html_components", type, props };
  }

  function isAttributes(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value);
  }

  // ["div.row.unit", {attributes}, children…]; "cell" and "part" stand for what is sent apart.
  function expand(node) {
    if (!Array.isArray(node)) return node;
    const [head, ...rest] = node;
    if (head === "cell") return expandCell(rest[0]);
    if (head === "old") return expand(rows.old);
    if (head === "part") return component("Div", { className: "part", children: (cells[rest[0]] || { says: [] }).says.map(expand) });
    const [tag, ...classes] = head.split(".");
    const props = isAttributes(rest[0]) ? { ...rest.shift() } : {};
    if (props.id === "matrix") props.style = style;
    if (classes.length) props.className = classes.join(" ");
    props.children = (rows[props.id] || rest).map(expand);
    return component(tag[0].toUpperCase() + tag.slice(1), props);
  }

  // A place is row and column: "2.5".
  function expandCell(place) {
    const cell = cells[place] || { says: [] };
    const props = { className: "cell", "data-cell": place, ...rows.columns[place.split(".")[1]] };
    if (cell.withheld) props["data-withheld"] = cell.withheld;
    return component("Div", { ...props, children: cell.says.map(expand) });
  }

  function set(id, children) {
    if (document.getElementById(id)) window.dash_clientside.set_props(id, { children: children.map(expand) });
  }

  function fit() {
    if (document.getElementById("matrix")) window.dash_clientside.set_props("matrix", { style });
  }

  function touches(node, names) {
    if (!Array.isArray(node)) return false;
    if (node[0] === "cell" || node[0] === "part") return names.has(node[1]);
    return node.some((child) => touches(child, names));
  }

  function markPage() {
    motcua.write(".range", rows.first + 1 + "–" + rows.last);
    document.querySelectorAll(".dots i").forEach((dot, index) => dot.toggleAttribute("data-active", index === page));
  }

  function take(message) {
    if (message.kind === "cells") {
      Object.assign(cells, message.cells);
      Object.assign(motcua.times, message.times);
    } else {
      rows = message.rows;
      page = message.page;
      cells = message.cells;
      motcua.times = message.times;
    }
    style = message.style || style;
  }

  motcua.draw = function (messages) {
    messages.forEach(take);
    const whole = messages.findLast((message) => message.kind === "whole");
    const turned = whole || messages.some((message) => message.kind === "page");
    const changed = new Set(messages.flatMap((message) => Object.keys(message.cells)));
    if (whole) window.dash_clientside.set_props("page", { children: expand(whole.frame) });
    else if (messages.some((message) => message.style)) fit();
    unsettled ||= Boolean(whole);
    for (const id of ["head", "units"]) {
      if (!whole && (turned || touches(rows[id], changed))) set(id, rows[id]);
    }
    markPage();
    motcua.refresh();
  };

  // Dash drops what is set before it knows the new frame's parts: they are set again.
  setInterval(() => {
    if (unsettled) {
      fit();
      ["head", "units"].forEach((id) => set(id, rows[id]));
    }
    unsettled = false;
    markPage();
  }, 250);
})();
