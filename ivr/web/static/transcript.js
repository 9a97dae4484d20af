// A live call as lines of a list, from its server-sent events.

export class Transcript {
  #list;
  #frame;
  #step;
  #source = null;
  #keys = null;
  #seen = new Set();

  // `list`: an <ol>; what it stands in scrolls. `onStep(step)`: where the call stands now.
  constructor(list, { onStep }) {
    this.#list = list;
    this.#frame = list.parentElement;
    this.#step = onStep;
  }

  follow(address) {
    this.close();
    this.#list.replaceChildren();
    this.#seen.clear();
    this.#source = new EventSource(address);
    this.#source.onmessage = ({ data, lastEventId }) => {
      if (this.#seen.has(lastEventId)) return;
      this.#seen.add(lastEventId);
      this.#read(JSON.parse(data));
    };
    this.#source.addEventListener("end", () => this.close());
    this.#source.onerror = ({ target }) => {
      if (target.readyState === EventSource.CLOSED) this.#add("note", "", "The transcript has stopped; the call goes on");
    };
  }

  close() {
    this.#source?.close();
    this.#source = null;
  }

  #read(line) {
    if (line.step) this.#step(line.step);
    if (line.type === "say" || line.type === "heard") this.#keys = null;
    switch (line.type) {
      case "say":
        return this.#add("bot", "Desk", line.text, line.at_ms);
      case "heard":
        if (line.hypotheses.length) this.#add("caller", "You", line.hypotheses[0].text, line.at_ms);
        return;
      case "pressed":
        return this.#press(line);
      case "play":
        return this.#add("note", "", "Music while you wait", line.at_ms);
      case "lookup":
        return this.#add("note", "", `Looking that up: ${line.name}`, line.at_ms);
      case "enqueue":
        return this.#add("note", "", `Waiting for a person in the queue ${line.queue}`, line.at_ms);
      case "queue_placed":
        return this.#add("note", "", `Place in the queue: ${line.position}`, line.at_ms);
      case "divert":
        return this.#add("note", "", "Connecting to another number", line.at_ms);
    }
  }

  #press({ key, at_ms }) {
    if (!this.#keys) this.#keys = this.#add("caller", "You, by keys", "", at_ms);
    this.#keys.textContent += `${this.#keys.textContent ? " " : ""}${key}`;
  }

  #add(who, name, text, atMs) {
    const frame = this.#frame;
    const isAtEnd = frame.scrollHeight - frame.scrollTop - frame.clientHeight < 40;
    const item = document.createElement("li");
    item.dataset.who = who;
    if (name) item.append(part("span", "who", name));
    const words = part("span", "words", text);
    item.append(words);
    if (who !== "note") item.append(part("span", "at", clock(atMs)));
    this.#list.append(item);
    if (isAtEnd) frame.scrollTop = frame.scrollHeight;
    return words;
  }
}

export function clock(ms) {
  const seconds = Math.floor((ms ?? 0) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function part(tag, kind, text) {
  const element = document.createElement(tag);
  element.className = kind;
  element.textContent = text;
  return element;
}
