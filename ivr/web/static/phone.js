// The phone page: buttons and words around a Softphone and a Transcript.

import { MicrophoneError, Softphone } from "./softphone.js";
import { Transcript, clock } from "./transcript.js";

const SETTLE_MS = 700; // a second click of a double click must not hang up the call the first one began
const WORDS = {
  idle: "Ready to call",
  connecting: "Connecting…",
  ringing: "Ringing…",
  talking: "In call",
  reconnecting: "Connection lost, reconnecting…",
};
const REASONS = {
  completed: "Call ended",
  "hung-up": "You hung up",
  busy: "The line is busy",
  "no-answer": "Nobody answered",
  failed: "The call could not be completed",
  canceled: "Call cancelled",
  lost: "The connection was lost and the call has ended",
  unreachable: "The telephone exchange does not answer. Is it running?",
};
const MICROPHONE = {
  denied: "The microphone is blocked. Allow it in the address bar and call again, or go on with keys only.",
  absent: "No microphone was found. Plug one in and call again, or go on with keys only.",
  busy: "Another program is using the microphone. Close it and call again, or go on with keys only.",
  insecure: "Browsers give the microphone only to pages from https or this machine. You can go on with keys only.",
};

const page = Object.fromEntries([...document.querySelectorAll("[id]")].map((element) => [element.id, element]));
const phone = new Softphone({
  url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/exchange/phone`,
  worklet: new URL("./softphone-worklet.js", import.meta.url),
});
const transcript = new Transcript(page.transcript, { onStep: (step) => (page.step.textContent = step) });
let calledAt = 0;
let talkingSince = 0;
let ticking = 0;

async function call(withMicrophone) {
  page.notice.hidden = true;
  calledAt = performance.now();
  try {
    await phone.call(page.number.value.trim(), page.caller.value.trim(), { withMicrophone });
  } catch (error) {
    if (!(error instanceof MicrophoneError)) {
      page.state.textContent = `The call could not begin: ${error.message}`;
      return;
    }
    page.notice_text.textContent = MICROPHONE[error.why];
    page.notice.hidden = false;
    page.keys_only.focus();
  }
}

function press(key) {
  phone.key(key);
  const button = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  button.classList.add("pressed");
  setTimeout(() => button.classList.remove("pressed"), 150);
}

function show({ state, reason }) {
  page.phone.dataset.state = state;
  page.state.textContent = state === "ended" ? (REASONS[reason] ?? reason) : WORDS[state];
  const isInCall = phone.isInCall;
  page.call_label.textContent = isInCall ? "Hang up" : "Call";
  page.number.disabled = page.caller.disabled = isInCall;
  for (const key of document.querySelectorAll("[data-key]")) key.disabled = state !== "talking";
  page.mute.disabled = !(isInCall && phone.hasMicrophone);
  page.no_microphone.hidden = !(state === "talking" && !phone.hasMicrophone);
  if (state === "talking" && !talkingSince) talkingSince = performance.now();
  clearInterval(ticking);
  if (isInCall) ticking = setInterval(tick, 250);
  else setLevel(0);
}

function tick() {
  page.timer.textContent = clock(talkingSince ? performance.now() - talkingSince : 0);
}

function setLevel(level) {
  page.level.style.setProperty("--level", level.toFixed(2));
  page.level.setAttribute("aria-valuenow", Math.round(level * 100));
}

page.dial.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!phone.isInCall) call(true);
  else if (performance.now() - calledAt > SETTLE_MS) phone.hangup();
});
page.keys_only.addEventListener("click", () => {
  call(false);
  page.call.focus();
});
page.mute.addEventListener("click", () => {
  phone.mute(!phone.isMuted);
  page.mute.setAttribute("aria-pressed", String(phone.isMuted));
  page.mute_label.textContent = phone.isMuted ? "Muted" : "Mute";
});
page.pad.addEventListener("click", ({ target }) => {
  const key = target.closest("[data-key]")?.dataset.key;
  if (key) press(key);
});
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input");
  if (isTyping || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (phone.state === "talking" && /^[0-9*#]$/.test(event.key)) press(event.key);
});
window.addEventListener("pagehide", () => phone.hangup());

phone.addEventListener("state", ({ detail }) => show(detail));
phone.addEventListener("call", ({ detail }) => {
  talkingSince = 0;
  tick();
  page.step.textContent = "–";
  page.empty.hidden = true;
  transcript.follow(`/live/calls/${encodeURIComponent(detail.callSid)}`);
});
phone.addEventListener("level", ({ detail }) => setLevel(detail.level));
phone.addEventListener("fault", ({ detail }) => (page.state.textContent = detail.text));
show({ state: "idle" });
