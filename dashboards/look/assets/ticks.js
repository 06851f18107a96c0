// What every screen shares: the server's clock, ages that count on, and the band that says it is cut off.
(function () {
  "use strict";

  const SOON_S = 60, HOUR_S = 3600, DAY_S = 86400;
  const OLD_AFTER = 2, LOST_AFTER = 5; // times that newer data did not come
  const root = document.documentElement;
  const given = JSON.parse(document.getElementById("texts").textContent);
  const language = given.vi ? chosenLanguage() : root.lang;
  const texts = given.vi ? given[language] : given;

  // `times` are the times of a wall's tiles by name; `silentMs` is how long no tick may come.
  const motcua = (window.motcua = { times: {}, silentMs: Infinity });
  let tick = null; // the newest heartbeat
  let tickAt = -Infinity; // performance.now() of its arrival
  let linkedAt = performance.now(); // of the last heartbeat that came with a living API

  // As dashboards/entrance/speaking.py chooses it.
  function chosenLanguage() {
    const kept = document.cookie.match(/(?:^|; )motcua-language=(\w+)/);
    const said = new URLSearchParams(location.search).get("lang") || (kept && kept[1]);
    return said in given ? said : "vi";
  }

  function serverNowMs() {
    return tick && tick.now_ms !== null ? tick.now_ms + (performance.now() - tickAt) : null;
  }

  function pad(number) {
    return String(number).padStart(2, "0");
  }

  function say(key, figures) {
    return texts[key].replace(/\{(\w+)\}/g, (_, name) => figures[name]);
  }

  function age(seconds) {
    const s = Math.max(0, Math.floor(seconds));
    if (s < SOON_S) return say("age.seconds", { seconds: s });
    if (s < HOUR_S) return say("age.minutes", { minutes: Math.floor(s / SOON_S) });
    if (s >= DAY_S) return say("age.days", { days: Math.floor(s / DAY_S) });
    return say("age.hours", { hours: Math.floor(s / HOUR_S), minutes: pad(Math.floor((s % HOUR_S) / SOON_S)) });
  }

  function elapsed(seconds) {
    const s = Math.max(0, Math.floor(seconds));
    const hours = Math.floor(s / HOUR_S);
    const rest = pad(Math.floor((s % HOUR_S) / SOON_S)) + ":" + pad(s % SOON_S);
    return hours ? hours + ":" + rest : rest;
  }

  function put(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function write(selector, text) {
    for (const element of document.querySelectorAll(selector)) put(element, text);
  }

  function showAges(now) {
    for (const cell of document.querySelectorAll("[data-observed-ms]")) {
      const seconds = (now - Number(cell.dataset.observedMs)) / 1000;
      cell.toggleAttribute("data-stale", "freshS" in cell.dataset && seconds > Number(cell.dataset.freshS));
      for (const span of cell.querySelectorAll(".age")) put(span, age(seconds));
    }
  }

  // A tile counts as old after two intervals without newer data, as lost after five.
  function showTiles(now) {
    for (const tile of document.querySelectorAll("[data-tile]")) {
      const at = motcua.times[tile.dataset.tile];
      if (at === null || at === undefined) {
        put(tile.querySelector(".age"), "");
        delete tile.dataset.state;
        continue;
      }
      const seconds = (now - at) / 1000, every = Number(tile.dataset.everyS);
      const state = seconds > LOST_AFTER * every ? "lost" : seconds > OLD_AFTER * every ? "old" : "fresh";
      if (tile.dataset.state !== state) tile.dataset.state = state;
      put(tile.querySelector(".age"), age(seconds));
    }
  }

  function showClock() {
    if (!tick || !tick.clock) return;
    write(".clock", tick.clock);
    write(".date", tick.date[language]);
  }

  function showLink() {
    const silent = performance.now() - tickAt > motcua.silentMs && performance.now() - linkedAt > motcua.silentMs;
    const cutOff = silent || (tick !== null && !tick.linked);
    root.toggleAttribute("data-cut-off", cutOff);
    document.getElementById("cut-off").hidden = !cutOff;
    if (!cutOff) return;
    write("#cut-off .said", say("link.cut_off"));
    write("#cut-off .since", tick && tick.data_clock ? say("link.data_from", { clock: tick.data_clock }) : say("link.no_data_yet"));
    const now = serverNowMs();
    const since = tick && tick.data_ms !== null && now !== null
      ? now - tick.data_ms : performance.now() - linkedAt;
    write("#cut-off .elapsed", elapsed(since / 1000));
  }

  function refresh() {
    const now = serverNowMs();
    if (now !== null) {
      showAges(now);
      showTiles(now);
    }
    showLink();
  }

  function receiveTick(received) {
    tick = received;
    tickAt = performance.now();
    if (tick.linked) linkedAt = tickAt;
    showClock();
    refresh();
  }

  // A page that cannot heal itself is loaded afresh, once the server answers.
  async function reloadWhenServed() {
    try {
      const answer = await fetch(root.dataset.root + "/healthz", { cache: "no-store" });
      if (answer.ok) location.reload();
    } catch (error) {
      // Not served yet: reloading now would leave the browser's own error page on the screen.
    }
  }

  root.lang = language;
  root.style.setProperty("--old", JSON.stringify(say("age.old")));
  Object.assign(motcua, { age, elapsed, serverNowMs, refresh, receiveTick, reloadWhenServed, showClock });
  setInterval(refresh, 250);
  new MutationObserver(() => { showClock(); refresh(); }).observe(
    document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-observed-ms"] });
})();
