// The rating page: a tap is sent with an id of its own, so that a second tap or a retry counts once.

import { listenForTaps } from "./taps.js";
import { isDisplaced, refuseGestures, restoreView } from "./view.js";

const STATE_EVERY_MS = 3000;
const THANKS_MS = 6000;
const IGNORE_TAPS_MS = 500; // after a change of screen, so that a double tap does not answer the next one
const RETRY_AFTER_MS = [300, 1200];
const REASONS_UP_TO = 3;
const SCREENS = ["rate", "ask", "thanks", "sorry"];

// Of several screens on one device each opens the page with the counter at which it stands.
const named = new URLSearchParams(location.search).get("counter");
const COUNTER = named === null ? {} : { counter: named };

const root = document.documentElement;
const byId = (id) => document.getElementById(id);

let settings = { language: "vi", reset_s: 30, build: null };
let rating = null; // { id, score } of the tap being handled
let retry = null; // what the button "try again" repeats
let resetTimer = 0;
let ignoreTapsUntil = 0;
let languageChosen = false; // by the citizen; the next one starts with the device's language

/** Returns a fresh UUIDv7 (crypto.randomUUID is missing on plain http and is version 4). */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let time = Date.now();
  for (let place = 5; place >= 0; place -= 1) {
    bytes[place] = time % 256;
    time = Math.floor(time / 256);
  }
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Posts `body`; resolves when it is stored, throws when it is not. Repeats what may pass. */
async function post(path, body) {
  for (let attempt = 0; ; attempt += 1) {
    let passing = true;
    try {
      const response = await fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(8000),
      });
      if (response.ok) return;
      passing = response.status === 503;
    } catch {
      passing = true;
    }
    if (!passing || attempt >= RETRY_AFTER_MS.length) throw new Error("not stored");
    await pause(RETRY_AFTER_MS[attempt]);
  }
}

