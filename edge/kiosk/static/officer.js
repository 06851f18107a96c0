// The officer's page: who has signed on, a PIN pad, badges, and the request for a rating.

import { listenForBadges } from "./badges.js";
import { pause, post } from "./calls.js";

const BACK_AFTER_MS = 60_000; // the page belongs to citizens again when the officer has gone

const named = new URLSearchParams(location.search).get("counter");
const COUNTER = named === null ? {} : { counter: named };
const QUERY = named === null ? "" : `?counter=${encodeURIComponent(named)}`;
const byId = (id) => document.getElementById(id);

let chosen = null; // the officer's code
let leaving = 0;

function say(id) {
  for (const one of ["asked", "wrong", "wait", "failed"]) byId(one).hidden = one !== id;
}

function stay() {
  clearTimeout(leaving);
  leaving = setTimeout(() => location.assign(`/${QUERY}`), BACK_AFTER_MS);
}

function apply(duty) {
  const officer = duty.officers.find((one) => one.officer === duty.officer);
  byId("nobody").hidden = duty.officer !== null;
  byId("on-duty").hidden = byId("serving").hidden = duty.officer === null;
  byId("who").textContent = officer?.name ?? duty.officer ?? "";
  byId("signing-on").hidden = duty.officer !== null;
  byId("pin").value = "";
  if (byId("codes").childElementCount !== duty.officers.length) {
    byId("codes").replaceChildren(...duty.officers.map(codeButton));
  }
}

function codeButton({ officer, name }) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = name;
  button.ariaPressed = "false";
  button.addEventListener("click", () => {
    chosen = officer;
    for (const other of byId("codes").children) other.ariaPressed = String(other === button);
    byId("pin").focus();
  });
  return button;
}

function keyButton(key) {
  const button = document.createElement("button");
  button.type = "button";
  if (key === "delete") button.append(byId("delete-words").content.cloneNode(true));
  else button.textContent = key;
  button.addEventListener("click", () => {
    const pin = byId("pin");
    pin.value = key === "delete" ? pin.value.slice(0, -1) : pin.value + key;
  });
  return button;
}

async function call(path, body) {
  say(null);
  try {
    const response = await post(path, { ...body, ...COUNTER });
    if (response.status !== 204) apply(await response.json());
    return true;
  } catch (error) {
    byId("pin").value = "";
    byId("wait-seconds").textContent = error.wait ?? "";
    say({ 403: "wrong", 429: "wait" }[error.status] ?? "failed");
    return false;
  }
}

async function keepUpToDate() {
  for (;;) {
    try {
      const response = await fetch(`/api/v1/duty${QUERY}`, { signal: AbortSignal.timeout(8000) });
      if (response.ok && byId("pin").value === "") apply(await response.json());
    } catch {
      // Asked again in a moment.
    }
    await pause(5000);
  }
}

for (const key of ["1", "2", "3", "4", "5", "6", "7", "8", "9", "delete", "0"]) {
  byId("keys").append(keyButton(key));
}
byId("pad").addEventListener("submit", (event) => {
  event.preventDefault();
  if (chosen !== null && byId("pin").value !== "") call("/api/v1/sign-on", { officer: chosen, pin: byId("pin").value });
});
byId("ask").addEventListener("click", async () => {
  if (await call("/api/v1/prompts", { opened_by: "officer" })) say("asked");
});
byId("sign-off").addEventListener("click", () => call("/api/v1/sign-off", {}));
byId("back").setAttribute("href", `/${QUERY}`);
listenForBadges((badge) => {
  if (document.activeElement !== byId("pin")) call("/api/v1/sign-on", { badge });
});
for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, stay);
stay();
keepUpToDate();
