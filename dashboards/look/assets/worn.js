// Which theme a desk wears, before anything of it is drawn; as dashboards/entrance/speaking.py chooses it.
(function () {
  "use strict";

  const kept = document.cookie.match(/(?:^|; )motcua-theme=(\w+)/);
  const said = new URLSearchParams(location.search).get("theme") || (kept && kept[1]);
  if (said === "dark" || said === "light") document.documentElement.dataset.theme = said;
})();
