// The live board. Without it the page loads itself again every minute; with it nothing has to be loaded again.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id), title = document.title;
  document.documentElement.classList.add("js");
  let ahead = 0; // how far this device's clock is ahead of apbot's

  function settle() {
    const parts = $("parts"), alerts = Number(parts.dataset.alerts);
    ahead = Date.now() - Date.parse(parts.dataset.now);
    document.title = alerts ? `(${alerts}) ${title}` : title;
    count();
  }

  // How long until each alert: counted from apbot's clock, whatever this device's says.
  function count() {
    for (const each of document.querySelectorAll("[data-due]")) {
      const until = each.querySelector(".until");
      if (!until) continue;
      const left = Math.max(0, Math.ceil((Date.parse(each.dataset.due) - (Date.now() - ahead)) / 1000));
      until.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    }
  }

  function take(html) {
    const template = document.createElement("template");
    template.innerHTML = html; // made by the server from escaped text
    const there = new Set([...document.querySelectorAll(".alert")].map((each) => each.dataset.key));
    morph($("parts"), template.content.firstElementChild);
    const fresh = [...document.querySelectorAll(".alert")].filter((each) => !there.has(each.dataset.key));
    if (fresh.length) $("shout").textContent = fresh.map((each) => `New alert. ${each.querySelector("h3").textContent.slice(1)}`).join(" ");
    settle();
  }

  // Live: the browser comes back by itself after a lost connection; a connection that died quietly is noticed.
  let source = null, heardAt = Date.now();

  function state(name, text) {
    $("link").dataset.state = name;
    if ($("link").textContent !== text) $("link").textContent = text;
  }

  function listen() {
    source?.close();
    heardAt = Date.now();
    const mine = (source = new EventSource(document.body.dataset.live));
    const heard = () => { heardAt = Date.now(); state("live", "Live"); };
    mine.onopen = heard;
    mine.addEventListener("beat", heard);
    mine.addEventListener("board", (event) => (heard(), take(event.data)));
    mine.addEventListener("signed-out", () => {
      mine.close();
      source = null;
      state("lost", "Signed out: this is old");
    });
    mine.onerror = () => {
      state("lost", "Not connected: this may be old");
      if (mine.readyState === EventSource.CLOSED) setTimeout(() => source === mine && listen(), 3000);
    };
  }

  const check = () => source && Date.now() - heardAt > 40000 && listen();
  setInterval(check, 5000);
  setInterval(count, 1000);
  document.addEventListener("visibilitychange", check);
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => event.persisted && source && listen());
  $("print").addEventListener("click", () => print());
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll(".me[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  settle();
  listen();
})();
