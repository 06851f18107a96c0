// What every screen shares: the server's clock, ages that count on, and the band that says it is cut off.
(function () {
  "use strict";

  const SOON_S = 60, HOUR_S = 3600, DAY_S = 86400;
  const root = document.documentElement;
  const texts = JSON.parse(document.getElementById("texts").textContent);

  // `times` are the times of wall cells by place; `silentMs` is how long no tick may come.
  const motcua = (window.motcua = { times: {}, silentMs: Infinity });
  let tick = null; // the newest heartbeat
  let tickAt = -Infinity; // performance.now() of its arrival
  let linkedAt = performance.now(); // of the last heartbeat that came with a living API

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

  function write(selector, text) {
    for (const element of document.querySelectorAll(selector)) {
      if (element.textContent !== text) element.textContent = text;
    }
  }

  function observedMs(cell) {
    return "observedMs" in cell.dataset ? Number(cell.dataset.observedMs) : motcua.times[cell.dataset.cell];
  }

  function showAges() {
    const now = serverNowMs();
    if (now === null) return;
    for (const cell of document.querySelectorAll("[data-observed-ms], [data-cell]")) {
      const observed = observedMs(cell);
      const known = observed !== null && observed !== undefined;
      const seconds = known ? (now - observed) / 1000 : 0;
      const stale = known && "freshS" in cell.dataset && seconds > Number(cell.dataset.freshS);
      cell.toggleAttribute("data-stale", stale || (known && cell.dataset.withheld === "stale"));
      if (!known) continue;
      const text = age(seconds);
      for (const span of cell.querySelectorAll(".age")) {
        if (span.textContent !== text) span.textContent = text;
      }
    }
  }

  function showClock() {
    if (!tick || !tick.clock) return;
    write(".clock", tick.clock);
    write(".date", tick.date_vi);
    write(".weekday-en", tick.date_en);
  }

  function showLink() {
    const silent = performance.now() - tickAt > motcua.silentMs && performance.now() - linkedAt > motcua.silentMs;
    const cutOff = silent || (tick !== null && !tick.linked);
    root.toggleAttribute("data-cut-off", cutOff);
    document.getElementById("cut-off").hidden = !cutOff;
    if (!cutOff) return;
    write("#cut-off .since", tick && tick.data_clock ? say("link.data_from", { clock: tick.data_clock }) : say("link.no_data_yet"));
    const now = serverNowMs();
    const since = tick && tick.data_ms !== null && now !== null
      ? now - tick.data_ms : performance.now() - linkedAt;
    write("#cut-off .elapsed", elapsed(since / 1000));
  }

  function refresh() {
    showAges();
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

  Object.assign(motcua, { age, elapsed, write, serverNowMs, refresh, receiveTick, reloadWhenServed });
  setInterval(refresh, 250);
  new MutationObserver(() => { showClock(); refresh(); }).observe(
    document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-observed-ms"] });
})();
