// Telephone sound: G.711 mu-law and the way between 48 kHz and 8 kHz. Pure functions and small filters;
// used by the worklet, and by tests that hold it against the server's own code.

export const RATE_HZ = 8000;
export const FRAME_SAMPLES = 160; // 20 ms
const BIAS = 33; // on the 14-bit scale, G.711 table 2
const CLIP = 8158;

const SAMPLE_OF_CODE = Int16Array.from({ length: 256 }, (_, index) => {
  const code = ~index;
  const segment = (code >> 4) & 7;
  const magnitude = ((((code & 15) << 1) + BIAS) << segment) - BIAS;
  return (code & 0x80 ? -magnitude : magnitude) * 4;
});

// One 16-bit sample to its mu-law code.
export function encodeSample(sample) {
  const biased = Math.min(Math.abs(sample) >> 2, CLIP) + BIAS;
  const segment = 26 - Math.clz32(biased);
  const code = (segment << 4) | ((biased >> (segment + 1)) & 15);
  return ~code & (sample < 0 ? 0x7f : 0xff);
}

// Floats of -1..1 to mu-law, one byte each.
export function encode(samples) {
  return Uint8Array.from(samples, (value) =>
    encodeSample(Math.max(-32768, Math.min(32767, Math.round(value * 32768)))),
  );
}

// Mu-law bytes to floats of -1..1.
export function decode(bytes) {
  return Float32Array.from(bytes, (code) => SAMPLE_OF_CODE[code] / 32768);
}

// A low-pass for the 8 kHz side of a rate `factor` times as high: flat to about 3.2 kHz, and more than 60 dB down
// from 4.1 kHz on, so that nothing folds back into speech (windowed sinc, Blackman).
function lowPass(factor) {
  const length = 48 * factor + 1;
  const cutoff = 3650 / (RATE_HZ * factor);
  const taps = Float64Array.from({ length }, (_, index) => {
    const at = index - (length - 1) / 2;
    const sinc = at === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * at) / (Math.PI * at);
    const turn = (2 * Math.PI * index) / (length - 1);
    return sinc * (0.42 - 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn));
  });
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return taps.map((tap) => tap / sum);
}

// From `factor` times 8 kHz down to 8 kHz, in pieces of any length.
export class Decimator {
  constructor(factor) {
    this.factor = factor;
    this.taps = lowPass(factor);
    this.kept = new Float32Array(this.taps.length - 1);
    this.skip = 0;
  }

  push(samples) {
    const all = new Float32Array(this.kept.length + samples.length);
    all.set(this.kept);
    all.set(samples, this.kept.length);
    const made = [];
    let at = this.skip;
    for (; at < samples.length; at += this.factor) {
      let sum = 0;
      for (let tap = 0; tap < this.taps.length; tap++) sum += this.taps[tap] * all[at + tap];
      made.push(sum);
    }
    this.skip = at - samples.length;
    this.kept = all.slice(samples.length);
    return Float32Array.from(made);
  }
}

// From 8 kHz up to `factor` times as much, in pieces of any length.
export class Interpolator {
  constructor(factor) {
    this.factor = factor;
    this.taps = lowPass(factor);
    this.reach = Math.ceil(this.taps.length / factor);
    this.kept = new Float32Array(this.reach - 1);
  }

  push(samples) {
    const all = new Float32Array(this.kept.length + samples.length);
    all.set(this.kept);
    all.set(samples, this.kept.length);
    const made = new Float32Array(samples.length * this.factor);
    for (let index = 0; index < samples.length; index++) {
      const newest = index + this.reach - 1;
      for (let phase = 0; phase < this.factor; phase++) {
        let sum = 0;
        for (let back = 0, tap = phase; tap < this.taps.length; back++, tap += this.factor) {
          sum += this.taps[tap] * all[newest - back];
        }
        made[index * this.factor + phase] = sum * this.factor;
      }
    }
    this.kept = all.slice(samples.length);
    return made;
  }
}

// Evens out what the network delivers unevenly: sound begins once `depth` frames are there, and what is too late
// to matter is thrown away.
export class JitterBuffer {
  constructor(depth = 4, deepest = 12) {
    this.depth = depth;
    this.deepest = deepest;
    this.frames = [];
    this.isFlowing = false;
  }

  put(frame) {
    this.frames.push(frame);
    if (this.frames.length > this.deepest) this.frames.splice(0, this.frames.length - this.depth);
  }

  // The next frame, or null while there is nothing to play.
  take() {
    if (!this.isFlowing && this.frames.length < this.depth) return null;
    this.isFlowing = this.frames.length > 0;
    return this.frames.shift() ?? null;
  }
}

// Loudness of a frame as 0..1 of a 50 dB scale, for a level meter.
export function level(samples) {
  let sum = 0;
  for (const value of samples) sum += value * value;
  const db = 10 * Math.log10(sum / samples.length + 1e-9);
  return Math.max(0, Math.min(1, (db + 50) / 50));
}
