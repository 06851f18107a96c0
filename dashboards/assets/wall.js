// Puts the province and the page whose turn it is on the wall: all walls turn at the same second.
(function () {
  "use strict";

  const motcua = window.motcua;
  const pageMs = Number(document.documentElement.dataset.pageMs);
  let active = 0;
  if (motcua.screen !== "wall") return;

  function turn() {
    return motcua.pages.length ? Math.floor((motcua.serverNowMs() || 0) / pageMs) % motcua.pages.length : 0;
  }

  function set(id, names) {
    window.dash_clientside.set_props(id, { children: names.map((name) => motcua.parts[name]) });
  }

  function markPage() {
    const before = motcua.pages.slice(0, active).reduce((sum, page) => sum + page.length, 0);
    if (motcua.pages.length) motcua.write(".range", before + 1 + "–" + (before + motcua.pages[active].length));
    document.querySelectorAll(".dots i").forEach((dot, index) => dot.toggleAttribute("data-active", index === active));
  }

  motcua.draw = function (changed) {
    const all = changed.has("page");
    if (all) active = turn();
    const visible = motcua.pages[active] || [];
    if (changed.has("province")) set("province", ["province"]);
    if (visible.length && (all || visible.some((name) => changed.has(name)))) set("rows", visible);
    markPage();
  };

  // Dash drops what is set before it knows the new frame's parts: an empty frame is filled again.
  function empty() {
    const unfilled = (id) => document.getElementById(id)?.childElementCount === 0;
    return unfilled("province") || unfilled("rows");
  }

  motcua.tick = function () {
    if (empty()) motcua.draw(new Set(["page", "province"]));
    else if (turn() !== active) motcua.draw(new Set(["page"]));
    else markPage();
  };
})();
