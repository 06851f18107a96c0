// Badge readers type like a keyboard, but faster than fingers: their digits must not rate.

const FASTEST_FINGER_MS = 60; // between two keys; readers need a few
const SHORTEST_BADGE = 4;

/**
 * Calls `onBadge(number)` for what a reader types and ends with Enter, and `onKey(key)` for each
 * single key that a finger pressed, as soon as it is clear that no second one follows.
 */
export function listenForBadges(onBadge, onKey = () => {}) {
  let typed = "";
  let waiting = 0;
  document.addEventListener("keydown", (event) => {
    clearTimeout(waiting);
    if (event.key === "Enter" && typed.length >= SHORTEST_BADGE) {
      event.preventDefault();
      onBadge(typed);
      typed = "";
      return;
    }
    if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) {
      typed = "";
      return;
    }
    typed += event.key;
    waiting = setTimeout(() => {
      if (typed.length === 1) onKey(typed);
      typed = "";
    }, FASTEST_FINGER_MS);
  });
}
