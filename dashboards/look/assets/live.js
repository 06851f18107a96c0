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
  let aliveAt = performance.now(); // of anything that came

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
    else show(message);
  }

  // What cannot be drawn is of another version, or a fault: a fresh page shows the whole again.
  function show(message) {
    try {
      motcua.draw(message);
    } catch (error) {
      console.error(error);
      motcua.reloadWhenServed();
    }
  }

  function connect() {
    const scheme = location.protocol === "https:" ? "wss://" : "ws://";
    const opened = new WebSocket(scheme + location.host + root.dataset.root + "/_live/wall" + location.search);
    socket = opened;
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
    if (silentMs > SILENT_MS && socket && socket.readyState === WebSocket.OPEN) {
      const dead = socket;
      reconnect();
      dead.close();
    }
    if (silentMs > RELOAD_AFTER_MS) motcua.reloadWhenServed();
  }

  motcua.silentMs = SILENT_MS;
  connect();
  setInterval(watch, 2000);
})();
