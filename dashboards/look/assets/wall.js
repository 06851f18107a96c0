// Draws a wall: makes elements of the short lists it was sent, and puts what changes in its places.
(function () {
  "use strict";

  const motcua = window.motcua;
  const SVG = "http://www.w3.org/2000/svg";
  let parts = {};

  // ["div.tile", {attributes}, children…]; ["part", name] is the place of what is sent apart.
  function make(node, space) {
    if (!Array.isArray(node)) return document.createTextNode(node);
    const [head, ...rest] = node;
    if (head === "part") return place(rest[0]);
    const [tag, ...classes] = head.split(".");
    const inside = tag === "svg" ? SVG : space;
    const made = inside ? document.createElementNS(inside, tag) : document.createElement(tag);
    if (classes.length) made.setAttribute("class", classes.join(" "));
    if (rest.length && typeof rest[0] === "object" && !Array.isArray(rest[0])) {
      for (const [name, value] of Object.entries(rest.shift())) {
        // Through the object model: the document's policy forbids styles in markup.
        if (name === "style") made.style.cssText = value;
        else made.setAttribute(name, value);
      }
    }
    made.append(...rest.map((child) => make(child, inside)));
    return made;
  }

  function place(name) {
    const made = document.createElement("div");
    made.className = "part";
    made.dataset.part = name;
    fill(made);
    return made;
  }

  function fill(element) {
    element.replaceChildren(...(parts[element.dataset.part] || []).map((node) => make(node, null)));
  }

  function draw(message) {
    if (message.kind === "whole") {
      parts = message.parts;
      motcua.times = message.times;
      document.getElementById("page").replaceChildren(make(message.frame, null));
    } else {
      Object.assign(parts, message.parts);
      Object.assign(motcua.times, message.times);
      for (const name of Object.keys(message.parts)) {
        const found = document.querySelector(`[data-part="${CSS.escape(name)}"]`);
        if (found) fill(found);
      }
    }
  }

  motcua.draw = function (message) {
    draw(message);
    motcua.showClock();
    motcua.refresh();
  };
})();
