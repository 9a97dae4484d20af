// Whether this window is the one that works: it says so to the server every three seconds.

const MISSED = 2; // beats without an answer after which the connection counts as lost
const LETS_GO_MS = 2000; // within which a page that is loaded anew gives up its name

export class Presence {
  #tell;
  #page = "";
  #missed = 0;
  #isLost = false;
  #isAsking = false;
  #wish = null;
  #worker = null;
  isHere = false;

  // `tell`: onHere, onElsewhere, onLost, onSignedOut.
  constructor(tell) {
    this.#tell = tell;
  }

  // What every request carries.
  headers() {
    const token = document.querySelector("meta[name=csrf-token]").content;
    return { "X-CSRF-Token": token, "X-Console-Page": this.#page };
  }

  async begin() {
    window.addEventListener("pagehide", () => this.isHere && this.#post("close"));
    this.#page = await own();
    this.#worker = new Worker(new URL("./beat.js", import.meta.url));
    this.#worker.onmessage = () => this.#beat();
    await this.#ask(false);
  }

  // Works here from now on, whichever window did before.
  take() {
    return this.#ask(true);
  }

  async leave() {
    this.isHere = false;
    await this.#post("leave").catch(() => null);
  }

  // What an answer's status says about this window.
  read(status) {
    if (status === 401) {
      this.isHere = false;
      this.#tell.onSignedOut();
    } else if (status === 403) {
      location.reload();
    } else if (status === 409) {
      this.isHere = false;
      this.#tell.onElsewhere();
    } else if (status >= 500) {
      this.#lost();
    }
  }

  // What the server has not answered is asked again with every beat.
  async #ask(isTaking) {
    this.#wish = { isTaking };
    this.#isAsking = true;
    try {
      const answer = await this.#post("here", isTaking ? "take=1" : "");
      if (answer.status < 500) this.#wish = null;
      if (!answer.ok) return this.read(answer.status);
      this.isHere = true;
      this.#found();
    } catch {
      this.#lost();
    } finally {
      this.#isAsking = false;
    }
  }

  async #beat() {
    if (this.#isAsking) return;
    if (this.#wish) return this.#ask(this.#wish.isTaking);
    if (!this.isHere) return;
    try {
      const answer = await this.#post("beat");
      this.#missed = 0;
      if (answer.status === 410) await this.#ask(false); // counted as lost meanwhile
      else if (!answer.ok) this.read(answer.status);
      else if (this.#isLost) this.#found();
    } catch {
      if (++this.#missed === MISSED) this.#lost();
    }
  }

  #lost() {
    this.#isLost = true;
    this.#tell.onLost();
  }

  #found() {
    this.#isLost = false;
    this.#missed = 0;
    this.#tell.onHere();
  }

  #post(what, body = "") {
    const headers = { ...this.headers(), "Content-Type": "application/x-www-form-urlencoded" };
    return fetch(`/console/${what}`, { method: "POST", headers, body, keepalive: true });
  }
}

// This window's name: the same after loading anew, another in a copy of the window.
async function own() {
  const kept = sessionStorage.getItem("console-page");
  if (kept && (await isMine(kept))) return kept;
  const fresh = crypto.randomUUID();
  await isMine(fresh);
  sessionStorage.setItem("console-page", fresh);
  return fresh;
}

// Takes the name for as long as the window lives; false where another window keeps it.
function isMine(name) {
  return new Promise((done) => {
    const take = () => (done(true), new Promise(() => {}));
    navigator.locks.request(`console-${name}`, { signal: AbortSignal.timeout(LETS_GO_MS) }, take).catch(() => done(false));
  });
}
