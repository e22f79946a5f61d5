// Makes one element like another, in place, and leaves alone what is the same: open forms, what is typed in them, and
// the focus. Elements with a data-key are matched by it, all others by their place.
"use strict";
const KEPT = new Set(["open", "data-event", "aria-disabled"]); // what a person is doing just now

function morph(from, to) {
  if (from.nodeType === Node.TEXT_NODE) {
    if (from.data !== to.data) from.data = to.data;
    return;
  }
  for (const { name } of [...from.attributes]) if (!to.hasAttribute(name) && !KEPT.has(name)) from.removeAttribute(name);
  for (const { name, value } of to.attributes) if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  const wanted = new Set([...to.children].map(keyOf).filter(Boolean));
  for (const child of [...from.children]) if (keyOf(child) && !wanted.has(keyOf(child))) child.remove();
  const keyed = new Map([...from.children].filter(keyOf).map((child) => [keyOf(child), child]));
  let at = from.firstChild;
  for (const child of [...to.childNodes]) {
    const fits = at && !keyOf(at) && !keyOf(child) && at.nodeName === child.nodeName;
    const match = keyOf(child) ? keyed.get(keyOf(child)) : fits ? at : null;
    if (!match) from.insertBefore(child, at);
    else {
      if (match === at) at = at.nextSibling;
      else from.insertBefore(match, at);
      keyed.delete(keyOf(child));
      morph(match, child);
    }
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

const keyOf = (node) => (node.dataset?.key ? `${node.nodeName} ${node.dataset.key}` : "");
