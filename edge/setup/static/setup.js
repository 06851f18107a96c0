// The set-up page: a coarse picture, zones drawn over it by finger, mouse or keyboard, and the checks.

const VIEW_EVERY_MS = 500;
const NEAR_PX = 32; // how near a finger has to come to a corner
const SIZE = 1000; // of the drawing's own coordinates
const SHARE_DIGITS = 4;

const byId = (id) => document.getElementById(id);
const language = document.documentElement.lang;
const drawing = byId("drawing");
const stage = byId("stage");

let token = "";
let words = {};
let state = null;
let zones = []; // as the server has them: { name, kind, polygon, counter, camera, begin }
let camera = "";
let chosen = -1; // the zone whose corners can be moved
let draft = null; // the zone being drawn: { kind, polygon }
let dragged = null; // { zone, corner }
let counts = {};
let attempts = 0; // how often what is drawn was tried: only the newest answer is said
let heads = [];

async function call(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: { "Content-Type": "application/json", "X-Setup-Token": token },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (response.status === 204) return null;
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    const detail = typeof answer.detail === "string" ? answer.detail : words.refused;
    throw Object.assign(new Error(detail), { status: response.status, wait: response.headers.get("Retry-After") });
  }
  return answer;
}

function say(text, kind = "") {
  byId("said").textContent = text;
  byId("said").className = kind;
}

// --- the picture

function paint(view) {
  const canvas = byId("mosaic");
  byId("view-problem").hidden = !view.problem;
  byId("view-problem").textContent = view.problem;
  if (view.columns === 0) return;
  if (canvas.width !== view.columns || canvas.height !== view.rows) {
    canvas.width = view.columns;
    canvas.height = view.rows;
    stage.style.setProperty("--ratio", view.columns / view.rows);
  }
  const image = new ImageData(view.columns, view.rows);
  view.cells.forEach((row, y) => {
    for (let x = 0; x < view.columns; x += 1) {
      const at = 4 * (y * view.columns + x);
      for (let channel = 0; channel < 3; channel += 1) {
        image.data[at + channel] = 17 * Number.parseInt(row[3 * x + channel], 16);
      }
      image.data[at + 3] = 255;
    }
  });
  canvas.getContext("2d").putImageData(image, 0, 0);
}

async function keepLooking() {
  for (;;) {
    try {
      const view = await call("GET", "/api/v1/view");
      paint(view);
      counts = view.counts;
      heads = view.heads;
      drawHeads();
      showCounts();
    } catch (error) {
      if (error.status === 401) return leave(words.over);
      say(words.away, "bad");
    }
    await new Promise((resolve) => setTimeout(resolve, VIEW_EVERY_MS));
  }
}

// --- the drawing

function svg(name, attributes, parent = drawing) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent.append(element);
  return element;
}

const pointsOf = (polygon) => polygon.map(([x, y]) => `${x * SIZE},${y * SIZE}`).join(" ");
const isHere = (zone) => (zone.camera ?? state.cameras[0]) === camera;

function draw() {
  drawing.replaceChildren();
  zones.forEach((zone, index) => {
    if (!isHere(zone)) return;
    const shape = svg("polygon", { points: pointsOf(zone.polygon), class: `shape ${zone.kind}` });
    shape.classList.toggle("chosen", index === chosen);
    if (index === chosen) zone.polygon.forEach(drawCorner);
  });
  if (draft !== null) {
    svg("polyline", { points: pointsOf(draft.polygon), class: `shape open ${draft.kind}` });
    draft.polygon.forEach(drawCorner);
  }
  drawHeads();
  byId("close-zone").hidden = draft === null || draft.polygon.length < 3;
  byId("drop-zone").hidden = draft === null;
  byId("how").textContent = draft === null ? words.how_move : words.how_draw;
}

function drawCorner([x, y]) {
  svg("ellipse", { cx: x * SIZE, cy: y * SIZE, rx: 11, ry: (11 * drawing.clientWidth) / Math.max(1, drawing.clientHeight), class: "corner" });
}

function drawHeads() {
  for (const old of drawing.querySelectorAll(".head")) old.remove();
  for (const [x, y] of heads) {
    svg("ellipse", { cx: x * SIZE, cy: y * SIZE, rx: 7, ry: (7 * drawing.clientWidth) / Math.max(1, drawing.clientHeight), class: "head" });
  }
}

/** Returns where a pointer is, as shares of the picture, held inside it. */
function shareOf(event) {
  const box = drawing.getBoundingClientRect();
  const inside = (value) => Number(Math.min(1, Math.max(0, value)).toFixed(SHARE_DIGITS));
  return [inside((event.clientX - box.left) / box.width), inside((event.clientY - box.top) / box.height)];
}

