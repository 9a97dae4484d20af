// The list of queues: its clocks, and whether what is seen is still live.

import { Ticker } from "./ticker.js";

const LOOK_MS = 10_000; // a safety net under the live events

new Ticker("lines");
const link = document.getElementById("link");
document.addEventListener("htmx:sseError", () => (link.hidden = false));
document.addEventListener("htmx:sendError", () => (link.hidden = false));
document.addEventListener("htmx:afterSwap", () => (link.hidden = true));
document.addEventListener("htmx:sseOpen", () => look());
document.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.xhr.status === 401) location.reload();
});
setInterval(look, LOOK_MS);

function look() {
  window.htmx.trigger("[hx-trigger]", "look");
}
