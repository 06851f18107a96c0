// How a grid is sorted and filtered stands in the address, and holds again when that is opened or the grid
// is made anew. The two pages whose grids the server keeps current write it themselves.
(function () {
  "use strict";

  const TAKEN = "main.units, main.devices";
  const opened = new URLSearchParams(location.search);
  const ofGrid = { sort: opened.get("sort") || "", filter: opened.get("filter") || "" };

  function withGrid(written) {
    if (!written || document.querySelector(TAKEN) || !document.querySelector(".desk .grid[id]")) return written;
    const address = new URL(written, location.href);
    for (const [name, value] of Object.entries(ofGrid)) {
      if (value) address.searchParams.set(name, value); else address.searchParams.delete(name);
    }
    return address.href;
  }

  for (const name of ["pushState", "replaceState"]) {
    const own = history[name].bind(history);
    history[name] = (state, title, written) => own(state, title, withGrid(written));
  }

  function note(name, value) {
    ofGrid[name] = value;
    history.replaceState(history.state, "", location.href);
  }

  function sortOfGrid(api) {
    const sorted = api.getColumnState().filter((each) => each.sort);
    sorted.sort((a, b) => (a.sortIndex || 0) - (b.sortIndex || 0));
    return sorted.map((each) => (each.sort === "desc" ? "-" : "") + each.colId).join(",");
  }

  function filterOf(written) {
    try {
      return JSON.parse(written);
    } catch {
      return null; // an address that says no filter
    }
  }

  function followGrid(grid) {
    window.dash_ag_grid.getApiAsync(grid.id).then((api) => {
      const first = sortOfGrid(api);
      if (ofGrid.sort) {
        const state = ofGrid.sort.split(",").map((written, sortIndex) => (
          { colId: written.replace(/^-/, ""), sort: written.startsWith("-") ? "desc" : "asc", sortIndex }));
        api.applyColumnState({ state, defaultState: { sort: null } });
      }
      if (ofGrid.filter) api.setFilterModel(filterOf(ofGrid.filter));
      api.addEventListener("sortChanged", () => {
        const now = sortOfGrid(api);
        note("sort", now === first ? "" : now);
      });
      api.addEventListener("filterChanged", () => {
        const model = api.getFilterModel();
        note("filter", Object.keys(model).length ? JSON.stringify(model) : "");
      });
      history.replaceState(history.state, "", location.href);
    });
  }

  const followed = new WeakSet();
  new MutationObserver(() => {
    for (const grid of document.querySelectorAll(".desk .grid[id]")) {
      if (followed.has(grid) || !window.dash_ag_grid || grid.closest(TAKEN)) continue;
      followed.add(grid);
      followGrid(grid);
    }
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
