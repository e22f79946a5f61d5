// The stage: asks how everything stands, moves the clock smoothly in between, and passes the controls on.
"use strict";
const body = document.body, $ = (id) => document.getElementById(id);
const length = Number(body.dataset.length), [startHour, startMinute] = body.dataset.starts.split(":").map(Number);
const stage = { state: null, at: 0, listeners: [] };

const wall = (minute) => {
  const total = startHour * 60 + startMinute + Math.floor(minute + 0.001);
  return `${String(Math.floor(total / 60)).padStart(2, "0")}:${String(total % 60).padStart(2, "0")}`;
};

// Where the clock is by now: it goes on between two answers, but not past the next event.
function minute() {
  const { state, at } = stage;
  return Math.max(state.now, Math.min(state.now + (state.rate * (performance.now() - at)) / 1000, state.until));
}

async function ask(path, fields) {
  const options = fields && { method: "POST", body: new URLSearchParams({ token: body.dataset.token, ...fields }) };
  const answer = await fetch(path, { ...options, headers: { accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

function take(state) {
  if (String(state.run) !== body.dataset.run) return location.assign("/"); // begun anew, here or in another window
  stage.state = state;
  stage.at = performance.now();
  show(state);
  for (const listener of stage.listeners) listener(state);
}

let orders = 0; // an answer that was asked for before an order was given says how things stood before it

async function tell(what, value = "", more = {}) {
  orders += 1;
  try {
    take(await ask("/stage/do", { do: what, value, ...more }));
    orders += 1;
  } catch {
    lost();
  }
}

function lost() {
  if (document.hidden) return;
  $("telling").textContent = "The demo has been stopped. Start it again in the terminal, then load this page.";
  body.classList.add("lost");
}

async function poll() {
  try {
    const before = orders, state = await ask("/stage/state");
    if (before === orders) take(state);
    body.classList.remove("lost");
  } catch {
    lost();
  }
  setTimeout(poll, document.hidden ? 2000 : stage.state?.playing ? 200 : 600);
}

// What is shown

let told = null, ended = false;

function show(state) {
  if (told !== state.told.number) {
    told = state.told.number;
    $("telling").textContent = state.told.words;
    $("telling").classList.remove("fresh");
    void $("telling").offsetWidth; // the animation begins anew
    $("telling").classList.add("fresh");
  }
  body.dataset.playing = state.playing ? "yes" : "no";
  $("play").querySelector(".label").textContent = state.playing ? "Pause" : state.begun ? "Go on" : "Play";
  $("play").disabled = $("next").disabled = state.over;
  for (const radio of document.querySelectorAll("[name=speed]")) radio.checked = Number(radio.value) === state.speed;
  for (const button of document.querySelectorAll("[data-jump]")) {
    const gone = Number(button.dataset.jump) <= state.now && (state.begun || state.over);
    button.disabled = gone;
    button.parentElement.dataset.state = state.done.includes(button.dataset.at) ? "done" : gone ? "passed" : "coming";
  }
  showBoard(state.board);
  if (state.over && !ended) {
    ended = true;
    $("ending").textContent = state.told.words;
    setTimeout(() => !document.querySelector("dialog[open]") && $("end").showModal(), 1200);
  }
}

const KNOWN = { w: "not heard of", a: "arrived", m: "missing", s: "safe elsewhere", p: "planned absence" };

function showBoard(board) {
  for (const place of document.querySelectorAll("#board li")) {
    const letters = [...(board[place.dataset.provider] ?? "")], marks = place.querySelector(".marks");
    letters.forEach((letter, index) => {
      const mark = marks.children[index] ?? marks.appendChild(document.createElement("i"));
      if (mark.dataset.known !== letter) mark.dataset.known = letter;
    });
    const counts = Object.entries(KNOWN).map(([letter, words]) => [letters.filter((each) => each === letter).length, words]);
    place.querySelector(".counts").textContent = counts.filter(([count]) => count).map(([count, words]) => `${count} ${words}`).join(", ");
    place.dataset.missing = letters.includes("m") ? "yes" : "no";
  }
}

function frame() {
  if (stage.state) {
    const now = minute(), text = wall(now);
    if ($("clock").textContent !== text) $("clock").textContent = text;
    $("gone").style.transform = `scaleX(${now / length})`;
  }
  requestAnimationFrame(frame);
}

for (const placed of document.querySelectorAll("[data-minute]")) placed.style.left = `${(100 * placed.dataset.minute) / length}%`;

// Controls

$("play").addEventListener("click", () => tell(stage.state?.playing ? "pause" : "play"));
$("next").addEventListener("click", () => tell("next"));
$("again").addEventListener("click", () => tell("again"));
document.addEventListener("change", (event) => event.target.name === "speed" && tell("speed", event.target.value));
document.addEventListener("click", (event) => {
  const morning = event.target.closest("[data-morning]"), jump = event.target.closest("[data-jump]");
  if (jump) tell("jump", jump.dataset.jump);
  if (morning) tell("again", morning.dataset.morning, "play" in morning.dataset ? { play: "yes" } : {});
  if (event.target.closest("[data-again]")) tell("again", "", { play: "yes" });
  if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
});
document.addEventListener("keydown", (event) => {
  if (event.target.closest("button, select, input, a, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === " ") $("play").click();
  else if (event.key === "ArrowRight") $("next").click();
  else return;
  event.preventDefault();
});

$("begin").addEventListener("click", () => {
  $("intro").close();
  if (document.querySelector('[data-morning="bad"][aria-pressed="true"]')) tell("play");
  else tell("again", "bad", { play: "yes" });
});
if ("open" in $("intro").dataset) $("intro").showModal();
poll();
requestAnimationFrame(frame);
