// The audio thread of the softphone: microphone to 20 ms mu-law frames, and frames to the loudspeaker.

import { Decimator, FRAME_SAMPLES, Interpolator, JitterBuffer, RATE_HZ, decode, encode, level } from "./sound.js";

class Softphone extends AudioWorkletProcessor {
  constructor() {
    super();
    const factor = sampleRate / RATE_HZ;
    this.down = new Decimator(factor);
    this.up = new Interpolator(factor);
    this.jitter = new JitterBuffer();
    this.spoken = new Float32Array(FRAME_SAMPLES);
    this.spokenCount = 0;
    this.heard = new Float32Array(0);
    this.heardAt = 0;
    this.port.onmessage = ({ data }) => this.jitter.put(data);
  }

  process(inputs, outputs) {
    if (inputs[0][0]) this.speak(inputs[0][0]);
    this.hear(outputs[0]);
    return true;
  }

  speak(samples) {
    for (const value of this.down.push(samples)) {
      this.spoken[this.spokenCount++] = value;
      if (this.spokenCount === FRAME_SAMPLES) {
        const frame = encode(this.spoken);
        this.port.postMessage({ frame, level: level(this.spoken) }, [frame.buffer]);
        this.spokenCount = 0;
      }
    }
  }

  hear(channels) {
    for (let index = 0; index < channels[0].length; index++) {
      if (this.heardAt === this.heard.length) this.refill();
      const value = this.heard[this.heardAt++];
      for (const channel of channels) channel[index] = value;
    }
  }

  // Silence goes through the filter too, so that no edge clicks.
  refill() {
    const frame = this.jitter.take();
    const samples = frame ? decode(frame) : new Float32Array(FRAME_SAMPLES / 20);
    this.heard = this.up.push(samples);
    this.heardAt = 0;
  }
}

registerProcessor("softphone", Softphone);
