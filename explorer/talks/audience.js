// The page of the audience: it follows the talk or lets go, and takes part where the presenter asks.

const NARROW = 600; // pixels of a window

class Audience extends Acts {
  constructor() {
    document.documentElement.classList.add("audience");
    if (innerWidth < NARROW) STAGE.width = STAGE.height; // a stage of half the width has letters of twice the size
    const box = element("div", "window");
    const frame = new Frame(box);
    const state = new State(() => this.draw());
    super(state, (place) => frame.prepare(place)?.takes ?? 0);
    const status = element("p", "status");
    status.setAttribute("role", "status");
    Object.assign(this, { frame, status, part: element("section", "part"), isFollowing: true, votes: new Map() });
    this.sizes = new ResizeObserver((parts) => parts.forEach(({ target }) => shrink(target.closest(".body"))));
    const button = (act, text) => {
      const made = element("button", act, text);
      made.type = "button";
      made.onclick = () => this[act]();
      return made;
    };
    this.again = button("follow", talk.texts.follow);
    const bar = element("nav", "bar", "", button("back", talk.texts.previous), this.again, button("on", talk.texts.on));
    const heading = element("h1", "said", talk.title);
    document.body.append(element("main", "", "", heading, box, status, this.part), bar);
    frame.fit();
    const take = state.change.bind(state);
    state.change = (changes) => {
      if (changes.scene === undefined && changes.press === undefined) return; // what covers the stage covers no phone
      this.isFollowing = false;
      take(changes);
    };
    state.onState = (value) => {
      this.live = { ...value, screen: "" };
      if (this.isFollowing) state.take(this.live);
    };
    listen(this);
    this.room = new Room(state, () => this.draw());
    frame.onDraw = () => this.draw();
    this.draw();
  }

  follow() {
    this.isFollowing = true;
    if (this.live) this.state.take(this.live);
    else this.draw();
  }

  draw() {
    const { scene, press, page } = this.state.value;
    const { news, isConnected } = this.room ?? { isConnected: true };
    if (news && (news.room !== talk.room.name || news.presents)) return location.reload();
    const { section } = this.frame.show(scene, press);
    for (const part of section.querySelector(".body").children) this.sizes.observe(part);
    if (this.isFollowing) this.frame.open(scene, page).catch(() => {}); // the presenter reads why
    if (news) drawNews(this.frame, news);
    this.again.hidden = this.isFollowing;
    const said = !isConnected ? talk.texts.not_connected : this.isFollowing ? talk.texts.follows : talk.texts.browses;
    if (this.status.textContent !== said) this.status.textContent = said;
    this.ask(news);
  }

  // What the presenter asks, at the scene that is on.
  ask(news) {
    const asks = news?.asks ? `${news.asks} ${news.state.scene}` : "";
    if (asks === this.asks) return;
    this.asks = asks;
    this.part.replaceChildren();
    if (!asks) return;
    const { title, drawing } = talk.scenes[news.state.scene];
    const answer = element("p", "answer");
    answer.setAttribute("role", "status");
    this.part.append(element("h2", "", title), ...(news.asks === "vote" ? this.choices(drawing, answer) : this.field(answer)), answer);
  }

  choices({ choices }, answer) {
    const { scene } = this.room.news.state;
    const buttons = choices.map((choice, place) => {
      const button = element("button", "choice", choice);
      button.type = "button";
      button.onclick = async () => {
        const problem = await this.room.post({ vote: place });
        if (!problem) this.votes.set(scene, place);
        mark();
        answer.textContent = problem || filled(talk.texts.voted, { choice });
      };
      return button;
    });
    const mark = () => buttons.forEach((button, place) => button.setAttribute("aria-pressed", String(this.votes.get(scene) === place)));
    mark();
    return buttons;
  }

  field(answer) {
    const input = element("input");
    Object.assign(input, { maxLength: 30, autocomplete: "off", id: "word" });
    const label = element("label", "", talk.texts.word);
    label.htmlFor = input.id;
    return [form(label, input, talk.texts.send, async (word) => {
      const problem = await this.room.post({ word });
      answer.textContent = problem || filled(talk.texts.sent, { word });
      if (!problem) input.value = "";
    })]; // prettier-ignore
  }
}

// Scenes are made for a wider stage: what runs over on this one gets smaller.
function shrink(body) {
  if (!body) return; // it was drawn anew
  const { scrollWidth, clientWidth, scrollHeight, clientHeight } = body;
  const over = Math.max(scrollWidth / clientWidth, (2 * scrollHeight) / clientHeight - 1); // it is centred: half of it is above
  if (over > 1.01) body.style.zoom = (Number(body.style.zoom) || 1) / over;
}

// One field and its button; `send` gets what stands there.
function form(label, input, text, send) {
  const made = element("form", "", "", label, input, element("button", "send", text));
  made.onsubmit = (event) => {
    event.preventDefault();
    if (input.value.trim()) send(input.value.trim());
  };
  return made;
}

// The presenter's phone, before it is one: it needs the code, which may stand in its address.
function enter(code) {
  document.documentElement.classList.add("audience");
  const input = element("input");
  Object.assign(input, { inputMode: "numeric", autocomplete: "one-time-code", id: "code", value: code ?? "" });
  const label = element("label", "", talk.texts.code);
  label.htmlFor = input.id;
  const answer = element("p", "answer");
  answer.setAttribute("role", "alert");
  const send = async (code) => {
    try {
      const said = await fetch(new URL("talk/room", location.href), { method: "POST", body: JSON.stringify({ code }) });
      const { error } = await said.json();
      answer.textContent = error ?? "";
      if (error) return;
      history.replaceState(null, "", "#presenter");
      location.reload();
    } catch {
      answer.textContent = talk.texts.not_connected;
    }
  };
  const part = element("section", "part", "", element("p", "", talk.texts.enter_code), form(label, input, talk.texts.enter, send), answer);
  document.body.append(element("main", "", "", element("h1", "", talk.title), part));
  if (code) send(code);
  else input.focus();
}
