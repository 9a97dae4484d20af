// A telephone in the browser: microphone, loudspeaker, keys and one call at a time on the exchange's phone socket.
// It calls, or once registered is called. It draws nothing. Pages listen to its events:
//   state   {state, reason}   idle, connecting, ringing, talking, reconnecting, ended; registered also ready, incoming
//   call    {callSid}         the call has its id: its transcript can be followed
//   level   {level}           loudness of the microphone 0..1, every 20 ms
//   fault   {text}            the exchange refused an order
//   silent  {}                the browser keeps the loudspeaker off until a click or key; call wake() from one

const RATE_HZ = 48000; // a whole multiple of the telephone's 8000
const RECONNECT_S = 10; // the exchange keeps a call so long without its phone
const RETRY_MS = 400;
const REST_MS = 2000; // between two attempts of a registered phone that has no call

// Why there is no microphone: "denied" by the person, "absent", "busy", or "insecure" (the page is not from
// https or this machine).
export class MicrophoneError extends Error {
  constructor(why) {
    super(`microphone ${why}`);
    this.why = why;
  }
}

export class Softphone extends EventTarget {
  #url;
  #worklet;
  #context = null;
  #node = null;
  #microphone = null;
  #socket = null;
  #leg = "";
  #state = "idle";
  #isMuted = false;
  #lostAt = 0;
  #identity = null;

  // `url`: the phone socket. `worklet`: address of softphone-worklet.js.
  constructor({ url, worklet }) {
    super();
    this.#url = url;
    this.#worklet = worklet;
  }

  get state() {
    return this.#state;
  }

