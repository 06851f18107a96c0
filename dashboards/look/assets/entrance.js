// Says on the desk pages who is signed in, or that this is a trial, and signs out.
(function () {
  "use strict";

  const root = document.documentElement.dataset.root;

  function show(visitor) {
    const chip = document.createElement("aside");
    chip.id = "visitor";
    chip.className = visitor.kind;
    chip.setAttribute("aria-label", visitor.label);
    const name = document.createElement("span");
    name.textContent = visitor.label;
    chip.append(name);
    for (const link of visitor.links) {
      const anchor = document.createElement("a");
      anchor.href = link.href;
      anchor.textContent = link.text;
      chip.append(anchor);
    }
    if (visitor.kind === "account") {
      const form = document.createElement("form");
      form.method = "post";
      form.action = root + "/sign-out";
      const button = document.createElement("button");
      button.textContent = visitor.sign_out;
      const proof = document.createElement("input");
      proof.type = "hidden";
      proof.name = "form";
      proof.value = visitor.form;
      form.append(proof, button);
      chip.append(form);
    }
    document.body.prepend(chip);
  }

  window.addEventListener("load", async () => {
    const answer = await fetch(root + "/visitor", { headers: { "Motcua-Automatic": "1" } });
    if (answer.ok) show(await answer.json());
  });
})();
