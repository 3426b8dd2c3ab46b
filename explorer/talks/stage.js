// Shows a talk: which scene is on and how much of it is revealed, keys, the laser, the clock, and the other windows.

const talk = JSON.parse(document.getElementById("talk").textContent);
const GLIDE = 260; // milliseconds
const TOGETHER = 30_000; // milliseconds within which two presenters' presses are in each other's way
const LASER = 10_000; // milliseconds that it stays where a phone points last
const still = matchMedia("(prefers-reduced-motion: reduce)");

// The scenes in a box of the page, scaled to it.
class Frame {
  constructor(box) {
    this.box = box;
    this.frame = element("div", "frame");
    box.append(this.frame);
    this.scenes = new Map();
    this.current = null;
    this.fit();
    new ResizeObserver(() => this.fit()).observe(box);
  }

  // A window that is higher than 16 : 9 has a higher stage, one that is wider has a wider one.
  fit() {
    const { clientWidth: width, clientHeight: height } = this.box;
    if (!width || !height) return;
    const scale = Math.min(width / STAGE.width, height / STAGE.height);
    const high = Math.round(height / scale);
    Object.assign(this.frame.style, { width: `${STAGE.width}px`, height: `${high}px`, transform: `translateX(${(width - STAGE.width * scale) / 2}px) scale(${scale})` });
    if (high === this.high) return;
    this.high = high;
    const current = this.current;
    for (const scene of this.scenes.values()) scene.section.remove();
    this.scenes.clear();
    this.current = null;
    if (!current) return;
    this.show(current.place, current.press, false);
    this.onDraw?.();
    this.open(current.place, current.page).catch(() => {}); // it was said before
  }

  prepare(place) {
    if (!talk.scenes[place] || this.scenes.has(place)) return this.scenes.get(place);
    const scene = new Scene(talk, talk.scenes[place], this.high);
    this.scenes.set(place, scene);
    this.frame.append(scene.section);
    scene.begin?.();
    return scene;
  }

  show(place, press, glides = true) {
    const scene = this.prepare(place);
    const before = this.current && this.scenes.get(this.current.place);
    const from = glides && before && before !== scene && !still.matches ? rectangles(before.section) : null;
    scene.show(press);
    if (before !== scene) {
      before?.section.classList.remove("current");
      scene.section.classList.add("current");
    }
    this.current = { place, press, page: before === scene ? this.current.page : "" };
    if (from) glide(scene.section, from);
    return scene;
  }

  // Show another page in a live scene, or with none what was prepared. Raises Error where the answer does not come: then,
  // too, the prepared one stands there.
  async open(place, page) {
    const scene = this.prepare(place);
    if (this.current?.place === place) this.current.page = page;
    if ((scene.page ?? "") === page) return;
    scene.page = page;
    const draw = (data, drawing) => {
      scene.data = data;
      scene.draw(drawing);
      scene.begin?.();
      scene.show(this.current?.place === place ? this.current.press : 0);
      this.onDraw?.();
    };
    const prepared = () => draw(talk.scenes[place], talk.scenes[place].drawing);
    if (!page) return prepared();
    try {
      if (location.protocol === "file:") throw new TypeError(); // there is no server to ask
      const answer = await fetch(`${new URL("talk/view", location.href)}?${new URLSearchParams({ page })}`);
      const said = await answer.json();
      if (!answer.ok) throw new Error(said.error);
      if (scene.page === page) draw({ ...talk.scenes[place], reveal: "", cells: [] }, said.drawing);
    } catch (error) {
      if (scene.page === page) prepared();
      throw error instanceof TypeError || !error.message ? new Error(talk.texts.offline) : error;
    }
  }
}

// The page of a live scene with another text in its place, and the number that stands there, if it is one.
function livePage(data, text) {
  const address = new URL(data.page, "http://talk/");
  const [, name, number] = /^(.*=)([-−]?\d+(?:\.\d+)?)$/.exec(address.searchParams.get(data.live) ?? "") ?? [];
  if (text !== undefined) address.searchParams.set(data.live, `${name ?? ""}${text}`);
  return { number, page: `${address.pathname.slice(1)}${address.search}` };
}

