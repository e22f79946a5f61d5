// The four chats: whose is shown in each, what is new there, and stopping the clock for somebody who takes part.
"use strict";
const panes = [...document.querySelectorAll(".pane")].map((element) => ({
  element,
  name: element.dataset.pane,
  frame: element.querySelector("iframe"),
  select: element.querySelector("select"),
  tab: $(`tab-${element.dataset.pane}`),
  follows: true,
  shown: "",
  changes: null,
  readsUntil: 0,
}));

// What the chat remembers as read belongs to another run of the demo.
try {
  for (const key of Object.keys(localStorage)) if (key.startsWith("apbot.seen./as/")) localStorage.removeItem(key);
} catch { /* a private window keeps nothing anyway */ }

const option = (pane) => pane.select.selectedOptions[0];

function turn(pane, who, path) {
  const address = `/as/${body.dataset.run}/${who}/chat/${path}`;
  if (pane.shown === address) return;
  pane.shown = address;
  pane.select.value = who;
  pane.changes = null;
  pane.element.querySelector(".title").textContent = option(pane).dataset.title;
  pane.element.querySelector(".does").textContent = option(pane).dataset.does;
  pane.frame.title = `Chat of ${option(pane).textContent}`;
  pane.frame.classList.add("turning");
  // Without an entry in the history: "back" leaves the demo, and does not leaf through the panes.
  pane.frame.contentWindow.location.replace(address);
}

function dress(pane) {
  const inside = pane.frame.contentDocument;
  if (!inside?.head || inside.URL === "about:blank") return;
  const style = inside.createElement("link");
  style.rel = "stylesheet";
  style.href = body.dataset.dress;
  style.onload = style.onerror = () => pane.frame.classList.remove("turning");
  inside.head.append(style);
  // The morning waits for who takes part in it.
  for (const kind of ["wheel", "touchmove"]) inside.addEventListener(kind, () => (pane.readsUntil = Date.now() + 10000), { passive: true });
  for (const kind of ["pointerdown", "keydown"]) inside.addEventListener(kind, (event) => takePart(pane, event.target), true);
}

function takePart(pane, target) {
  if (target.closest("button, summary, textarea, input, select, label, a")) stay(pane);
  if (stage.state?.playing) tell("pause");
}

function stay(pane) {
  pane.follows = false;
  pane.element.querySelector(".follow").hidden = false;
}

// The newest line, as if the reader had asked for it: unless the visitor reads there themselves.
function toNewest(pane) {
  const newest = pane.follows && Date.now() > pane.readsUntil && pane.frame.contentDocument?.getElementById("to-newest");
  if (newest && !newest.hidden) newest.click();
}

const isInView = (pane) => getComputedStyle(pane.element).visibility === "visible";

function showNew(pane, isNew) {
  pane.element.querySelector(".chip").hidden = !isNew;
  pane.element.classList.toggle("has-new", isNew);
  pane.tab.querySelector(".unread").hidden = !isNew;
  clearTimeout(pane.timer);
  if (isNew && isInView(pane)) pane.timer = setTimeout(() => showNew(pane, false), 5000);
}

const looks = { at: "", follows: true }; // which pane a narrow screen shows

stage.listeners.push((state) => {
  for (const pane of panes) {
    const shows = state.shows[pane.name];
    if (pane.follows) turn(pane, shows.who, shows.path);
    const changes = option(pane).dataset.reads.split(" ").reduce((sum, each) => sum + (state.changes[each] ?? 0), 0);
    if (pane.changes !== null && changes > pane.changes) showNew(pane, true);
    pane.changes = changes;
    toNewest(pane);
  }
  if (looks.follows && looks.at !== state.look) select(panes.find((pane) => pane.name === (looks.at = state.look)));
});

function choose(pane, who) {
  pane.select.value = who;
  stay(pane);
  turn(pane, who, option(pane).dataset.reads.split(" ")[0]);
}

for (const pane of panes) {
  pane.frame.addEventListener("load", () => dress(pane));
  pane.select.addEventListener("change", () => choose(pane, pane.select.value));
  pane.element.querySelector(".follow").addEventListener("click", (event) => {
    pane.follows = looks.follows = true;
    event.target.hidden = true;
    take(stage.state);
  });
}
document.querySelector(".board").addEventListener("click", (event) => {
  const place = event.target.closest("[data-person]");
  if (!place) return;
  choose(panes[0], place.dataset.person);
  select(panes[0]);
});

// On a narrow screen one pane at a time.

function select(pane) {
  for (const each of panes) {
    const isIt = each === pane;
    each.element.classList.toggle("selected", isIt);
    each.tab.setAttribute("aria-selected", String(isIt));
    each.tab.tabIndex = isIt ? 0 : -1;
  }
  if (isInView(pane)) showNew(pane, false);
}

for (const [index, pane] of panes.entries()) {
  pane.tab.addEventListener("click", () => (looks.follows = false, select(pane)));
  pane.tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const other = panes[(index + step + panes.length) % panes.length];
    other.tab.click();
    other.tab.focus();
    event.preventDefault();
    event.stopPropagation();
  });
}
select(panes[0]);

// A browser keeps six connections to one place, and each chat holds one: so one window of the demo at a time.
if ("BroadcastChannel" in window) {
  const windows = new BroadcastChannel("apbot demo");
  windows.onmessage = () => location.replace("/elsewhere");
  windows.postMessage("open");
}