function show(screen) {
  for (const name of SCREENS) byId(name).hidden = name !== screen;
  root.dataset.screen = screen;
  ignoreTapsUntil = performance.now() + IGNORE_TAPS_MS;
  byId(`${screen}-title`).focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

function setLanguage(language) {
  root.dataset.language = language;
  root.lang = language;
}

function resetAfter(ms) {
  clearTimeout(resetTimer);
  resetTimer = setTimeout(startOver, ms);
}

function startOver() {
  clearTimeout(resetTimer);
  rating = null;
  retry = null;
  languageChosen = false;
  setLanguage(settings.language);
  byId("faces").classList.remove("busy");
  for (const face of document.querySelectorAll(".face")) face.classList.remove("chosen");
  for (const reason of document.querySelectorAll(".reason")) reason.ariaPressed = "false";
  byId("send").disabled = true;
  show("rate");
  restoreView();
}

/** Someone touches, zooms or scrolls without an answer: the page comes back when they have gone. */
function resetWhenLeft() {
  if (rating === null) resetAfter(settings.reset_s * 1000);
}

function startCountdown() {
  const ms = settings.reset_s * 1000;
  const bar = byId("countdown");
  bar.classList.remove("runs");
  void bar.offsetWidth; // starts the animation anew
  bar.style.animationDuration = `${ms}ms`;
  bar.classList.add("runs");
  resetAfter(ms);
}

async function attempt(work) {
  try {
    await work();
  } catch {
    retry = work;
    show("sorry");
    resetAfter(settings.reset_s * 1000);
  }
}

function rate(face) {
  if (rating !== null || performance.now() < ignoreTapsUntil) return;
  clearTimeout(resetTimer);
  rating = { id: newId(), score: Number(face.dataset.score) };
  const language = root.dataset.language;
  face.classList.add("chosen");
  byId("faces").classList.add("busy");
  attempt(async () => {
    await post("/api/v1/ratings", { ...rating, language, ...COUNTER });
    byId("invitation").hidden = true;
    if (rating.score <= REASONS_UP_TO) askForReasons();
    else thank();
  });
}

function askForReasons() {
  byId("stored-face").setAttribute("href", `#face-${rating.score}`);
  show("ask");
  startCountdown();
}

function thank() {
  show("thanks");
  resetAfter(Math.min(THANKS_MS, settings.reset_s * 1000));
}

function chosenReasons() {
  return Array.from(
    document.querySelectorAll('.reason[aria-pressed="true"]'),
    (reason) => reason.dataset.reason,
  );
}

function toggleReason(reason) {
  if (performance.now() < ignoreTapsUntil) return;
  reason.ariaPressed = reason.ariaPressed === "true" ? "false" : "true";
  byId("send").disabled = chosenReasons().length === 0;
  startCountdown();
}

function sendReasons() {
  const reasons = chosenReasons();
  if (reasons.length === 0 || byId("send").disabled) return;
  byId("send").disabled = true;
  clearTimeout(resetTimer);
  const path = `/api/v1/ratings/${rating.id}/reasons`;
  const body = { reasons, language: root.dataset.language };
  attempt(async () => {
    await post(path, body);
    thank();
  });
}

function tryAgain() {
  if (retry === null || performance.now() < ignoreTapsUntil) return;
  const work = retry;
  retry = null;
  clearTimeout(resetTimer);
  attempt(work);
}

function apply(state) {
  // A page whose files have changed loads itself again, but never under a citizen's finger.
  if (settings.build !== null && settings.build !== state.build && rating === null) {
    location.reload();
  }
  settings = state;
  const idle = rating === null;
  if (idle && !languageChosen) setLanguage(state.language);
  byId("invitation").hidden = !(idle && state.prompt);
  byId("notice").hidden = !state.notice;
  byId("notice").textContent = state.notice ?? "";
  const wait = idle ? state.expected_wait : null;
  byId("expected-wait").hidden = !wait;
  byId("expected-minutes").textContent = wait ? minutesOf(wait) : "";
  byId("offline").hidden = state.connected !== false;
}

/** Returns "5–9", or one number where both are the same. */
function minutesOf(wait) {
  return wait.low_min === wait.high_min ? `${wait.low_min}` : `${wait.low_min}–${wait.high_min}`;
}

async function keepUpToDate() {
  const path = `/api/v1/state${named === null ? "" : `?counter=${encodeURIComponent(named)}`}`;
  for (;;) {
    try {
      const response = await fetch(path, { signal: AbortSignal.timeout(8000) });
      if (response.ok) apply(await response.json());
    } catch {
      // The kiosk's own server does not answer for a moment; a tap that is not stored has a screen of its own.
    }
    await pause(STATE_EVERY_MS);
  }
}

function changeLanguage() {
  languageChosen = true;
  setLanguage(root.dataset.language === "vi" ? "en" : "vi");
  resetWhenLeft();
}

const ACTIONS = {
  send: sendReasons,
  skip: () => performance.now() >= ignoreTapsUntil && thank(),
  again: tryAgain,
  cancel: startOver,
  toggle: changeLanguage,
};

function act(button) {
  if (button.classList.contains("face")) rate(button);
  else if (button.classList.contains("reason")) toggleReason(button);
  else ACTIONS[button.id]();
}

listenForTaps(act, () => root.dataset.screen);
refuseGestures();
document.addEventListener("pointerdown", resetWhenLeft);
for (const kind of ["resize", "scroll"]) {
  window.visualViewport.addEventListener(kind, () => isDisplaced() && resetWhenLeft());
}
document.addEventListener("scroll", () => isDisplaced() && resetWhenLeft());
document.addEventListener("keydown", (event) => {
  if (root.dataset.screen === "rate" && /^[1-5]$/.test(event.key)) {
    rate(document.querySelector(`.face[data-score="${event.key}"]`));
  }
});

keepUpToDate();