function distancePx([x, y], [otherX, otherY]) {
  const box = drawing.getBoundingClientRect();
  return Math.hypot((x - otherX) * box.width, (y - otherY) * box.height);
}

function cornerNear(point) {
  if (chosen < 0) return -1;
  const far = zones[chosen].polygon.map((corner) => distancePx(corner, point));
  const nearest = far.indexOf(Math.min(...far));
  return far[nearest] <= NEAR_PX ? nearest : -1;
}

function contains(polygon, [x, y]) {
  let inside = false;
  polygon.forEach(([x2, y2], index) => {
    const [x1, y1] = polygon.at(index - 1);
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
  });
  return inside;
}

drawing.addEventListener("pointerdown", (event) => {
  event.preventDefault();
  drawing.setPointerCapture(event.pointerId);
  const point = shareOf(event);
  if (draft !== null) {
    const isClosing = draft.polygon.length >= 3 && distancePx(draft.polygon[0], point) <= NEAR_PX;
    if (isClosing) return closeZone();
    draft.polygon.push(point);
    return draw();
  }
  const corner = cornerNear(point);
  if (corner >= 0) {
    dragged = { zone: zones[chosen], corner };
    return undefined;
  }
  chosen = zones.findLastIndex((zone) => isHere(zone) && contains(zone.polygon, point));
  listZones();
  return draw();
});
drawing.addEventListener("pointermove", (event) => {
  if (dragged === null) return;
  dragged.zone.polygon[dragged.corner] = shareOf(event);
  draw();
});
for (const kind of ["pointerup", "pointercancel"]) {
  drawing.addEventListener(kind, () => {
    if (dragged === null) return;
    dragged = null;
    tryOut();
  });
}
drawing.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && draft !== null) dropZone();
  if (event.key === "Enter" && draft !== null && draft.polygon.length >= 3) closeZone();
});

function addZone(kind) {
  draft = { kind, polygon: [] };
  chosen = -1;
  listZones();
  draw();
}

function closeZone() {
  const taken = new Set(zones.map((zone) => zone.name));
  let number = 1;
  while (taken.has(`${draft.kind}-${number}`)) number += 1;
  zones.push({
    name: `${draft.kind}-${number}`,
    kind: draft.kind,
    polygon: draft.polygon,
    counter: null,
    camera: camera === state.cameras[0] ? null : camera,
    begin: "face",
  });
  chosen = zones.length - 1;
  draft = null;
  listZones();
  draw();
  tryOut();
}

function dropZone() {
  draft = null;
  draw();
}

// --- the list beside it

function listZones() {
  const list = byId("zones");
  list.replaceChildren();
  zones.forEach((zone, index) => {
    const row = byId("zone-row").content.cloneNode(true).firstElementChild;
    row.classList.add(zone.kind);
    row.classList.toggle("chosen", index === chosen);
    const fields = { name: zone.name, kind: zone.kind, counter: zone.counter ?? "", begin: zone.begin };
    for (const [field, value] of Object.entries(fields)) {
      const input = row.querySelector(`.${field}`);
      input.value = value;
      input.addEventListener("change", () => {
        zone[field] = input.value.trim() || (field === "counter" ? null : zone[field]);
        listZones();
        draw();
        tryOut();
      });
    }
    row.querySelector(".counter").placeholder = state.counter;
    row.querySelector(".begin").closest("label").hidden = zone.kind !== "service";
    row.querySelector(".counter").closest("label").hidden = zone.kind === "mask";
    row.querySelector(".remove").addEventListener("click", () => {
      zones.splice(index, 1);
      chosen = -1;
      listZones();
      draw();
      tryOut();
    });
    row.addEventListener("focusin", () => {
      if (chosen === index) return;
      chosen = index;
      for (const [at, other] of [...list.children].entries()) other.classList.toggle("chosen", at === index);
      draw();
    });
    list.append(row);
  });
  showCounts();
}

function showCounts() {
  [...byId("zones").children].forEach((row, index) => {
    const zone = zones[index];
    const seen = zone.kind === "mask" || !isHere(zone) ? "–" : (counts[zone.name] ?? "…");
    row.querySelector(".count").textContent = seen;
    row.querySelector(".count").title = words.people_seen;
  });
}

function wanted() {
  return {
    zones,
    detector: byId("detector").value,
    expression: byId("expression").value,
    people: byId("people").value,
  };
}

