// A live call as lines of a list, from its server-sent events.

const LOOKUP = "Looking that up";

export class Transcript {
  #list;
  #step;
  #source = null;
  #keys = null;
  #seen = new Set();

  // `list`: an <ol role="log">. `onStep(step)`: where the call stands now. `onEnd()`: nothing more comes.
  constructor(list, { onStep }) {
    this.#list = list;
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
  }

  close() {
    this.#source?.close();
    this.#source = null;
  }

  #read(line) {
    if (line.step) this.#step(line.step);
    if (line.type !== "pressed" && ["say", "heard"].includes(line.type)) this.#keys = null;
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
        return this.#add("note", "", `${LOOKUP}: ${line.name}`, line.at_ms);
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
    const list = this.#list;
    const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    const item = document.createElement("li");
    item.dataset.who = who;
    if (name) item.append(part("span", "who", name));
    const words = part("span", "words", text);
    item.append(words);
    if (who !== "note") item.append(part("span", "at", clock(atMs)));
    list.append(item);
    if (isAtEnd) list.scrollTop = list.scrollHeight;
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
