// A telephone in the browser: microphone, loudspeaker, keys and one call at a time on the exchange's phone socket.
// It calls, or once registered is called. It draws nothing. Pages listen to its events:
//   state   {state, reason}   idle, connecting, ringing, talking, reconnecting, ended; registered also ready, incoming
//   call    {callSid}         the call has its id: its transcript can be followed
//   level   {level}           loudness of the microphone 0..1, every 20 ms
//   fault   {text, microphone}  an order was refused; or why there is no microphone in a call that is carried on
//   silent  {}                the browser keeps the loudspeaker off until a click or key; call wake() from one
//   audible {}                after silent: no more

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
  #retry = 0;
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
      if (!(await this.#openSound(withMicrophone))) return; // hung up meanwhile
    } catch (error) {
      this.#become("idle");
      throw error;
    }
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
      if (!(await this.#openSound(true))) return; // the caller has gone meanwhile
    } catch (error) {
      if (this.#state === "connecting") this.#become("incoming");
      throw error;
    }
    if (this.#state === "connecting") this.#order({ do: "answer" });
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
    if (!this.#hasCall) return;
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

  get #hasCall() {
    return this.isInCall || this.#state === "incoming";
  }

  #become(state, reason = "") {
    if (state === this.#state && !reason) return;
    this.#state = state;
    this.#tell("state", { state, reason });
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  // Whether the sound is open now: false where its call ended meanwhile, and then nothing stays open.
  async #openSound(withMicrophone) {
    const context = new AudioContext({ sampleRate: RATE_HZ, latencyHint: "interactive" });
    this.#context = context;
    try {
      await this.#joinSound(context, withMicrophone);
    } catch (error) {
      if (context !== this.#context) return false;
      this.#closeSound();
      throw error;
    }
    return context === this.#context;
  }

  async #joinSound(context, withMicrophone) {
    await context.audioWorklet.addModule(this.#worklet);
    if (context !== this.#context) return;
    this.#node = new AudioWorkletNode(context, "softphone", { outputChannelCount: [1] });
    this.#node.connect(context.destination);
    this.#node.port.onmessage = ({ data }) => this.#spoken(data);
    if (withMicrophone) {
      const microphone = await openMicrophone();
      if (context !== this.#context) return stop(microphone);
      this.#microphone = microphone;
      this.mute(this.#isMuted);
      context.createMediaStreamSource(microphone).connect(this.#node);
    }
    await this.#resume(context);
  }

  // A call that is carried on had no click on this page, and the browser may wait for one.
  async #resume(context) {
    const isHeard = context.resume().then(() => true);
    if (await Promise.race([isHeard, new Promise((done) => setTimeout(done, RETRY_MS))])) return;
    if (context !== this.#context) return;
    this.#tell("silent", {});
    isHeard.then(() => this.#tell("audible", {}), () => {});
  }

  #closeSound() {
    if (this.#microphone) stop(this.#microphone);
    if (this.#node) this.#node.port.onmessage = null; // what it still says is of a call that is over
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
    socket.onopen = () => greet(socket);
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
    clearTimeout(this.#retry);
    this.#open(async (socket) => {
      const { number, token } = this.#identity;
      const key = await token().catch(() => null);
      if (socket !== this.#socket) return; // given up meanwhile
      if (key === null) return socket.close(); // no token to be had now: as if there were no exchange
      this.#order({ do: "register", number, token: key });
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
        if (this.#hasCall) this.#end(message.reason);
        break;
      case "error":
        this.#refused(message.order, message.text);
        break;
    }
  }

  #refused(order, text) {
    if (order === "register") this.#socket.close(); // as if there were no exchange: it tries again
    else if (order === "attach") this.#end("lost");
    else if (this.#state === "connecting") this.#end(text);
    else this.#tell("fault", { text });
  }

  async #attached(status) {
    this.#lostAt = 0;
    if (this.#identity && status === "ringing") return this.#rings();
    this.#become(status === "in-progress" ? "talking" : "ringing");
    if (this.#context) return;
    try {
      await this.#openSound(true);
    } catch (error) {
      this.#tell("fault", { text: error.message, microphone: error.why });
    }
  }

  // Where the order to answer was lost with the socket, it is given again.
  #rings() {
    this.#become(this.#context ? "connecting" : "incoming");
    if (this.#context) this.#order({ do: "answer" });
  }

  #lost() {
    if (this.#identity && !this.#hasCall) return this.#rest();
    if (!this.#hasCall) return;
    if (!this.#leg) return this.#end("unreachable");
    this.#lostAt ||= performance.now();
    if (performance.now() - this.#lostAt > RECONNECT_S * 1000) return this.#end("lost");
    this.#become("reconnecting");
    this.#again(RETRY_MS, () => {
      if (this.#state !== "reconnecting") return;
      if (this.#identity) this.#connect();
      else this.#open(() => this.#order({ do: "attach", leg: this.#leg }));
    });
  }

  // A registered phone without a call is out of reach: try again, for as long as it takes.
  #rest() {
    this.#leg = "";
    this.#become("idle", "unreachable");
    this.#again(REST_MS, () => {
      if (this.#identity && this.#state === "idle") this.#connect();
    });
  }

  // One attempt at a time is due.
  #again(ms, attempt) {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(attempt, ms);
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

function stop(microphone) {
  for (const track of microphone.getTracks()) track.stop();
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
