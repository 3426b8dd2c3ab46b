// Where the talk is, in every window of it.

const TOGETHER = 30_000; // milliseconds within which two presenters' presses are in each other's way
const SCREENS = ["", "black", "white", "link"];
const isWhole = (number) => Number.isSafeInteger(number) && number >= 0;
const isState = (value) =>
  isWhole(value?.scene) && talk.scenes[value.scene] && [value.press, value.turn].every(isWhole) && Number.isFinite(value.started) &&
  [value.page, value.by].every((text) => typeof text === "string") && SCREENS.includes(value.screen); // prettier-ignore
const isLater = (value, other) => value.turn > other.turn || (value.turn === other.turn && value.by > other.by);

// The state that all windows of a talk share. Whoever acts last is right. It stands in the window's history, which a
// reload does not forget.
class State {
  constructor(onChange) {
    this.onChange = onChange;
    this.id = Math.random().toString(36).slice(2);
    this.value = isState(history.state) ? history.state : { scene: 0, press: 0, screen: "", page: "", started: 0, turn: 0, by: "" };
    this.wires = [];
    this.isStage = false; // whether this is the window that the room sees
    this.stageHeard = 0; // when another window said that it is
    this.stages = new Set(); // the ids of windows that said so
    this.acted = -Infinity; // when this window last moved the talk …
    this.rivalled = -Infinity; // … and when another one did that is not the room's; what was before is none of its business
  }

  // Take on what another window says, if it is later.
  hear(value) {
    if (!isState(value) || !isLater(value, this.value)) return false;
    if (this.value.turn && !this.stages.has(value.by)) this.rivalled = Date.now();
    this.take(value);
    return true;
  }

  take(value) {
    this.value = value;
    this.onChange();
  }

  change(changes) {
    if (this.isCut?.()) return;
    const { scene, started } = this.value;
    const moves = changes.scene !== undefined && changes.scene !== scene;
    const begins = !started && (changes.scene || changes.press);
    this.acted = Date.now();
    this.take({ ...this.value, ...(begins && { started: Date.now() }), ...(moves && { page: "" }), ...changes, turn: this.value.turn + 1, by: this.id });
    this.send({ state: this.value });
  }

  remember(place = "") {
    history.replaceState(this.value, "", place);
  }

  // Whether somebody else moves the talk who is not at the window of the room, while this window moves it, too.
  get isContested() {
    return Date.now() - Math.min(this.acted, this.rivalled) < TOGETHER;
  }

  send(said) {
    for (const wire of this.wires) wire({ talk: talk.title, version: talk.version, from: this.id, isStage: this.isStage, ...said });
  }

  ask() {
    this.send({ hello: true });
  }

  point(laser) {
    this.send({ laser });
  }

  // Whether another window said something new.
  receive(message) {
    if (message?.talk !== talk.title) return false;
    if (message.version !== talk.version) {
      this.onProblem?.(talk.texts.other_version);
      return false;
    }
    if (message.isStage) {
      this.stageHeard = Date.now();
      this.stages.add(message.from);
    }
    if (message.hello) this.send({ state: this.value });
    if (message.laser !== undefined) this.onLaser?.(message.laser);
    return this.hear(message.state);
  }
}

// Windows of one browser: a channel where the page has an address of its own, and messages between windows that know each
// other where it is a file.
function windows(state) {
  let channel = null;
  try {
    channel = new BroadcastChannel("explorer talk");
    channel.onmessage = ({ data }) => state.receive(data);
  } catch {
    // no channel here: messages do
  }
  const others = new Set([window.opener].filter(Boolean));
  const tell = (message, source) => {
    for (const other of others) if (!other.closed && other !== source) other.postMessage(message, "*");
  };
  addEventListener("message", ({ data, source }) => {
    if (data?.talk !== talk.title || !source || source === window) return;
    others.add(source);
    if (state.receive(data)) tell(data, source); // two that do not know each other
  });
  state.wires.push((message) => {
    channel?.postMessage(message);
    tell(message);
  });
  return others;
}
