// The agent's console: heartbeat, live changes, telephone, keys and sounds around fragments that the server makes.

import { AgentPhone } from "./agentphone.js";
import { Presence } from "./presence.js";
import { Ringer } from "./ringer.js";
import { Ticker } from "./ticker.js";

const SEEN_MS = 250; // nobody reacts faster to a button that has just come under the hand
const DOUBLE_MS = 500; // the second half of a double click must not press what the first half has brought
const HOLD_LONG_MS = 60_000;
const WRITING_MS = 10_000;
const HOLD_AGAIN_MS = 20_000;
const TITLE = document.title;
const NOT_TYPING = "button, a, summary, input[type=radio], input[type=checkbox], audio";

const console_ = document.getElementById("console");
const page = Object.fromEntries(
  ["alarm", "news", "link", "link_title", "link_text", "elsewhere", "take", "live", "work", "keys", "keys_on"].map((id) => [
    id,
    document.getElementById(id),
  ]),
);
const desk = () => document.getElementById("desk");
const ticker = new Ticker("desk");
const ringer = new Ringer();
const phone = console_.dataset.phone ? new AgentPhone(console_.dataset.phone, console_.dataset.agent) : null;
const presence = new Presence({ onHere: here, onElsewhere: elsewhere, onLost: lost, onSignedOut: signedOut });
let state = desk().dataset.state;
let key = desk().dataset.key;
let ring = "";
let settledAt = 0;
let clicked = { at: -DOUBLE_MS, key };
let holdSaidAt = 0;
let remembered = [];

// Where this window stands

function here() {
  page.elsewhere.hidden = page.link.hidden = true;
  page.work.inert = false;
  phone?.open();
  look();
}

function elsewhere() {
  page.elsewhere.hidden = false;
  page.work.inert = true;
  ringer.stop();
  phone?.close();
}

function lost() {
  page.link_title.textContent = "Connection lost.";
  page.link_text.textContent = "What you see may be old. A call goes on; trying again…";
  page.link.hidden = false;
}

function signedOut() {
  page.link_title.textContent = "You are signed out.";
  page.link_text.innerHTML = '<a href="/login?next=/console">Sign in again</a>';
  page.link.hidden = false;
  page.work.inert = true;
}

function look() {
  window.htmx.trigger(page.live, "look");
}

page.take.addEventListener("click", () => presence.take());

// What the server says

window.Idiomorph.defaults.callbacks.beforeNodeMorphed = (old, fresh) =>
  !(old.dataset?.keep && old.dataset.keep === fresh.dataset?.keep);
window.Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, { localName }) =>
  !(name === "open" && localName === "details"); // whoever opened it closes it

document.addEventListener("htmx:configRequest", ({ detail }) => Object.assign(detail.headers, presence.headers()));
document.addEventListener("htmx:sseError", lost);
document.addEventListener("htmx:sseOpen", () => {
  if (presence.isHere) here();
});
document.addEventListener("htmx:sendError", lost);
document.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.target.id === "desk" || detail.xhr.status < 500) presence.read(detail.xhr.status);
});
document.addEventListener("htmx:beforeRequest", ({ target }) => {
  if (target.matches?.("[data-answer]")) phone?.want(desk().dataset.ring);
});
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id !== "desk") return;
  remembered = [".head", ".brief"].map((part) => desk().querySelector(part)?.cloneNode(true));
  const version = Number(/data-version="(\d+)"/.exec(detail.xhr.responseText)?.[1] ?? NaN);
  const isNewer = version >= Number(desk().dataset.version); // else overtaken by an answer that was made later
  detail.shouldSwap = isNewer && [200, 404].includes(detail.xhr.status); // 404: the call is theirs no more, and it says so
  if (detail.shouldSwap && !detail.requestConfig.elt.isConnected) {
    detail.shouldSwap = false; // the button is gone that was pressed, and with it what tells htmx to morph
    const here = { contextElement: desk(), eventInfo: detail };
    window.htmx.swap(desk(), detail.serverResponse, { swapStyle: "morph:outerHTML" }, here);
  }
});
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id === "desk") shown();
});

// The desk has changed, or was looked at anew.
function shown() {
  page.link.hidden = true;
  const now = desk().dataset;
  if (now.key !== key) {
    [key, settledAt] = [now.key, performance.now() + SEEN_MS];
    if (document.activeElement === document.body && hadFocus) document.getElementById("acts")?.focus();
  }
  if (now.state !== state) {
    state = now.state;
    if (!now.ring) page.news.textContent = document.getElementById("my_state").textContent;
  }
  if (state === "wrapup") remember();
  scrollTurns();
  rings(now.ring ?? "", now.call ?? "");
  phone?.serve(state, now.ring);
  ticker.tick();
}