  get isInCall() {
    return ["connecting", "ringing", "talking", "reconnecting"].includes(this.#state);
  }

  // Names the call to another window, which may carry it on; empty without one.
  get leg() {
    return this.#leg;
  }

  get hasMicrophone() {
    return this.#microphone !== null;
  }

  // Begins a call. Must be called from a click or key, or browsers keep the loudspeaker silent. Throws
  // MicrophoneError where there is none; `withMicrophone: false` calls with keys only.
  async call(to, from, { withMicrophone = true } = {}) {
    if (this.isInCall) return;
    this.#become("connecting");
    try {
      await this.#openSound(withMicrophone);
    } catch (error) {
      this.#closeSound();
      if (this.#state !== "connecting") return; // hung up meanwhile
      this.#become("idle");
      throw error;
    }
    if (this.#state !== "connecting") return this.#closeSound();
    this.#open(() => this.#order({ do: "call", to, from }));
  }

  // From now on this phone can be called as `number`, and tries to be for as long as it takes. `token()` gives
  // a fresh access token. `leg`: a call of another window or of this page before it was loaded anew, to carry on.
  register(number, { token, leg = "" }) {
    this.#identity = { number, token };
    this.#leg = leg;
    if (leg) this.#become("reconnecting");
    this.#connect();
  }

  // Is called no more, and lets go of a call that another window carries on.
  unregister() {
    this.#identity = null;
    this.#end("elsewhere");
  }

  // Takes the call that comes in. Throws MicrophoneError; the call then still comes in.
  async answer() {
    if (this.#state !== "incoming") return;
    this.#become("connecting");
    try {
      await this.#openSound(true);
    } catch (error) {
      this.#closeSound();
      if (this.#state === "connecting") this.#become("incoming");
      throw error;
    }
    if (this.#state === "connecting") this.#order({ do: "answer" });
    else this.#closeSound();
  }

  // Sound, after an event `silent`.
  wake() {
    this.#context?.resume();
  }

  // One key, 0-9, * or #.
  key(key) {
    if (this.#state === "talking") this.#order({ do: "key", key });
  }

  // Ends the call, or declines the one that comes in.
  hangup() {
    if (!this.isInCall && this.#state !== "incoming") return;
    this.#order({ do: "hangup" });
    this.#end("hung-up");
  }

  // While muted the microphone sends silence.
  mute(isMuted) {
    this.#isMuted = isMuted;
    for (const track of this.#microphone?.getTracks() ?? []) track.enabled = !isMuted;
  }

  get isMuted() {
    return this.#isMuted;
  }

  #become(state, reason = "") {
    if (state === this.#state && !reason) return;
    this.#state = state;
    this.#tell("state", { state, reason });
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  async #openSound(withMicrophone) {
    this.#context = new AudioContext({ sampleRate: RATE_HZ, latencyHint: "interactive" });
    await this.#context.audioWorklet.addModule(this.#worklet);
    this.#node = new AudioWorkletNode(this.#context, "softphone", { outputChannelCount: [1] });
    this.#node.connect(this.#context.destination);
    this.#node.port.onmessage = ({ data }) => this.#spoken(data);
    if (withMicrophone) {
      this.#microphone = await openMicrophone();
      this.mute(this.#isMuted);
      this.#context.createMediaStreamSource(this.#microphone).connect(this.#node);
    }
    await this.#resume();
  }

  // A call that is carried on had no click on this page, and the browser may wait for one.
  async #resume() {
    const context = this.#context;
    const isHeard = context.resume();
    await Promise.race([isHeard, new Promise((done) => setTimeout(done, RETRY_MS))]);
    if (context.state === "suspended") this.#tell("silent", {});
  }

  #closeSound() {
    for (const track of this.#microphone?.getTracks() ?? []) track.stop();
    this.#context?.close();
    this.#context = this.#node = this.#microphone = null;
  }

  #spoken({ frame, level }) {
    this.#tell("level", { level: this.#isMuted ? 0 : level });
    if (this.#state === "talking" && this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(frame);
  }

  #open(greet) {
    const socket = new WebSocket(this.#url);
    socket.binaryType = "arraybuffer";
    socket.onopen = greet;
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") this.#hear(JSON.parse(data));
      else this.#node?.port.postMessage(new Uint8Array(data));
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#lost();
    };
    this.#socket = socket;
  }

  #connect() {
    this.#open(async () => {
      const socket = this.#socket;
      const { number, token } = this.#identity;
      try {
        this.#order({ do: "register", number, token: await token() });
      } catch {
        return socket.close(); // no token to be had now: as if there were no exchange
      }
      if (this.#leg) this.#order({ do: "attach", leg: this.#leg });
    });
  }

  #order(order) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(order));
  }

  #hear(message) {
    switch (message.on) {
      case "registered":
        if (!this.#leg) this.#become("ready");
        break;
      case "incoming":
        this.#leg = message.leg;
        this.#become("incoming");
        break;
      case "calling":
        this.#leg = message.leg;
        this.#tell("call", { callSid: message.call_sid });
        this.#become("ringing");
        break;
      case "ringing":
        this.#become("ringing");
        break;
      case "answered":
        this.#become("talking");
        break;
      case "attached":
        this.#attached(message.status);
        break;
      case "ended":
        if (this.isInCall || this.#state === "incoming") this.#end(message.reason);
        break;
      case "error":
        if (this.#state === "reconnecting") this.#end("lost");
        else if (this.#state === "connecting") this.#end(message.text);
        else this.#tell("fault", { text: message.text });
        if (this.#identity && this.#state === "idle") this.#socket.close(); // not registered: it tries again
        break;
    }
  }

  async #attached(status) {
    this.#lostAt = 0;
    if (this.#identity && status === "ringing") return this.#become("incoming");
    this.#become(status === "in-progress" ? "talking" : "ringing");
    if (this.#context) return;
    try {
      await this.#openSound(true);
    } catch (error) {
      this.#tell("fault", { text: error.message });
    }
  }

  #lost() {
    if (this.#identity && !this.isInCall) return this.#rest();
    if (!this.isInCall) return;
    if (!this.#leg) return this.#end("unreachable");
    this.#lostAt ||= performance.now();
    if (performance.now() - this.#lostAt > RECONNECT_S * 1000) return this.#end("lost");
    this.#become("reconnecting");
    setTimeout(() => {
      if (this.#state !== "reconnecting") return;
      if (this.#identity) this.#connect();
      else this.#open(() => this.#order({ do: "attach", leg: this.#leg }));
    }, RETRY_MS);
  }

  // A registered phone without a call is out of reach: try again, for as long as it takes.
  #rest() {
    this.#leg = "";
    this.#become("idle", "unreachable");
    setTimeout(() => {
      if (this.#identity && this.#state === "idle") this.#connect();
    }, REST_MS);
  }

  // The call is over. A registered phone stays on the line for the next one.
  #end(reason) {
    this.#leg = "";
    this.#lostAt = 0;
    this.#closeSound();
    this.#become("ended", reason);
    if (this.#identity && this.#socket?.readyState === WebSocket.OPEN) return this.#become("ready");
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    if (this.#identity) this.#rest();
  }
}

async function openMicrophone() {
  if (!navigator.mediaDevices) throw new MicrophoneError("insecure");
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
  } catch (error) {
    const why = { NotAllowedError: "denied", SecurityError: "denied", NotReadableError: "busy" };
    throw new MicrophoneError(why[error.name] ?? "absent");
  }
}
