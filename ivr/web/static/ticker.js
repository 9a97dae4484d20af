// Clocks of a page: every [data-since] counts up and every [data-until] down, by the server's time.

import { clock } from "./transcript.js";

export class Ticker {
  #root;
  #ahead = 0;
  #seen = null;

  // `root`: id of the element that carries the server's time as data-now, in ms since 1970.
  constructor(root) {
    this.#root = root;
    setInterval(() => this.tick(), 250);
  }

  // The server's time now, in ms since 1970.
  now() {
    const said = document.getElementById(this.#root)?.dataset.now;
    if (said !== this.#seen) [this.#seen, this.#ahead] = [said, Number(said) - Date.now()];
    return Date.now() + this.#ahead;
  }

  tick() {
    const now = this.now();
    for (const element of document.querySelectorAll("[data-since]")) show(element, now - Number(element.dataset.since));
    for (const element of document.querySelectorAll("[data-until]")) show(element, Number(element.dataset.until) - now);
  }
}

function show(element, ms) {
  const text = clock(Math.max(0, ms));
  if (element.textContent !== text) element.textContent = text;
}
