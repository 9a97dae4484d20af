// The agent's telephone over Twilio's network: what of `Softphone` the console uses, by Twilio's Voice SDK
// (https://www.twilio.com/docs/voice/sdks/javascript). A call cannot move to another window here.

import { MicrophoneError } from "./softphone.js";

const REST_MS = 2000; // between two attempts
const MICROPHONE = { 31401: "denied", 31402: "absent" }; // https://www.twilio.com/docs/api/errors

export class TwilioPhone extends EventTarget {
  #line = null;
  #device = null;
  #call = null;
  #state = "idle";

  get state() {
    return this.#state;
  }

  get leg() {
    return "";
  }

  get isMuted() {
    return this.#call?.isMuted() ?? false;
  }

  // Tries to be called for as long as it takes.
  register(number, { token }) {
    this.#line = { token };
    this.#connect(this.#line);
  }

  async #connect(line) {
    let device = null;
    try {
      device = this.#made(await line.token(), line);
      if (line !== this.#line) return device.destroy();
      this.#device = device;
      await device.register();
    } catch {
      device?.destroy();
      this.#again(line, () => this.#connect(line));
    }
  }

  #made(token, line) {
    const device = new window.Twilio.Device(token, { logLevel: "error" });
    for (const sound of ["incoming", "outgoing", "disconnect"]) device.audio?.[sound](false);
    device.on("registered", () => this.#call ?? this.#become("ready"));
    device.on("unregistered", () => this.#call ?? this.#become("idle", "unreachable"));
    device.on("tokenWillExpire", () => this.#refresh(line, device));
    device.on("error", (error) => this.#tell("fault", { text: error.message }));
    device.on("incoming", (call) => this.#rings(call));
    return device;
  }

  async #refresh(line, device) {
    try {
      device.updateToken(await line.token());
      if (device.state === "unregistered") await device.register(); // the old token ended first
    } catch {
      this.#again(line, () => this.#refresh(line, device));
    }
  }

  #again(line, attempt) {
    setTimeout(() => line === this.#line && attempt(), REST_MS);
  }

  unregister() {
    this.#device?.destroy();
    this.#line = this.#device = this.#call = null;
    this.#become("ended", "elsewhere");
  }

  async answer() {
    if (this.#state !== "incoming") return;
    this.#become("connecting");
    this.#call.accept();
  }

  hangup() {
    if (this.#state === "incoming") this.#call.reject();
    else this.#call?.disconnect();
  }

  mute(isMuted) {
    this.#call?.mute(isMuted);
  }

  key(key) {
    if (this.#state === "talking") this.#call.sendDigits(key);
  }

  wake() {}

  #rings(call) {
    this.#call = call;
    this.#become("incoming");
    call.on("accept", () => this.#become("talking"));
    call.on("reconnecting", () => this.#become("reconnecting"));
    call.on("reconnected", () => this.#become("talking"));
    call.on("volume", (level) => this.#tell("level", { level: call.isMuted() ? 0 : level }));
    call.on("error", (error) => this.#failed(error));
    for (const end of ["disconnect", "cancel", "reject"]) call.on(end, () => this.#over(call));
  }

  #failed(error) {
    const why = MICROPHONE[error.code];
    this.#tell("fault", why ? { text: "", microphone: new MicrophoneError(why).why } : { text: error.message });
  }

  #over(call) {
    if (call !== this.#call) return;
    this.#call = null;
    this.#become("ended", "completed");
    this.#become(this.#device?.state === "registered" ? "ready" : "idle");
  }

  #become(state, reason = "") {
    if (state === this.#state) return;
    this.#state = state;
    this.#tell("state", { state, reason });
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
