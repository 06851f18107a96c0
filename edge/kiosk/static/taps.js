// Taps by pointer events: a click comes only from one finger that keeps still, and citizens rest a
// palm on the screen or let the finger slide.

const TOLERANCE_PX = 40; // how far a finger may slide from where it came down, beyond the target too
const LONGEST_PRESS_MS = 10_000; // what lies on the screen for longer is no finger
const SAME_TAP_MS = 700; // within that time a click belongs to the finger that was lifted

const presses = new Map(); // of each finger that is down: the target, and where and when it came down
const contacts = new Map(); // of everything that touches the screen: since when
let liftedAt = -Infinity;

function distance(press, event) {
  return Math.hypot(event.clientX - press.x, event.clientY - press.y);
}

function isInside(target, event) {
  const box = target.getBoundingClientRect();
  return event.clientX >= box.left && event.clientX <= box.right
    && event.clientY >= box.top && event.clientY <= box.bottom;
}

/** Returns for how long something else has lain on the screen: a hand that holds it shows so. */
export function heldSeconds() {
  const oldest = Math.min(...contacts.values());
  return Number.isFinite(oldest) ? Math.round((performance.now() - oldest) / 100) / 10 : 0;
}

/**
 * Calls `act(button)` once for each tap, click or key press on a button of the page.
 *
 * `screen()` names what is shown: a finger that came down on another screen answers nothing. Other
 * fingers and palms do not count and do not disturb.
 */
export function listenForTaps(act, screen) {
  document.addEventListener("pointerdown", (event) => contacts.set(event.pointerId, performance.now()));
  for (const kind of ["pointerup", "pointercancel"]) {
    document.addEventListener(kind, (event) => contacts.delete(event.pointerId));
  }
  document.addEventListener("pointerdown", (event) => {
    const target = event.target.closest("button");
    if (target === null || event.button > 0) return;
    const at = performance.now();
    presses.set(event.pointerId, { target, at, x: event.clientX, y: event.clientY, on: screen() });
  });
  document.addEventListener("pointercancel", (event) => presses.delete(event.pointerId));
  document.addEventListener("pointerup", (event) => {
    liftedAt = performance.now();
    const press = presses.get(event.pointerId);
    presses.delete(event.pointerId);
    if (press === undefined || press.target.disabled || press.on !== screen()) return;
    if (liftedAt - press.at > LONGEST_PRESS_MS) return;
    if (distance(press, event) > TOLERANCE_PX && !isInside(press.target, event)) return;
    act(press.target);
  });
  document.addEventListener("click", (event) => {
    // Keys, screen readers and scripts click without a pointer; of all others the pointer decides.
    const target = event.target.closest("button");
    const isOfPointer = event.detail > 0 && performance.now() - liftedAt < SAME_TAP_MS;
    if (target !== null && !isOfPointer) act(target);
  });
}
