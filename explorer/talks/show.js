// The window that the room sees: the scene that is on, the laser, what is typed on stage.

const LASER = 10_000; // milliseconds that it stays where a phone points last

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
    this.hint = element("footer", "hint", talk.texts.hint);
    document.body.append(this.cover, this.dot, this.progress, this.said, this.hint);
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
        document.querySelector(".dialog")?.remove();
        this.said.textContent = `${filled(talk.texts.scene, { number: scene + 1, count: talk.scenes.length })}. ${talk.scenes[scene].title}`;
        document.title = `${scene + 1}. ${talk.scenes[scene].title || talk.title}`;
      }
    }
    this.state.remember(`#${scene + 1}${press ? `.${press}` : ""}`);
    if (scene || press) this.hint.remove(); // whoever moves the talk knows how
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

  // Why an answer does not come is for the presenter's window: it may repeat what somebody typed.
  async open(scene, page) {
    let problem = "";
    try {
      await this.frame.open(scene, page);
    } catch {
      problem = talk.texts.offline;
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
    if (document.querySelector(".dialog")) return this.leave();
    this.hint.remove();
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
