// A record can be printed, and the menu closes when something else is pressed. Everything else works without scripts.
"use strict";
document.documentElement.classList.add("js");
document.getElementById("print")?.addEventListener("click", () => print());
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".me[open]")) if (!menu.contains(event.target)) menu.open = false;
});
