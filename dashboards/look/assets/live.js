// A wall's socket: receives its messages, comes back when it breaks, and watches that it lives.
(function () {
  "use strict";

  const motcua = window.motcua;
  const SILENT_MS = 3500; // three heartbeats missed
  const RELOAD_AFTER_MS = 10000;
  const LONGEST_DELAY_MS = 2000;
  const NOT_ALLOWED = 4403;
  const root = document.documentElement;
  let socket = null;
  let instance = null;
  let delayMs = 250;
  let pending = [];
  let aliveAt = performance.now(); // of anything that came
  const below = location.pathname.startsWith(root.dataset.root + "/");
  const page = location.pathname.slice(below ? root.dataset.root.length : 0);
  if (page.replace(/\//g, "") !== "wall") return;

  function ready() {
    return window.dash_clientside && window.dash_clientside.set_props && document.getElementById("page");
  }

  function apply() {
    if (!pending.length || !ready()) return;
    const messages = pending;
    pending = [];
    motcua.draw(messages);
  }

  function greet(hello) {
    if (hello.version !== root.dataset.version || (instance && instance !== hello.instance)) motcua.reloadWhenServed();
    instance = hello.instance;
  }

  function receive(event) {
    const message = JSON.parse(event.data);
    aliveAt = performance.now();
    delayMs = 250;
    if (message.kind === "hello") greet(message);
    else if (message.kind === "tick") motcua.receiveTick(message);
    else {
      if (message.kind === "whole") pending = [];
      pending.push(message);
      apply();
    }
  }

  function connect() {
    const scheme = location.protocol === "https:" ? "wss://" : "ws://";
    const opened = new WebSocket(scheme + location.host + root.dataset.root + "/_live/wall" + location.search);
    socket = opened;
    pending = [];
    opened.onmessage = (event) => { if (socket === opened) receive(event); };
    opened.onclose = (event) => {
      if (socket !== opened) return;
      if (event.code === NOT_ALLOWED) location.reload(); // the server says why
      else reconnect();
    };
  }

  function reconnect() {
    socket = null;
    setTimeout(connect, delayMs * (0.8 + 0.4 * Math.random()));
    delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
  }

  function watch() {
    const silentMs = performance.now() - aliveAt;
    const empty = pending.length > 0 && performance.now() > RELOAD_AFTER_MS && !ready();
    if (silentMs > SILENT_MS && socket && socket.readyState === WebSocket.OPEN) {
      const dead = socket;
      reconnect();
      dead.close();
    }
    if (silentMs > RELOAD_AFTER_MS || empty) motcua.reloadWhenServed();
  }

  root.classList.add("screen-wall");
  motcua.silentMs = SILENT_MS;
  window.addEventListener("load", connect);
  setInterval(apply, 250);
  setInterval(watch, 2000);
})();
