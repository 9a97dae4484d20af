// A telephone in the browser: microphone, loudspeaker, keys and one call at a time on the exchange's phone socket.
// It draws nothing. Pages listen to its events:
//   state   {state, reason}   idle, connecting, ringing, talking, reconnecting, ended
//   call    {callSid}         the call has its id: its transcript can be followed
//   level   {level}           loudness of the microphone 0..1, every 20 ms
//   fault   {text}            the exchange refused an order

const RATE_HZ = 48000; // a whole multiple of the telephone's 8000
const RECONNECT_S = 10; // the exchange keeps a call so long without its phone
const RETRY_MS = 400;

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

  // One key, 0-9, * or #.
  key(key) {
    if (this.#state === "talking") this.#order({ do: "key", key });
  }

  hangup() {
    if (!this.isInCall) return;
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
    await this.#context.resume();
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

  #order(order) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(order));
  }

  #hear(message) {
    switch (message.on) {
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
        this.#lostAt = 0;
        this.#become(message.status === "in-progress" ? "talking" : "ringing");
        break;
      case "ended":
        this.#end(message.reason);
        break;
      case "error":
        if (this.#state === "reconnecting") this.#end("lost");
        else if (this.#state === "connecting") this.#end(message.text);
        else this.#tell("fault", { text: message.text });
        break;
    }
  }

  #lost() {
    if (!this.isInCall) return;
    if (!this.#leg) return this.#end("unreachable");
    this.#lostAt ||= performance.now();
    if (performance.now() - this.#lostAt > RECONNECT_S * 1000) return this.#end("lost");
    this.#become("reconnecting");
    setTimeout(() => {
      if (this.#state === "reconnecting") this.#open(() => this.#order({ do: "attach", leg: this.#leg }));
    }, RETRY_MS);
  }

  #end(reason) {
    const socket = this.#socket;
    this.#socket = null;
    this.#leg = "";
    this.#lostAt = 0;
    socket?.close();
    this.#closeSound();
    this.#become("ended", reason);
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