const placeIn = (node, x, y) => {
  const { left, top, width, height } = node.getBoundingClientRect();
  return [(x - left) / width, (y - top) / height];
};

// What may glide from scene to scene: words and numbers, and the matrices of equations.
const GLIDING = "[data-glide]:not(.covered)";
const gliders = (section) => [section, ...[...section.querySelectorAll(".tensors-host")].map(({ shadowRoot }) => shadowRoot)].flatMap((root) => [...root.querySelectorAll(GLIDING)]);
const rectangles = (section) => new Map(gliders(section).map((each) => [each.dataset.glide, each.getBoundingClientRect()]));

// What stood on the scene before moves to its new place, and to its new size.
function glide(section, from) {
  for (const each of gliders(section)) {
    const old = from.get(each.dataset.glide);
    const now = each.getBoundingClientRect();
    if (!old?.width || !now.width) continue;
    const scale = now.width / (each.offsetWidth || now.width); // of the stage, and of what is drawn larger on it
    const move = `translate(${(old.left - now.left) / scale}px, ${(old.top - now.top) / scale}px)`;
    const grow = each.tagName === "FIGURE" ? ` scale(${old.width / now.width})` : "";
    each.animate([{ transformOrigin: "0 0", transform: move + grow }, { transformOrigin: "0 0", transform: "none" }], { duration: GLIDE, easing: "ease-out" });
  }
}

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
    this.acted = -Infinity; // when this window last moved the talk
  }

  // Take on what another window says, if it is later.
  hear(value) {
    if (!isState(value) || !isLater(value, this.value)) return false;
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

  // Whether somebody else moved the talk who is not at the window of the room, while this window moves it, too.
  get isContested() {
    const { by } = this.value;
    return Boolean(by) && by !== this.id && !this.stages.has(by) && Date.now() - this.acted < TOGETHER;
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

const KEYS = {
  ArrowRight: "on", ArrowDown: "on", PageDown: "on", " ": "on", Enter: "on", n: "on",
  ArrowLeft: "back", ArrowUp: "back", PageUp: "back", Backspace: "back",
  Home: "first", End: "last", g: "goTo", b: "black", ".": "black", w: "white", ",": "white", f: "fullScreen", p: "present",
  l: "laser", z: "zoom", d: "theme", "?": "help", i: "type", h: "head", q: "link", a: "askAudience", y: "accept", x: "drop", Escape: "leave",
}; // prettier-ignore

// What keys and buttons do, in whichever window.
class Acts {
  constructor(state, takes) {
    this.state = state;
    this.takes = takes; // of a scene, how many presses
  }

  on() {
    const { scene, press, screen } = this.state.value;
    if (screen) return this.state.change({ screen: "" });
    if (press < this.takes(scene)) this.state.change({ press: press + 1 });
    else if (scene + 1 < talk.scenes.length) this.state.change({ scene: scene + 1, press: 0 });
  }

  back() {
    const { scene, press, screen } = this.state.value;
    if (screen) return this.state.change({ screen: "" });
    if (press > 0) this.state.change({ press: press - 1 });
    else if (scene > 0) this.state.change({ scene: scene - 1, press: this.takes(scene - 1) });
  }

  to(scene, press = 0) {
    if (talk.scenes[scene]) this.state.change({ scene, press: Math.min(press, this.takes(scene)), screen: "" });
  }

  first() {
    this.to(0);
  }

  last() {
    this.to(talk.scenes.length - 1);
  }

  black() {
    this.state.change({ screen: this.state.value.screen === "black" ? "" : "black" });
  }

  white() {
    this.state.change({ screen: this.state.value.screen === "white" ? "" : "white" });
  }

  // The link for phones, in the room's window.
  link() {
    if (talk.room) this.state.change({ screen: this.state.value.screen === "link" ? "" : "link" });
  }

  theme() {
    const dark = getComputedStyle(document.documentElement).colorScheme === "dark" || (getComputedStyle(document.documentElement).colorScheme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
    document.documentElement.style.colorScheme = dark ? "light" : "dark";
  }

  head() {
    document.dispatchEvent(new CustomEvent("explorer-head", { detail: null }));
  }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.().catch(() => {});
  }
}

function listen(acts) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [target] = event.composedPath();
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && event.key !== "Escape") return;
    if (target.tagName === "BUTTON" && (event.key === " " || event.key === "Enter")) return;
    const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || !acts[act]) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!event.repeat) acts[act](); // a key that is held down is one press
  }, true);
  let start = null;
  addEventListener("touchstart", ({ touches }) => { start = touches.length === 1 ? [touches[0].clientX, touches[0].clientY] : null; }, { passive: true });
  addEventListener("touchend", ({ changedTouches: [touch] }) => {
    if (!start) return;
    const [across, down] = [touch.clientX - start[0], touch.clientY - start[1]];
    if (Math.abs(across) > 50 && Math.abs(across) > 2 * Math.abs(down)) acts[across < 0 ? "on" : "back"]();
  });
}

