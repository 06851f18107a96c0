// The rating page: a tap is sent with an id of its own, so that a second tap or a retry counts once.

import { listenForBadges } from "./badges.js";
import { newId, pause, post } from "./calls.js";
import { say, stop, watchVoices, wordsOf } from "./speech.js";
import { heldSeconds, listenForTaps } from "./taps.js";
import { isDisplaced, refuseGestures, restoreView } from "./view.js";

const STATE_EVERY_MS = 1000;
const SECONDS_EVERY_MS = 250;
const THANKS_MS = 6000;
const UNDO_MS = 10_000; // edge/store/prompts.py has the same
const IGNORE_TAPS_MS = 500; // after a change of screen, so that a double tap does not answer the next one
const REASONS_UP_TO = 3;
const SCREENS = ["idle", "rate", "ask", "thanks", "sorry", "phone"];

// Of several screens on one device each opens the page with the counter at which it stands.
const named = new URLSearchParams(location.search).get("counter");
const COUNTER = named === null ? {} : { counter: named };
const QUERY = named === null ? "" : `?counter=${encodeURIComponent(named)}`;

const root = document.documentElement;
const byId = (id) => document.getElementById(id);

let settings = { language: "vi", reset_s: 30, build: null, service: null, prompt: null };
let rating = null; // { id, score } of the tap being handled
let retry = null; // what the button "try again" repeats
let resetTimer = 0;
let resetAt = 0; // when the page starts over
let undoUntil = 0;
let promptUntil = 0;
let shownPrompt = null; // the request whose showing was told
let declined = null; // the request that was put off; an answer under way may still name it
let pressed = null; // the last press of a button beside the screen
let ignoreTapsUntil = 0;
let languageChosen = false; // by the citizen; the next one starts with the device's language
let speaks = false;

function show(screen) {
  for (const name of SCREENS) byId(name).hidden = name !== screen;
  root.dataset.screen = screen;
  ignoreTapsUntil = performance.now() + IGNORE_TAPS_MS;
  byId(`${screen}-title`).focus({ preventScroll: true });
  window.scrollTo(0, 0);
  showSeconds();
  speakScreen();
}

function speakScreen() {
  if (speaks) say(wordsOf(byId(root.dataset.screen), root.dataset.language), root.dataset.language);
}

function setLanguage(language) {
  root.dataset.language = language;
  root.lang = language;
  watchVoices((canSpeak) => {
    byId("speak").hidden = !canSpeak(root.dataset.language);
  });
}

function setEasy(easy) {
  root.dataset.easy = easy ? "yes" : "no";
  byId("easy").ariaPressed = String(easy);
}

function setSpeaks(wanted) {
  speaks = wanted;
  byId("speak").ariaPressed = String(wanted);
  if (wanted) speakScreen();
  else stop();
}

function resetAfter(ms) {
  clearTimeout(resetTimer);
  resetTimer = setTimeout(startOver, ms);
  resetAt = performance.now() + ms;
}

/** Returns where the page rests: on the idle screen where there is one and nobody is asked. */
function restingScreen() {
  return settings.service && !settings.prompt ? "idle" : "rate";
}

function startOver() {
  clearDialogue();
  languageChosen = false;
  setLanguage(settings.language);
  setEasy(false);
  setSpeaks(false);
  show(restingScreen());
  restoreView();
}

/** Forgets what was tapped; language and aids stay for the same citizen. */
function clearDialogue() {
  clearTimeout(resetTimer);
  resetTimer = 0;
  rating = null;
  retry = null;
  undoUntil = 0;
  byId("faces").classList.remove("busy");
  for (const face of document.querySelectorAll(".face")) face.classList.remove("chosen");
  for (const reason of document.querySelectorAll(".reason")) reason.ariaPressed = "false";
  byId("send").disabled = true;
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
  showSeconds();
}

