// The sound of a call that comes in, and of a caller left on hold: a few soft notes, made here.

const NOTES = { ring: [659, 880], hold: [523, 392] };
const EVERY_MS = 2500;

export class Ringer {
  #context = null;
  #timer = 0;

  // Browsers allow sound only after a click or key on the page; call this from one.
  wake() {
    this.#context ??= new AudioContext();
    this.#context.resume();
  }

  start() {
    if (this.#timer) return;
    this.play("ring");
    this.#timer = setInterval(() => this.play("ring"), EVERY_MS);
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
  }

  // `name`: ring or hold.
  play(name) {
    if (!this.#context) return;
    NOTES[name].forEach((hz, index) => this.#note(hz, this.#context.currentTime + index * 0.18));
  }

  #note(hz, at) {
    const volume = new GainNode(this.#context, { gain: 0 });
    const tone = new OscillatorNode(this.#context, { frequency: hz });
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.12, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.6);
    tone.connect(volume).connect(this.#context.destination);
    tone.start(at);
    tone.stop(at + 0.65);
  }
}