// What was said last is seen first.
function scrollTurns() {
  const turns = document.querySelector(".turns:not([data-seen])");
  if (!turns) return;
  turns.dataset.seen = "yes";
  turns.scrollTop = turns.scrollHeight;
}

// The caller stays in sight while notes are written: the queue no longer knows them.
function remember() {
  ["kept_head", "kept_brief"].forEach((id, at) => {
    const place = document.getElementById(id);
    if (!remembered[at] || !place || place.dataset.filled) return;
    place.dataset.filled = "yes";
    place.replaceChildren(remembered[at]);
  });
}

// Time for notes does not run out on somebody who is writing.
document.addEventListener("input", ({ target }) => {
  const until = target.form?.id === "wrapup" && target.form.querySelector("[data-until]");
  if (until && Number(until.dataset.until) - ticker.now() < WRITING_MS) document.querySelector("#more button").click();
});

function rings(offer, words) {
  if (offer === ring) return;
  ring = offer;
  document.title = offer ? `☎ ${document.getElementById("who").textContent}` : TITLE;
  if (!offer) return ringer.stop();
  page.alarm.textContent = words;
  ringer.start();
}

// A colleague rings without an offer of the queue.
phone?.addEventListener("alone", ({ detail }) => {
  if (!detail.isRinging) return ring || ringer.stop();
  page.alarm.textContent = "Your phone rings: a colleague wants to ask you.";
  ringer.start();
});

// Colleagues: what becomes of them is no news of one's own desk
setInterval(() => {
  if (presence.isHere && document.querySelector("[data-asked], #consult[open]")) look();
}, 1000);

// A caller who was forgotten on hold
setInterval(() => {
  const hold = document.querySelector("[data-hold]");
  const late = hold && ticker.now() - Number(hold.dataset.hold) > HOLD_LONG_MS;
  hold?.classList.toggle("late", Boolean(late));
  if (!late) return (holdSaidAt = 0);
  if (holdSaidAt && performance.now() - holdSaidAt < HOLD_AGAIN_MS) return;
  if (!holdSaidAt) page.alarm.textContent = "The caller has been on hold for more than a minute.";
  holdSaidAt = performance.now();
  ringer.play("hold");
}, 1000);

// Hands

let hadFocus = false;
document.addEventListener("focusin", ({ target }) => (hadFocus = desk().contains(target)));
document.addEventListener(
  "click",
  (event) => {
    ringer.wake();
    phone?.wake();
    const now = performance.now();
    const isSecondHalf = now - clicked.at < DOUBLE_MS && clicked.key !== key;
    if ((now < settledAt || isSecondHalf) && event.target.closest("#acts")) {
      event.preventDefault();
      event.stopPropagation();
    }
    clicked = { at: now, key };
  },
  true,
);
document.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button?.id === "show_keys") page.keys.showModal();
  if (button?.id === "listen") phone.listen();
  if (button?.id === "mute") phone.toggleMute();
  if (button?.id === "pickup") phone.answer();
  if (button?.id === "reject" || button?.id === "quit") phone.hangup();
  if (button?.id === "be_ready" || button?.closest(".idle")) phone?.check();
  for (const open of document.querySelectorAll("details.menu[open]")) if (!open.contains(target) || button) open.open = false;
});
document.addEventListener("keydown", (event) => {
  ringer.wake();
  if (event.key === "Escape") return closePanels();
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || page.keys.open || !page.keys_on.checked) return;
  const isTyping = event.target.closest("input, textarea, select") && !event.target.matches(NOT_TYPING);
  if (isTyping) return;
  if (/^[0-9*#]$/.test(event.key) && phone?.isTalking) return phone.key(event.key);
  const found = document.querySelector(`[data-shortcut="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!found || page.work.inert) return;
  event.preventDefault();
  if (found.matches("textarea")) found.focus();
  else found.click();
  if (found.matches("summary") && found.parentElement.open)
    found.parentElement.querySelector("button, input:not([type=hidden], :disabled)")?.focus();
});

function closePanels() {
  for (const open of document.querySelectorAll("details[open]")) {
    const isInside = open.contains(document.activeElement);
    open.open = false;
    if (isInside) open.querySelector("summary").focus();
  }
}

page.keys_on.checked = localStorage.getItem("console-keys") !== "off";
page.keys_on.addEventListener("change", () => localStorage.setItem("console-keys", page.keys_on.checked ? "on" : "off"));

// Leaving

document.querySelector("form.leave")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  await presence.leave();
  event.target.submit();
});
window.addEventListener("beforeunload", (event) => {
  if (phone?.isTalking) event.preventDefault();
});

presence.begin();