/** Writes how many seconds are left: to take back, to answer, until the page starts over. */
function showSeconds() {
  const now = performance.now();
  const left = (until) => Math.max(0, Math.ceil((until - now) / 1000));
  const undo = left(undoUntil);
  for (const button of document.querySelectorAll(".undo")) {
    button.disabled = undo === 0;
    button.querySelector(".seconds").textContent = undo === 0 ? "" : `(${undo})`;
  }
  byId("left").textContent = resetTimer === 0 ? "" : `${left(resetAt)} s`;
  byId("later-seconds").textContent = `(${left(promptUntil)})`;
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
  const held_s = heldSeconds();
  const body = { ...rating, language, ...(held_s > 0 && { held_s }), ...COUNTER };
  face.classList.add("chosen");
  byId("faces").classList.add("busy");
  attempt(async () => {
    await post("/api/v1/ratings", body);
    byId("ask-now").hidden = true;
    shownPrompt = null;
    undoUntil = performance.now() + UNDO_MS;
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
  resetAfter(Math.max(THANKS_MS, undoUntil - performance.now()));
}

/** Takes the rating back; the citizen may choose again at once. */
function undo() {
  if (rating === null || performance.now() < ignoreTapsUntil || performance.now() > undoUntil) return;
  const path = `/api/v1/ratings/${rating.id}/withdrawal`;
  clearTimeout(resetTimer);
  attempt(async () => {
    await post(path, {});
    clearDialogue();
    show("rate");
    resetWhenLeft();
  });
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

/** A citizen wakes the idle screen: that is a request, too, so that it is known how many answer. */
function begin() {
  if (performance.now() < ignoreTapsUntil) return;
  show("rate");
  resetWhenLeft();
  post("/api/v1/prompts", { opened_by: "citizen", ...COUNTER }).catch(() => {});
}

function later() {
  if (performance.now() < ignoreTapsUntil) return;
  declined = settings.prompt?.id ?? null;
  if (shownPrompt !== null) post(`/api/v1/prompts/${shownPrompt}/skipped`, {}).catch(() => {});
  settings = { ...settings, prompt: null };
  showPrompt(null);
  startOver();
}

/** Shows the code by which the citizen rates on an own telephone, until the page starts over. */
function usePhone() {
  if (performance.now() < ignoreTapsUntil || shownPrompt === null) return;
  byId("phone-code").src = `/api/v1/prompts/${shownPrompt}/qr.svg`;
  show("phone");
  resetWhenLeft();
}

function apply(state) {
  // A page whose files have changed loads itself again, but never under a citizen's finger.
  if (settings.build !== null && settings.build !== state.build && rating === null) {
    location.reload();
  }
  settings = state.prompt?.id === declined ? { ...state, prompt: null } : state;
  const idle = rating === null;
  if (idle && !languageChosen) setLanguage(state.language);
  if (idle) showPrompt(settings.prompt);
  thankForPress(state.pressed);
  showBoard(state);
  const resting = rating === null && resetTimer === 0 && SCREENS.indexOf(root.dataset.screen) < 2;
  if (resting && root.dataset.screen !== restingScreen()) show(restingScreen());
}

/** Shows or hides the request for a rating, and tells that a new one is shown. */
function showPrompt(prompt) {
  byId("ask-now").hidden = !prompt;
  byId("use-phone").hidden = !prompt?.phone;
  if (!prompt) {
    shownPrompt = null;
    return;
  }
  promptUntil = performance.now() + prompt.remaining_s * 1000;
  if (prompt.id === shownPrompt || document.hidden) return;
  shownPrompt = prompt.id;
  post(`/api/v1/prompts/${prompt.id}/shown`, {}).catch(() => {
    shownPrompt = null; // told at the next look
  });
  if (root.dataset.screen !== "rate") show("rate");
}

/** Thanks for a rating by a button beside the screen, as for a tap; it can be taken back, too. */
function thankForPress(identity) {
  if (identity === null || identity === pressed) return;
  pressed = identity;
  if (rating !== null) return;
  rating = { id: identity, score: 5 };
  byId("ask-now").hidden = true;
  undoUntil = performance.now() + UNDO_MS;
  thank();
}

function showBoard(state) {
  byId("notice").hidden = !state.notice;
  byId("notice").textContent = state.notice ?? "";
  byId("idle-title").textContent = state.service ?? "";
  const wait = rating === null ? state.expected_wait : null;
  const minutes = wait ? minutesOf(wait) : "";
  byId("expected-wait").hidden = !wait || Boolean(state.service);
  byId("expected-minutes").textContent = byId("idle-minutes").textContent = minutes;
  byId("idle-wait").hidden = !wait;
  byId("called").hidden = !state.called;
  byId("called-number").textContent = state.called ?? "";
  showOfficer(state.officer);
  byId("staff").hidden = !state.signs_on;
  byId("staff").setAttribute("href", `/officer${QUERY}`);
  byId("offline").hidden = state.connected !== false;
}

function showOfficer(officer) {
  byId("officer").hidden = !officer;
  byId("officer-name").textContent = officer?.name ?? "";
  const photo = byId("officer-photo");
  const wanted = officer?.has_photo ? officer.name : "";
  if (photo.dataset.of === wanted) return;
  photo.dataset.of = wanted;
  photo.hidden = wanted === "";
  if (wanted !== "") photo.src = `/api/v1/officer-photo${QUERY || "?"}&of=${encodeURIComponent(wanted)}`;
}

/** Returns "5–9", or one number where both are the same. */
function minutesOf(wait) {
  return wait.low_min === wait.high_min ? `${wait.low_min}` : `${wait.low_min}–${wait.high_min}`;
}

async function keepUpToDate() {
  for (;;) {
    try {
      const response = await fetch(`/api/v1/state${QUERY}`, { signal: AbortSignal.timeout(8000) });
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
  speakScreen();
}

const ACTIONS = {
  begin,
  later,
  send: sendReasons,
  skip: () => performance.now() >= ignoreTapsUntil && thank(),
  done: () => performance.now() >= ignoreTapsUntil && startOver(),
  again: tryAgain,
  "use-phone": usePhone,
  "phone-back": () => performance.now() >= ignoreTapsUntil && startOver(),
  cancel: startOver,
  toggle: changeLanguage,
  easy: () => setEasy(root.dataset.easy !== "yes"),
  speak: () => setSpeaks(!speaks),
};

function act(button) {
  if (button.classList.contains("face")) rate(button);
  else if (button.classList.contains("reason")) toggleReason(button);
  else if (button.classList.contains("undo")) undo();
  else ACTIONS[button.id]();
}

listenForTaps(act, () => root.dataset.screen);
refuseGestures();
document.addEventListener("pointerdown", resetWhenLeft);
document.addEventListener("keydown", resetWhenLeft);
for (const kind of ["resize", "scroll"]) {
  window.visualViewport.addEventListener(kind, () => isDisplaced() && resetWhenLeft());
}
document.addEventListener("scroll", () => isDisplaced() && resetWhenLeft());
listenForBadges(
  (badge) => post("/api/v1/sign-on", { badge, ...COUNTER }).catch(() => {}),
  (key) => {
    if (root.dataset.screen === "rate" && /^[1-5]$/.test(key)) {
      rate(document.querySelector(`.face[data-score="${key}"]`));
    }
  },
);

setInterval(showSeconds, SECONDS_EVERY_MS); // also while the server is slow to answer
keepUpToDate();
