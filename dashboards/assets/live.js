// Receives the screen's parts and the server's heartbeat; counts ages on; says when it is cut off.
(function () {
  "use strict";

  const SILENT_MS = 3500; // three heartbeats missed
  const RELOAD_AFTER_MS = 10000;
  const LONGEST_DELAY_MS = 2000;
  const SOON_S = 60, HOUR_S = 3600, DAY_S = 86400;

  // What a screen's own script adds: draw(names of what changed) and tick().
  const motcua = (window.motcua = { parts: {}, pages: [], screen: location.pathname.replace(/\//g, "") });
  const root = document.documentElement;
  let socket = null;
  let instance = null;
  let delayMs = 250;
  let pending = [];
  let shown = false; // whether the page's frame is in place
  let tick = null; // the newest heartbeat
  let tickAt = -Infinity; // performance.now() of its arrival
  let linkedAt = performance.now(); // of the last heartbeat that came with a living API
  let aliveAt = performance.now(); // of anything that came

  // ---- time ------------------------------------------------------------------------------------
  function serverNowMs() {
    return tick && tick.now_ms !== null ? tick.now_ms + (performance.now() - tickAt) : null;
  }

  function pad(number) {
    return String(number).padStart(2, "0");
  }

  function age(seconds) {
    const s = Math.max(0, Math.floor(seconds));
    if (s < SOON_S) return s + " giây";
    if (s < HOUR_S) return Math.floor(s / SOON_S) + " phút";
    if (s < DAY_S) return Math.floor(s / HOUR_S) + " giờ " + pad(Math.floor((s % HOUR_S) / SOON_S));
    return Math.floor(s / DAY_S) + " ngày";
  }

  function elapsed(seconds) {
    const s = Math.max(0, Math.floor(seconds));
    const hours = Math.floor(s / HOUR_S);
    const rest = pad(Math.floor((s % HOUR_S) / SOON_S)) + ":" + pad(s % SOON_S);
    return hours ? hours + ":" + rest : rest;
  }

  // ---- what is on the page ---------------------------------------------------------------------
  function write(selector, text) {
    for (const element of document.querySelectorAll(selector)) {
      if (element.textContent !== text) element.textContent = text;
    }
  }

  function showAges() {
    const now = serverNowMs();
    if (now === null) return;
    for (const cell of document.querySelectorAll("[data-observed-ms]")) {
      const seconds = (now - Number(cell.dataset.observedMs)) / 1000;
      const stale = "freshS" in cell.dataset && seconds > Number(cell.dataset.freshS);
      cell.toggleAttribute("data-stale", stale || cell.dataset.withheld === "stale");
      for (const span of cell.querySelectorAll(".age")) {
        const text = age(seconds);
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
    const silent = performance.now() - tickAt > SILENT_MS && performance.now() - linkedAt > SILENT_MS;
    const cutOff = silent || (tick !== null && !tick.linked);
    root.toggleAttribute("data-cut-off", cutOff);
    document.getElementById("cut-off").hidden = !cutOff;
    if (!cutOff) return;
    write("#cut-off .since", tick && tick.data_clock ? "dữ liệu lúc " + tick.data_clock : "chưa có dữ liệu");
    const now = serverNowMs();
    const since = tick && tick.data_ms !== null && now !== null
      ? now - tick.data_ms : performance.now() - linkedAt;
    write("#cut-off .elapsed", elapsed(since / 1000));
  }

  function refresh() {
    showAges();
    showLink();
    if (shown && motcua.tick) motcua.tick();
  }

  // ---- messages --------------------------------------------------------------------------------
  function ready() {
    return window.dash_clientside && window.dash_clientside.set_props && document.getElementById("page");
  }

  function apply() {
    if (!pending.length || !ready()) return;
    const messages = pending;
    pending = [];
    const changed = new Set();
    for (const message of messages) {
      if (message.kind === "whole") {
        window.dash_clientside.set_props("page", { children: message.frame });
        Object.assign(motcua, { parts: {}, pages: message.pages });
        changed.add("page");
      }
      Object.assign(motcua.parts, message.parts);
      Object.keys(message.parts).forEach((name) => changed.add(name));
    }
    shown = true;
    if (motcua.draw) motcua.draw(changed);
  }

  function greet(hello) {
    if (hello.version !== root.dataset.version || (instance && instance !== hello.instance)) reloadWhenServed();
    instance = hello.instance;
  }

  function receive(event) {
    const message = JSON.parse(event.data);
    aliveAt = performance.now();
    delayMs = 250;
    if (message.kind === "hello") greet(message);
    if (message.kind === "whole") pending = [];
    if (message.kind === "whole" || message.kind === "parts") {
      pending.push(message);
      apply();
    }
    if (message.kind === "tick") {
      tick = message;
      tickAt = aliveAt;
      if (tick.linked) linkedAt = aliveAt;
      showClock();
      refresh();
    }
  }

  function connect() {
    const scheme = location.protocol === "https:" ? "wss://" : "ws://";
    const opened = new WebSocket(scheme + location.host + "/_live/" + motcua.screen);
    socket = opened;
    pending = [];
    opened.onmessage = (event) => { if (socket === opened) receive(event); };
    opened.onclose = () => { if (socket === opened) reconnect(); };
  }

  function reconnect() {
    socket = null;
    setTimeout(connect, delayMs * (0.8 + 0.4 * Math.random()));
    delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
  }

  // ---- watchdog: a page that cannot heal itself is loaded afresh, once the server answers --------
  async function reloadWhenServed() {
    try {
      const answer = await fetch("/healthz", { cache: "no-store" });
      if (answer.ok) location.reload();
    } catch (error) {
      // Not served yet: reloading now would leave the browser's own error page on the wall.
    }
  }

  function watch() {
    const silentMs = performance.now() - aliveAt;
    const empty = pending.length > 0 && performance.now() > RELOAD_AFTER_MS && !ready();
    if (silentMs > SILENT_MS && socket && socket.readyState === WebSocket.OPEN) {
      const dead = socket;
      reconnect();
      dead.close();
    }
    if (silentMs > RELOAD_AFTER_MS || empty) reloadWhenServed();
  }

  root.classList.add("screen-" + motcua.screen);
  Object.assign(motcua, { age, elapsed, write, serverNowMs });
  connect();
  setInterval(() => { apply(); refresh(); }, 250);
  setInterval(watch, 2000);
  new MutationObserver(() => { showClock(); refresh(); }).observe(
    document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-observed-ms"] });
})();