function dialog(title, ...children) {
  document.querySelector(".dialog")?.remove();
  const box = element("div", "dialog", "", element("h2", "", title), ...children);
  box.setAttribute("role", "dialog");
  box.setAttribute("aria-label", title);
  document.body.append(box);
  box.querySelector("input, button")?.focus();
  return box;
}

function keysList() {
  const list = element("dl");
  for (const [key, text] of talk.keys) list.append(element("dt", "", key), element("dd", "", text));
  return list;
}

// The window that the room sees.
class Show extends Acts {
  constructor() {
    const box = element("main", "window");
    document.body.append(box);
    const frame = new Frame(box);
    const state = new State(() => this.draw());
    super(state, (place) => frame.prepare(place)?.takes ?? 0);
    this.frame = frame;
    this.box = box;
    this.cover = element("div", "cover");
    this.dot = element("div", "laser");
    this.progress = element("div", "progress");
    this.said = element("div", "said");
    this.said.setAttribute("aria-live", "polite");
    document.body.append(this.cover, this.dot, this.progress, this.said);
    state.isStage = true;
    this.others = windows(state);
    if (talk.room) {
      this.room = new Room(state, (news) => this.tell(news));
      putLink(this.cover);
    }
    frame.onDraw = () => this.tell(this.room?.news);
    state.onLaser = (at) => {
      this.point(at);
      clearTimeout(this.fading);
      this.fading = setTimeout(() => this.point(null), LASER); // the phone may be cut off
    };
    addEventListener("mousemove", ({ clientX, clientY }) => {
      this.mouse = [clientX, clientY];
      if (this.pointing) this.point(this.mousePlace());
    });
    addEventListener("hashchange", () => this.follow());
    listen(this);
    this.follow();
    state.ask();
  }

  // Go where the address says.
  follow() {
    const [number, presses] = (location.hash.slice(1) || "1").split(".").map(Number);
    const { value } = this.state;
    const [scene, press] = [number - 1, Math.min(presses || 0, this.takes(number - 1))];
    if (!talk.scenes[scene] || (scene === value.scene && press === value.press)) this.draw();
    else this.state.change({ scene, press, started: value.started });
  }

  draw() {
    const { scene, press, screen, page } = this.state.value;
    const { current } = this.frame;
    if (!current || current.place !== scene || current.press !== press) {
      this.frame.show(scene, press);
      if (current?.place !== scene) {
        this.unzoom();
        this.closeLive();
        this.said.textContent = `${filled(talk.texts.scene, { number: scene + 1, count: talk.scenes.length })}. ${talk.scenes[scene].title}`;
        document.title = `${scene + 1}. ${talk.scenes[scene].title || talk.title}`;
      }
    }
    this.state.remember(`#${scene + 1}${press ? `.${press}` : ""}`);
    this.cover.className = `cover ${screen}`;
    this.progress.style.width = `${((scene + 1) / talk.scenes.length) * 100}%`;
    this.open(scene, page);
    this.tell(this.room?.news);
    clearTimeout(this.later);
    this.later = setTimeout(() => this.prepare([scene + 1, scene - 1, scene + 2]), 30);
  }

  // Draw scenes before they are asked for, one at a time, so that no key waits for all of them.
  prepare([place, ...others]) {
    this.frame.prepare(place);
    if (others.length) this.later = setTimeout(() => this.prepare(others), 0);
  }

