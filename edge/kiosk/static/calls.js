// Calls to the kiosk's own server: each is repeated while that may help.

const RETRY_AFTER_MS = [300, 1200];

/** Resolves after so many milliseconds. */
export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Posts `body`; resolves with the response when it is done, throws an Error with `status` when not. */
export async function post(path, body) {
  for (let attempt = 0; ; attempt += 1) {
    let status = 0;
    let wait = null;
    try {
      const response = await fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(8000),
      });
      if (response.ok) return response;
      status = response.status;
      wait = response.headers.get("Retry-After");
    } catch {
      status = 0;
    }
    if ((status !== 0 && status !== 503) || attempt >= RETRY_AFTER_MS.length) {
      throw Object.assign(new Error("not done"), { status, wait });
    }
    await pause(RETRY_AFTER_MS[attempt]);
  }
}

/** Returns a fresh UUIDv7 (crypto.randomUUID is missing on plain http and is version 4). */
export function newId() {
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
