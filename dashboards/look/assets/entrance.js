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

  // What a page asks for may be refused once a sign-in has ended, or stay without an answer: it says so,
  // and leaves what was entered.
  const ask = window.fetch.bind(window);
  const texts = (() => {
    const given = JSON.parse(document.getElementById("texts").textContent);
    return given[document.documentElement.lang] || given;
  })();

  function hear(status) {
    const known = document.getElementById("unheard");
    const key = status === 401 ? "link.signed_out" : status === 0 || status >= 500 ? "link.no_answer" : "";
    if (!key) {
      if (known) known.remove();
      return;
    }
    const said = known || document.createElement("p");
    said.id = "unheard";
    said.setAttribute("role", "alert");
    const parts = [texts[key]];
    if (status === 401) {
      const link = document.createElement("a");
      link.href = root + "/sign-in?next=" + encodeURIComponent(location.pathname.slice(root.length) + location.search);
      link.textContent = texts["link.sign_in"];
      parts.push(link);
    }
    said.replaceChildren(...parts);
    if (!known) document.body.prepend(said);
  }

  window.fetch = async function (...given) {
    const asked = String(given[0] && given[0].url ? given[0].url : given[0]);
    if (!asked.includes("/_dash-")) return ask(...given);
    try {
      const answer = await ask(...given);
      hear(answer.status);
      // Dash reads a refusal twice and fails over it: without content it ends the act and nothing more.
      return answer.status === 401 ? new Response(null, { status: 204 }) : answer;
    } catch (error) {
      hear(0);
      throw error;
    }
  };

  window.addEventListener("load", async () => {
    const answer = await fetch(root + "/visitor", { headers: { "Motcua-Automatic": "1" } });
    if (answer.ok) show(await answer.json());
  });
})();
