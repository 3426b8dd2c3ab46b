// The presenter's window: this scene and the next, notes, the clock and the plan, the list of scenes, what the audience
// says, and all problems. A phone shows it too.

const minutes = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

class Desk extends Acts {
  constructor() {
    document.documentElement.classList.add("presenter");
    document.body.classList.add("presenter");
    const [now, next] = [element("div", "preview"), element("div", "preview following")];
    document.body.append(element("main", "desk"));
    const part = (title, ...children) => element("section", "", "", element("h2", "", title), ...children);
    const notes = element("div");
    const clock = element("div", "clock");
    const list = element("ol", "outline");
    const [steps, buttons] = [element("div", "buttons steps"), element("div", "buttons")];
    const problems = element("div");
    problems.setAttribute("role", "status");
    const room = element("div", "room");
    const heading = element("h1", "said", talk.title);
    document.querySelector(".desk").append(heading, part(talk.texts.now, now), part(talk.texts.next, next), element("section", "", "", problems, clock, steps, buttons, room), part(talk.texts.notes, notes), part(talk.texts.outline, list));
    const frame = new Frame(now);
    const state = new State(() => this.draw());
    super(state, (place) => frame.prepare(place)?.takes ?? 0);
    Object.assign(this, { frame, following: new Frame(next), notes, clock, list, problems, parts: room, opened: Date.now() });
    const button = (act, text) => {
      const made = element("button", act, text);
      made.type = "button";
      made.onclick = () => this[act]();
      return made;
    };
    steps.append(button("back", talk.texts.previous), button("on", talk.texts.on));
    buttons.append(button("black", talk.texts.black), button("restart", talk.texts.restart));
    if (talk.room) buttons.append(button("link", talk.texts.link), button("askAudience", talk.texts.ask), button("phone", talk.texts.phone));
    talk.scenes.forEach(({ title, problem }, place) => {
      const button = element("button", "", `${place + 1}. ${title}${problem ? " ⚠" : ""}`);
      button.onclick = () => this.to(place);
      list.append(element("li", "", "", button));
    });
    windows(state);
    state.onProblem = (problem) => this.report(problem);
    state.isCut = () => this.isRemote && !this.room.isConnected;
    if (talk.room) this.room = new Room(state, () => this.tell());
    this.pointer(now);
    frame.onDraw = () => this.tell();
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

  // Whether this is a phone, which moves the talk by the room alone.
  get isRemote() {
    return Boolean(this.room) && !this.room.isNear;
  }

  draw() {
    const { scene, press, page } = this.state.value;
    const { notes, problem } = talk.scenes[scene];
    this.state.remember();
    const { place, page: shown } = this.frame.current ?? {};
    if (scene !== place || page !== shown) this.problem = "";
    if (this.state.isContested) this.problem = talk.texts.two_presenters;
    this.frame.show(scene, press, false);
    this.frame.open(scene, page).catch((error) => this.report(error.message));
    const next = press < this.takes(scene) ? [scene, press + 1] : [scene + 1, 0];
    // Which often is the same scene: two landmarks of one name.
    if (talk.scenes[next[0]]) this.following.show(...next, false).section.removeAttribute("aria-label");
    this.notes.replaceChildren(...(problem ? [element("p", "problem", problem)] : []), spoken(element("div", "notes", notes || talk.texts.no_notes)));
    [...this.list.querySelectorAll("button")].forEach((button, place) => {
      if (place === scene) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    });
    const current = this.list.querySelector("[aria-current]");
    this.list.scrollTop += current.getBoundingClientRect().top - this.list.getBoundingClientRect().top - this.list.clientHeight / 2;
    this.tell();
    this.tick();
  }

  // Say what is wrong, until another scene comes.
  report(problem) {
    this.problem = problem;
    this.tick();
  }

  link() {
    if (talk.room) super.link();
    else this.report(talk.texts.no_room);
  }

  async askAudience() {
    if (!this.room) return this.report(talk.texts.no_room);
    const { asks, can_ask } = this.room.news ?? {};
    this.report(!asks && !can_ask ? talk.texts.nothing_to_ask : await this.room.post({ ask: !asks }));
  }

  // Another phone of the presenter's: its code works once.
  async phone() {
    try {
      const answer = await fetch(new URL("talk/phone", location.href));
      const { code, link, picture: address, error } = await answer.json();
      if (error) return this.report(error);
      const close = element("button", "", talk.texts.close);
      close.onclick = () => this.leave();
      dialog(talk.texts.phone, picture(address, link), element("p", "", link), element("p", "key", filled(talk.texts.phone_code, { code: `${code.slice(0, 4)} ${code.slice(4)}` })), close);
    } catch {
      this.report(talk.texts.not_connected);
    }
  }

  leave() {
    document.querySelector(".dialog")?.remove();
  }

  // The first word that waits.
  accept(word = this.room?.news?.waiting[0]) {
    if (word) this.decide("accept", word);
  }

  drop(word = this.room?.news?.waiting[0]) {
    if (word) this.decide("drop", word);
  }

  async decide(how, { number, word, scene }) {
    const problem = await this.room.post({ [how]: number });
    if (problem) return this.report(problem);
    const data = talk.scenes[scene];
    if (how === "accept" && data.live && scene === this.state.value.scene) this.state.change({ page: livePage(data, word).page });
  }

  // What the audience says: how many there are, and the words that wait.
  tell() {
    const news = this.room?.news;
    this.tick();
    if (!news) return;
    drawNews(this.frame, news);
    document.querySelector(".askAudience").textContent = news.asks ? talk.texts.asks : talk.texts.ask;
    const said = JSON.stringify([news.visitors, news.waiting]);
    if (said === this.told) return;
    this.told = said;
    const rows = (news.waiting ?? []).map((word) => {
      const [accept, drop] = [["accept", talk.texts.accept], ["drop", talk.texts.drop]].map(([act, text]) => {
        const button = element("button", "", text);
        button.type = "button";
        button.setAttribute("aria-label", `${text}: ${word.word}`);
        button.onclick = () => this[act](word);
        return button;
      });
      return element("li", "", "", element("span", "", word.word), accept, drop);
    });
    this.parts.replaceChildren(
      element("p", "", filled(talk.texts.visitors, { count: news.visitors })),
      ...(rows.length ? [element("h2", "", talk.texts.waiting), element("ul", "waiting", "", ...rows)] : []),
    );
  }

  // Who touches the scene points at it, on the stage. A touch there is neither a swipe nor a scroll.
  pointer(box) {
    box.classList.add("pointed");
    box.title = talk.texts.pointer;
    const dot = element("div", "laser here");
    box.append(dot);
    const point = (at) => {
      Object.assign(dot.style, at ? { display: "block", left: `${at[0] * 100}%`, top: `${at[1] * 100}%` } : { display: "none" });
      this.state.point(at);
    };
    const follow = ({ clientX, clientY }) => point(placeIn(box, clientX, clientY).map((share) => Math.min(1, Math.max(0, share))));
    box.onpointerdown = (event) => {
      box.setPointerCapture(event.pointerId);
      box.onpointermove = follow;
      follow(event);
    };
    box.onpointerup = box.onpointercancel = () => {
      box.onpointermove = null;
      point(null);
    };
    for (const kind of ["touchstart", "touchend"]) box.addEventListener(kind, (event) => event.stopPropagation());
  }

  // What is wrong with the windows and the room, and with what was asked last.
  troubles() {
    const { room, isRemote, state } = this;
    const news = room?.news;
    const troubles = [];
    if (news && (news.room !== talk.room.name || !news.presents)) troubles.push(talk.texts.new_room);
    else if (room && !room.isConnected) troubles.push(talk.texts.not_connected);
    const hasStage = isRemote ? news?.stages.length : Date.now() - state.stageHeard < PATIENCE * 1000;
    if (!hasStage && (isRemote ? room.isConnected && news : Date.now() - this.opened > PATIENCE * 1000)) troubles.push(talk.texts.no_stage);
    if (this.problem) troubles.push(this.problem);
    return troubles;
  }

  // How far the talk is, and how far it should be: scenes take the time of their notes, stretched to the minutes planned.
  tick() {
    const troubles = this.troubles();
    if (this.problems.textContent !== troubles.join("")) this.problems.replaceChildren(...troubles.map((each) => element("p", "problem", each)));
    document.body.classList.toggle("cut", Boolean(this.state.isCut()));
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
      element("span", "", filled(talk.texts.of, { minutes: Math.max(1, Math.round(whole / 60)) })),
      element("span", "verdict", started ? verdict : ""),
      element("span", "", `${scene + 1} / ${talk.scenes.length}`),
      element("span", "", time),
    );
  }
}