/** Has the camera looked at with what is drawn, before it is saved; says what is wrong with it. */
async function tryOut() {
  attempts += 1;
  const mine = attempts;
  let wrong = "";
  try {
    await call("PUT", "/api/v1/draft", { ...wanted(), camera });
  } catch (error) {
    wrong = error.message;
  }
  if (mine !== attempts) return; // something newer was tried, or saved, meanwhile
  if (wrong) say(wrong, "bad");
  else if (byId("said").className === "bad") say("");
}

function fillSelect(id, names, value) {
  const select = byId(id);
  select.replaceChildren(...[...new Set([...names, value])].map((name) => new Option(name, name)));
  select.value = value;
}

function show(found) {
  state = found;
  zones = found.zones.map((zone) => ({ ...zone, polygon: zone.polygon.map((point) => [...point]) }));
  camera = found.cameras.includes(camera) ? camera : found.cameras[0];
  chosen = -1;
  draft = null;
  byId("place").textContent = `${found.unit} / ${found.counter} / ${found.device}`;
  const of = (task) => found.models.filter((model) => model.task === task).map((model) => model.name);
  fillSelect("camera", found.cameras, camera);
  fillSelect("detector", ["auto", ...of("face_detection"), ...of("person_detection")], found.detector);
  fillSelect("people", ["none", "auto", ...of("person_detection")], found.people);
  fillSelect("expression", ["auto", "none", ...of("expression")], found.expression);
  byId("restore").disabled = !found.can_restore;
  listZones();
  draw();
  tryOut();
}

function showFindings(found) {
  byId("findings").replaceChildren(
    ...found.map((finding) => {
      const row = document.createElement("li");
      row.className = `finding ${finding.verdict}`;
      const head = document.createElement("strong");
      head.textContent = `${words[`verdict_${finding.verdict.toLowerCase()}`]} · ${finding.subject}`;
      const detail = document.createElement("span");
      detail.textContent = finding.detail;
      row.append(head, detail);
      if (finding.advice) {
        const advice = document.createElement("em");
        advice.textContent = `→ ${finding.advice}`;
        row.append(advice);
      }
      return row;
    }),
  );
}

/** Runs what a button does, with the button out of reach meanwhile; errors are said. */
async function doing(button, work) {
  button.disabled = true;
  attempts += 1;
  try {
    await work();
  } catch (error) {
    say(error.message, "bad");
  } finally {
    button.disabled = button.id === "restore" && !state.can_restore;
  }
}

function leave(text) {
  byId("work").hidden = byId("foot").hidden = true;
  byId("pin").hidden = false;
  byId("pin").replaceChildren(Object.assign(document.createElement("p"), { textContent: text }));
}

byId("pin").addEventListener("submit", async (event) => {
  event.preventDefault();
  const hint = byId("pin").querySelector(".hint");
  try {
    token = (await call("POST", "/api/v1/session", { pin: byId("pin-digits").value })).token;
    const found = await call("GET", "/api/v1/state");
    byId("pin").hidden = true;
    byId("work").hidden = byId("foot").hidden = false;
    show(found);
    keepLooking();
  } catch (error) {
    hint.textContent = error.wait ? words.paused.replace("{seconds}", error.wait) : words.wrong_pin;
    hint.classList.add("bad");
  }
});
for (const button of document.querySelectorAll("[data-add]")) {
  button.addEventListener("click", () => addZone(button.dataset.add));
}
byId("close-zone").addEventListener("click", closeZone);
byId("drop-zone").addEventListener("click", dropZone);
byId("camera").addEventListener("change", () => {
  camera = byId("camera").value;
  chosen = -1;
  listZones();
  draw();
  tryOut();
});
for (const id of ["detector", "people", "expression"]) byId(id).addEventListener("change", tryOut);
byId("check").addEventListener("click", () =>
  doing(byId("check"), async () => showFindings(await call("POST", `/api/v1/checks?lang=${language}`, {}))),
);
byId("save").addEventListener("click", () =>
  doing(byId("save"), async () => {
    const saved = await call("PUT", "/api/v1/settings", wanted());
    state.can_restore = true;
    byId("restore").disabled = false;
    say(words.saved.replace("{file}", saved.file), "good");
  }),
);
byId("restore").addEventListener("click", () =>
  doing(byId("restore"), async () => {
    show(await call("POST", "/api/v1/restore", {}));
    say(words.restored, "good");
  }),
);
byId("end").addEventListener("click", () =>
  doing(byId("end"), async () => {
    await call("POST", "/api/v1/end", {});
    leave(words.ended);
  }),
);
new ResizeObserver(draw).observe(stage);

words = await (await fetch(`/texts?lang=${language}`)).json();
