// The live page. Everything works without it, by forms; with it nothing has to be loaded again.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const body = document.body, log = $("log"), scroller = log.parentElement, composer = $("composer"), words = $("words");
  const here = body.dataset.conversation, title = document.title;
  document.documentElement.classList.add("js");

  // Lines: put in where they belong, or brought up to date where they stand.

  function element(html) {
    const template = document.createElement("template");
    template.innerHTML = html; // made by the server from escaped text
    return template.content.firstElementChild;
  }

  function take(html) {
    const line = element(html), { conversation, line: id, changed } = line.dataset;
    if (conversation !== here) {
      if (!line.matches(".mine")) markNew(conversation, id);
      return shout(line);
    }
    const old = log.querySelector(`[data-line="${id}"]`);
    if (old && Number(changed) <= Number(old.dataset.changed)) return;
    if (!old || old.dataset.tone !== line.dataset.tone) shout(line);
    steady(() => (old ? update(old, line) : add(line)), line.matches(".mine"));
  }

  function add(line) {
    const lines = [...log.querySelectorAll(".line")], id = Number(line.dataset.line);
    const next = lines.find((each) => Number(each.dataset.line) > id), previous = next ? null : lines.at(-1);
    if (next === lines[0] && next && log.querySelector(".earlier")) return; // belongs to the part that is not shown
    log.querySelector(".empty")?.remove();
    line.classList.add("fresh");
    log.insertBefore(line, next ?? null);
    if (!next && previous?.dataset.day !== line.dataset.day) {
      const day = document.createElement("h2");
      day.className = "day";
      day.textContent = line.dataset.dayWords;
      log.insertBefore(day, line);
    }
    if (line.matches(".theirs, [id^=message]") && !atEnd()) $("to-newest").hidden = false;
  }

  function update(old, line) {
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const place = focused?.closest("li[data-key]")?.dataset.key, key = focused?.closest("[data-key]")?.dataset.key;
    morph(old, line);
    if (!focused || old.contains(document.activeElement)) return;
    // What had the focus is gone, or was moved: stay as near to it as can be.
    const keyed = [...old.querySelectorAll("[data-key]")];
    const row = keyed.find((each) => each.matches("li") && each.dataset.key === place) ?? old;
    const same = focused.isConnected ? focused : keyed.find((each) => row.contains(each) && each.dataset.key === key);
    (same?.querySelector("summary") ?? same ?? row.querySelector("button, summary") ?? old.querySelector("h3")).focus();
  }

  function shout(line) {
    if (line.dataset.tone === "alert") $("shout").textContent = `Alert: ${line.querySelector("h3").textContent}`;
  }

  // Where the reader is: at the newest line, or further up; and nothing may move under a finger that presses.

  let held = null, heldUntil = 0, toastTimer = 0;
  const atEnd = () => scroller.scrollTop > -60;
  const newest = () => [...log.querySelectorAll(".line")].at(-1);
  const hold = (line) => { held = line; heldUntil = Date.now() + 60000; };

  function steady(change, isMine) {
    const anchor = !isMine && held?.isConnected && Date.now() < heldUntil ? held : null;
    const stay = isMine || atEnd(), top = scroller.scrollHeight + scroller.scrollTop;
    const was = anchor?.getBoundingClientRect().top;
    change();
    if (anchor) scroller.scrollTop += anchor.getBoundingClientRect().top - was;
    else if (stay) toNewest();
    else scroller.scrollTop = top - scroller.scrollHeight;
    look();
  }

  function toNewest() {
    scroller.scrollTop = 0;
    const line = newest();
    if (line?.offsetHeight > scroller.clientHeight) line.scrollIntoView({ block: "start" }); // its head first
  }

  function look() {
    const { top, bottom } = scroller.getBoundingClientRect();
    const away = [...log.querySelectorAll('.card[data-tone="alert"]')].filter((card) => {
      const head = card.firstElementChild.getBoundingClientRect();
      return head.bottom < top + 8 || head.top > bottom - 8;
    });
    const banner = $("more-alerts");
    banner.hidden = !away.length;
    banner.lastElementChild.textContent = away.length === 1 ? "1 more alert is open. Show it" : `${away.length} more alerts are open. Show them`;
    banner.onclick = () => (away.at(-1).closest(".line").scrollIntoView({ block: "start" }), away.at(-1).querySelector("h3").focus());
    const head = newest()?.getBoundingClientRect().top;
    if (!atEnd() && !(head > top - 8 && head < bottom - 60)) return;
    $("to-newest").hidden = true;
    seen();
  }

  // What is new in which conversation: remembered on this device.

  const seenKey = (conversation) => `apbot.seen.${body.dataset.live}.${body.dataset.person}.${conversation}`;
  const links = [...document.querySelectorAll("[data-to]")];

  function recall(conversation) {
    try { return Number(localStorage.getItem(seenKey(conversation))); } catch { return Infinity; }
  }

  function seen() {
    if (document.hidden) return;
    try { localStorage.setItem(seenKey(here), newest()?.dataset.line ?? "0"); } catch { /* a private window: nothing is remembered */ }
    marks();
  }

  function markNew(conversation, id) {
    const link = links.find((each) => each.dataset.to === conversation);
    if (link) link.dataset.newest = String(Math.max(id, link.dataset.newest));
    marks();
  }

  function marks() {
    for (const link of links) {
      const isHere = link.dataset.to === here && !document.hidden;
      link.querySelector(".new").hidden = isHere || Number(link.dataset.newest) <= recall(link.dataset.to);
    }
    const lines = [...log.querySelectorAll(".line:not(.mine)")];
    const unseen = lines.filter((line) => Number(line.dataset.line) > recall(here)).length;
    document.title = unseen && document.hidden ? `(${unseen}) ${title}` : title;
  }

  // Sending: a press or some words, once, however often the finger comes down.

  const newEvent = () => [...crypto.getRandomValues(new Uint8Array(9))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  function problem(text) {
    $("problem").textContent = text;
    $("problem").hidden = !text;
  }

  async function send(form, button) {
    if (button.getAttribute("aria-disabled") === "true") return;
    const fields = new URLSearchParams(new FormData(form));
    if (button.name) fields.set(button.name, button.value);
    // The same name until there is an answer: sent again after a lost connection it is still one event.
    button.dataset.event ||= newEvent();
    fields.set("event_id", button.dataset.event);
    button.setAttribute("aria-disabled", "true");
    hold(button.closest(".line"));
    problem("");
    try {
      const options = { method: "POST", body: fields, headers: { accept: "application/json" } };
      const answer = await fetch(form.action, { ...options, signal: AbortSignal.timeout?.(20000) });
      const told = await answer.json();
      if (!answer.ok) return problem(told.problem);
      delete button.dataset.event;
      if (told.refused && form !== composer) refused(form, told.wrong);
      else sent(form, button);
      told.lines.forEach(take);
      if (form !== composer) answered(told.lines.map((html) => log.querySelector(`#${element(html).id}`)));
    } catch {
      problem("That may not have been sent: apbot did not answer. Please try again; it will not count twice.");
    } finally {
      button.removeAttribute("aria-disabled");
    }
  }

  function sent(form, button) {
    if (form === composer) {
      words.value = "";
      answering("", "");
      return;
    }
    button.classList.add("pressed");
    setTimeout(() => button.classList.remove("pressed"), 4000);
    const asked = button.closest("details");
    if (asked) close(asked);
    if (asked) form.reset();
  }

  // What was given stays there, to be put right.
  function refused(form, wrong) {
    const input = form.elements[`input.${wrong}`];
    if (!input) return;
    (input.length && input.tagName !== "SELECT" ? input[0] : input).focus();
  }

  // The answer to a press stands at the end, perhaps out of sight: it is shown for a moment where it can be seen.
  function answered([line]) {
    clearTimeout(toastTimer);
    if (line?.querySelector(".buttons")) {
      hold(null);
      toNewest();
    }
    $("toast").hidden = !line || line.getBoundingClientRect().bottom <= scroller.getBoundingClientRect().bottom;
    if ($("toast").hidden) return;
    const said = line.querySelectorAll("h3, .inside p, .note strong, .note span:not([class])");
    $("toast").textContent = [...said].map((each) => each.textContent).join(" · ");
    toastTimer = setTimeout(() => { $("toast").hidden = true; }, 6000);
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-act]")) return;
    event.preventDefault();
    send(event.target, event.submitter ?? event.target.querySelector("button"));
  });

  words.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (words.value.trim()) composer.requestSubmit();
  });

  // Forms behind buttons, the menu, and replies.

  function close(details) {
    const within = details.contains(document.activeElement);
    details.open = false;
    if (within) details.querySelector("summary").focus();
  }

  document.addEventListener("toggle", (event) => {
    const opened = event.target;
    if (!opened.open || !log.contains(opened)) return;
    for (const other of log.querySelectorAll("details[open]")) if (other !== opened) other.open = false;
    const first = opened.querySelector("input:not([type=hidden]), select");
    (first?.closest("fieldset")?.querySelector("input:checked") ?? first)?.focus();
    opened.scrollIntoView({ block: "nearest" });
  }, true);

  document.addEventListener("keydown", (event) => {
    const details = event.key === "Escape" && event.target.closest("details[open]");
    if (details) close(details);
  });

  document.addEventListener("click", (event) => {
    $("toast").hidden = true; // it has been seen, and may lie over what is pressed next
    if (event.target.closest("[data-cancel]")) close(event.target.closest("details"));
    for (const menu of document.querySelectorAll(".me[open]")) if (!menu.contains(event.target)) menu.open = false;
    const reply = event.target.closest(".reply"), cancel = event.target.closest("#not-answering");
    if (!reply && !cancel) return;
    event.preventDefault();
    answering(reply?.dataset.message ?? "", reply?.dataset.heading ?? "");
    words.focus();
  });

  function answering(message, heading) {
    composer.elements.message_id.value = message;
    $("answered").textContent = heading;
    $("answering").hidden = !message;
  }

  $("to-newest").addEventListener("click", () => (hold(null), toNewest()));
  scroller.addEventListener("scroll", look, { passive: true });

  // Live: the browser comes back by itself after a lost connection; a connection that died quietly is noticed.

  let source = null, heardAt = Date.now(), after = Number(body.dataset.changed);

  function state(name, text) {
    $("link").dataset.state = name;
    if ($("link").textContent !== text) $("link").textContent = text;
  }

  function listen() {
    source?.close();
    heardAt = Date.now();
    const mine = (source = new EventSource(`${body.dataset.live}?after=${after}`));
    const heard = () => { heardAt = Date.now(); state("live", "Live"); };
    mine.onopen = heard;
    mine.addEventListener("beat", heard);
    mine.addEventListener("line", (event) => {
      heard();
      after = Math.max(after, Number(event.lastEventId));
      take(event.data);
    });
    mine.addEventListener("signed-out", () => {
      mine.close();
      source = null;
      state("lost", "Signed out");
      problem("You are signed out here: nothing new arrives. Open a new sign-in link to go on.");
    });
    mine.onerror = () => {
      state("lost", "Not connected, trying again");
      if (mine.readyState === EventSource.CLOSED) setTimeout(() => source === mine && listen(), 3000);
    };
  }

  const check = () => source && Date.now() - heardAt > 40000 && listen();
  setInterval(check, 5000);
  document.addEventListener("visibilitychange", () => (check(), look(), marks()));
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => event.persisted && source && listen());
  listen();
  toNewest();
  look();
  marks();
})();
