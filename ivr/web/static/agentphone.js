// The agent's telephone on the page: rings and answers as the desk says, mutes, and says what is wrong with it.
// Tells by the event `alone` {isRinging} of a call that the queue knows nothing of, such as a colleague's.

import { MicrophoneError, Softphone } from "./softphone.js";
import { TwilioPhone } from "./twiliophone.js";

const WORDS = {
  idle: "Phone not connected",
  ready: "Phone ready",
  incoming: "Phone ringing",
  connecting: "Phone connecting…",
  ringing: "Phone connecting…",
  talking: "Phone in a call",
  reconnecting: "Phone lost, reconnecting…",
};
const MICROPHONE = {
  denied: "The microphone is blocked: callers could not hear you. Allow it in the address bar.",
  absent: "No microphone was found: callers could not hear you. Plug one in.",
  busy: "Another program is using the microphone. Close it, or callers cannot hear you.",
  insecure: "Browsers give the microphone only to pages from https or this machine.",
};
const SILENT = "Click anywhere on the page: the browser lets you hear the caller only then.";
const DOUBT_MS = 1000; // the phone may ring a moment before the page knows of the offer
const IN_CALL = ["talking", "holding"]; // states of the desk
const LEG = "console-leg"; // of the call that another window, or this one loaded anew, may carry on

export class AgentPhone extends EventTarget {
  #phone;
  #number;
  #state = "offline";
  #isOpen = false;
  #isChecked = false;
  #wanted = "";
  #isAlone = false;
  #doubt = 0;

  // `kind`: exchange or twilio.
  constructor(kind, agentId) {
    super();
    const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/exchange/phone`;
    const worklet = new URL("./softphone-worklet.js", import.meta.url);
    this.#phone = kind === "twilio" ? new TwilioPhone() : new Softphone({ url, worklet });
    this.#number = `client:${agentId}`;
    this.#phone.addEventListener("state", ({ detail }) => this.#show(detail));
    this.#phone.addEventListener("level", ({ detail }) => level(detail.level));
    this.#phone.addEventListener("silent", () => say(SILENT));
    this.#phone.addEventListener("audible", () => unsay(SILENT));
    this.#phone.addEventListener("fault", ({ detail }) => say(MICROPHONE[detail.microphone] ?? detail.text));
  }

  get isTalking() {
    return this.#phone.state === "talking";
  }

  // Can be called from now on.
  open() {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#phone.register(this.#number, { token, leg: localStorage.getItem(LEG) ?? "" });
  }

  // Another window has the calls.
  close() {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#phone.unregister();
    show("idle", "");
  }

  // The agent has accepted this offer: the phone is answered once the call is theirs and rings.
  want(offer) {
    this.#wanted = offer;
  }

  // The desk's state and the offer that rings there, as last told: the telling may be older than a wish.
  serve(state, offer) {
    const isInCall = IN_CALL.includes(state);
    if (offer ? offer !== this.#wanted : !isInCall) this.#wanted = "";
    if (!isInCall && this.#phone.isMuted) this.toggleMute();
    this.#state = state;
    this.#settle();
  }

  // Answers what was accepted; what rings without an offer, such as a colleague, is answered by its own button.
  #settle() {
    const isRinging = this.#phone.state === "incoming";
    if (isRinging && this.#wanted && IN_CALL.includes(this.#state)) this.answer();
    const isAlone = isRinging && !this.#wanted && !["ringing", "reserved"].includes(this.#state);
    clearTimeout(this.#doubt);
    if (isAlone) this.#doubt = setTimeout(() => this.#showAlone(true), DOUBT_MS);
    else this.#showAlone(false);
  }

  #showAlone(isAlone) {
    if (isAlone === this.#isAlone) return;
    this.#isAlone = isAlone;
    for (const id of ["pickup", "reject"]) document.getElementById(id).hidden = !isAlone;
    this.dispatchEvent(new CustomEvent("alone", { detail: { isRinging: isAlone } }));
  }

  async answer() {
    this.#wanted = "";
    try {
      await this.#phone.answer();
    } catch (error) {
      if (!(error instanceof MicrophoneError)) throw error;
      say(MICROPHONE[error.why]);
    }
  }

  hangup() {
    this.#phone.hangup();
  }

  // Hear the briefing before accepting; then key 1 accepts, 2 declines, 3 repeats.
  async listen() {
    const label = document.querySelector("#listen span");
    if (label) label.textContent = "1 accept, 2 decline, 3 again";
    await this.answer();
  }

  key(key) {
    this.#phone.key(key);
  }

  toggleMute() {
    this.#phone.mute(!this.#phone.isMuted);
    const button = document.getElementById("mute");
    button?.setAttribute("aria-pressed", String(this.#phone.isMuted));
    const label = document.getElementById("mute_label");
    if (label) label.textContent = this.#phone.isMuted ? "Muted" : "Mute";
  }

  wake() {
    this.#phone.wake();
  }

  // Asks for the microphone before the first call, not while it rings.
  async check() {
    if (this.#isChecked || !navigator.mediaDevices) return;
    try {
      const microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
      for (const track of microphone.getTracks()) track.stop();
      this.#isChecked = true;
      say("");
    } catch (error) {
      say(error.name === "NotFoundError" ? MICROPHONE.absent : MICROPHONE.denied);
    }
  }

  #show({ state, reason }) {
    if (this.#phone.leg) localStorage.setItem(LEG, this.#phone.leg);
    else if (reason !== "elsewhere") localStorage.removeItem(LEG);
    if (state === "ended") return level(0);
    if (state === "talking") say("");
    show(state, WORDS[state] ?? WORDS.idle);
    this.#settle();
  }
}

async function token() {
  const headers = { "X-CSRF-Token": document.querySelector("meta[name=csrf-token]").content };
  const answer = await fetch("/console/token", { method: "POST", headers });
  return answer.ok ? (await answer.json()).token : "";
}

function show(state, words) {
  const line = document.getElementById("phone_line");
  line.dataset.state = state;
  document.getElementById("phone_state").textContent = words || WORDS.idle;
}

function level(value) {
  document.getElementById("level").style.setProperty("--level", value.toFixed(2));
}

function say(text) {
  document.getElementById("sound").hidden = !text;
  document.getElementById("sound_text").textContent = text;
}

function unsay(text) {
  if (document.getElementById("sound_text").textContent === text) say("");
}