  // What the audience said, in the scene that it is about.
  tell(news) {
    if (news) drawNews(this.frame, news);
  }

  async open(scene, page) {
    let problem = "";
    try {
      await this.frame.open(scene, page);
    } catch (error) {
      problem = error.message;
    }
    if (this.note) this.note.textContent = problem;
  }

  present() {
    const opened = window.open(`${location.href.split("#")[0]}#presenter`, "explorer-presenter", "popup,width=1200,height=800");
    if (opened) this.others.add(opened);
  }

  laser() {
    this.pointing = !this.pointing;
    document.body.style.cursor = this.pointing ? "none" : "";
    this.point(this.pointing && this.mouse ? this.mousePlace() : null);
  }

  mousePlace() {
    return placeIn(this.frame.frame, ...this.mouse);
  }

  // A place is two shares of the stage, from its left and from its top: it is the same in windows of another size.
  point(at) {
    const { left, top, width, height } = this.frame.frame.getBoundingClientRect();
    Object.assign(this.dot.style, at ? { display: "block", left: `${left + at[0] * width}px`, top: `${top + at[1] * height}px` } : { display: "none" });
  }

  zoom() {
    if (this.zoomed) return this.unzoom();
    this.zoomed = true;
    const [x, y] = this.mouse ?? [innerWidth / 2, innerHeight / 2];
    Object.assign(this.box.style, { transformOrigin: `${x}px ${y}px`, transform: "scale(2)" });
  }

  unzoom() {
    this.zoomed = false;
    this.box.style.transform = "";
  }

  help() {
    dialog(talk.texts.keys, keysList());
  }

  goTo() {
    const list = element("ol");
    talk.scenes.forEach(({ title }, place) => {
      const button = element("button", "", `${place + 1}. ${title}`);
      button.onclick = () => { this.leave(); this.to(place); };
      list.append(element("li", "", "", button));
    });
    const number = element("input");
    number.inputMode = "numeric";
    number.setAttribute("aria-label", talk.texts.go_to);
    number.onkeydown = (event) => {
      if (event.key !== "Enter") return;
      event.stopPropagation();
      const place = Number(number.value) - 1;
      this.leave();
      this.to(place);
    };
    dialog(talk.texts.go_to, number, list);
  }

  leave() {
    if (document.querySelector(".dialog")) return document.querySelector(".dialog").remove();
    if (this.closeLive()) return;
    if (this.pointing) return this.laser();
    this.unzoom();
  }

  closeLive() {
    this.live?.remove();
    const open = Boolean(this.live);
    this.live = this.note = null;
    return open;
  }

  // Type a word on stage. Where the answer does not come, what was prepared stands there.
  type() {
    const { scene } = this.state.value;
    const data = talk.scenes[scene];
    if (!data.live || this.live) return;
    const { number } = livePage(data);
    const input = element("input");
    input.value = number ?? "";
    input.setAttribute("aria-label", talk.texts.live);
    this.note = element("span");
    this.live = element("div", "live", "", input, this.note);
    document.body.append(this.live);
    input.focus();
    const ask = () => this.state.change({ page: livePage(data, input.value).page });
    input.onkeydown = (event) => {
      if (number && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
        event.preventDefault();
        input.value = (Number(input.value.replace("−", "-")) + (event.key === "ArrowUp" ? 0.1 : -0.1)).toFixed(2);
        ask();
      }
      if (event.key === "Enter") ask();
    };
  }
}

// Pages for paper: one for each press, or one a scene with its notes.
function printed(withNotes) {
  document.body.classList.add("printed");
  document.body.classList.toggle("handout", withNotes);
  for (const data of talk.scenes) {
    const { takes } = new Scene(talk, data, STAGE.height);
    for (let press = withNotes ? takes : 0; press <= takes; press += 1) {
      const scene = new Scene(talk, data, STAGE.height);
      const page = element("div", "page");
      if (withNotes) page.append(element("div", "", "", element("div", "mini", "", scene.section)), element("div", "text", data.notes));
      else page.append(scene.section);
      document.body.append(page);
      scene.begin?.();
      scene.show(press);
    }
  }
}
