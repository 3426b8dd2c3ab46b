// The presenter's window: this scene and the next, notes, the clock and the plan, the list of scenes; and what begins a page.

const minutes = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

class Desk extends Acts {
  constructor() {
    document.documentElement.classList.add("presenter");
    document.body.classList.add("presenter");
    const [now, next] = [element("div", "preview"), element("div", "preview")];
    document.body.append(element("main", "desk"));
    const part = (title, ...children) => element("section", "", "", element("h2", "", title), ...children);
    const notes = element("div");
    const clock = element("div", "clock");
    const list = element("ol", "outline");
    const buttons = element("div", "buttons");
    document.querySelector(".desk").append(part(talk.texts.now, now), part(talk.texts.next, next), element("section", "", "", clock, buttons), element("section"), part(talk.texts.notes, notes), part(talk.texts.outline, list));
    document.querySelector(".desk > section:empty").remove();
    const frame = new Frame(now);
    const state = new State(() => this.draw());
    super(state, (place) => frame.prepare(place)?.takes ?? 0);
    Object.assign(this, { frame, following: new Frame(next), notes, clock, list });
    for (const [act, text] of [["back", talk.texts.previous], ["on", talk.texts.on], ["black", talk.texts.black], ["restart", talk.texts.restart]]) {
      const button = element("button", "", text);
      button.type = "button";
      button.onclick = () => this[act]();
      buttons.append(button);
    }
    talk.scenes.forEach(({ title, problem }, place) => {
      const button = element("button", "", `${place + 1}. ${title}${problem ? " ⚠" : ""}`);
      button.onclick = () => this.to(place);
      list.append(element("li", "", "", button));
    });
    windows(state);
    listen(this);
    setInterval(() => this.tick(), 1000);
    this.draw();
    state.ask();
    // The window of the room may have been opened anew: it learns from this one where the talk is.
    setInterval(() => state.ask(), 2000);
  }

  restart() {
    this.state.change({ started: Date.now() });
  }

  draw() {
    const { scene, press } = this.state.value;
    const { notes, problem } = talk.scenes[scene];
    this.frame.show(scene, press, false);
    if (press < this.takes(scene)) this.following.show(scene, press + 1, false);
    else if (talk.scenes[scene + 1]) this.following.show(scene + 1, 0, false);
    this.notes.replaceChildren(...(problem ? [element("p", "problem", problem)] : []), element("div", "notes", notes || talk.texts.no_notes));
    [...this.list.querySelectorAll("button")].forEach((button, place) => {
      if (place === scene) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    });
    this.list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
    this.tick();
  }

  // How far the talk is, and how far it should be: scenes take the time of their notes, stretched to the minutes planned.
  tick() {
    const { scene, started } = this.state.value;
    const gone = started ? (Date.now() - started) / 1000 : 0;
    const stretch = talk.minutes ? (talk.minutes * 60) / talk.seconds : 1;
    const planned = talk.scenes.slice(0, scene).reduce((sum, { seconds }) => sum + seconds * stretch, 0);
    const whole = talk.scenes.reduce((sum, { seconds }) => sum + seconds * stretch, 0);
    const late = gone > planned + talk.scenes[scene].seconds * stretch ? gone - planned - talk.scenes[scene].seconds * stretch : Math.min(0, gone - planned);
    const off = Math.round(Math.abs(late) / 60);
    const verdict = !off ? talk.texts.on_time : filled(late > 0 ? talk.texts.behind : talk.texts.ahead, { minutes: off });
    const time = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    this.clock.replaceChildren(
      element("b", "", minutes(gone)),
      element("span", "", filled(talk.texts.of, { minutes: Math.round(whole / 60) })),
      element("span", "verdict", started ? verdict : ""),
      element("span", "", `${scene + 1} / ${talk.scenes.length}`),
      element("span", "", time),
    );
  }
}

// The walk of a rehearsal: each press of the whole talk as the room would see it. What is wrong goes to who serves the page.
async function rehearsal() {
  const show = new Show();
  const frames = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const idle = () => new Promise((resolve) => setTimeout(resolve, 60)); // as long as the next scene takes to be drawn
  const report = [];
  await idle();
  for (let place = 0; place < talk.scenes.length; place += 1) {
    const scene = { scene: place + 1, presses: show.takes(place), slowest: 0, problems: [] };
    for (let press = 0; press <= scene.presses; press += 1) {
      if (place || press) {
        const begun = performance.now();
        show.on();
        await frames();
        scene.slowest = Math.max(scene.slowest, performance.now() - begun);
      }
      await idle();
    }
    scene.problems.push(...flaws(show.frame.scenes.get(place).section));
    report.push(scene);
  }
  await fetch("/report", { method: "POST", body: JSON.stringify(report) });
}

// Type that is too small for the last row, and what runs over the edge.
function flaws(section) {
  const scale = section.getBoundingClientRect().width / section.offsetWidth;
  const frame = section.getBoundingClientRect();
  const small = [];
  const over = [];
  const walk = (root) => {
    for (const each of root.querySelectorAll("*")) {
      if (each.shadowRoot) walk(each.shadowRoot);
      const own = [...each.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.textContent.trim());
      const box = each.getBoundingClientRect();
      const style = getComputedStyle(each);
      if (!own || !box.width || style.visibility === "hidden" || Number(style.opacity) === 0) continue;
      const drawn = each.ownerSVGElement ? each.getScreenCTM().a / scale : 1;
      const text = each.textContent.trim().slice(0, 30);
      const formula = each.closest("math"); // an index is smaller than its letter
      if (!formula && parseFloat(style.fontSize) * drawn < LEAST_TYPE - 0.5) small.push(text);
      if (box.right > frame.right + 1 || box.bottom > frame.bottom + 1 || box.left < frame.left - 1) over.push(text);
    }
  };
  walk(section);
  return [...(small.length ? [["small", small.slice(0, 3)]] : []), ...(over.length ? [["over", over.slice(0, 3)]] : [])];
}

const mode = location.hash.slice(1);
if (mode === "print" || mode === "handout") printed(mode === "handout");
else if (mode === "presenter") new Desk();
else if (mode === "check") rehearsal();
else new Show();
