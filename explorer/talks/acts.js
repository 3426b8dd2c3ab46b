// What keys, buttons and touches do.

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
  for (const [key, text] of talk.keys) list.append(element("div", "", "", element("dt", "", key), element("dd", "", text)));
  return list;
}
