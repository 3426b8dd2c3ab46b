// The room of a talk that phones reach: what happens there comes as events, what somebody does is posted. The talk goes on
// without it.

const PATIENCE = 9; // seconds without a word after which a page is not connected; the server says something every 4
const AGAIN = 3; // seconds between two tries to connect

class Room {
  constructor(state, onNews) {
    this.state = state;
    this.onNews = onNews;
    this.news = null;
    this.heard = 0;
    this.isConnected = true; // nothing is wrong yet
    state.wires.push((message) => this.pass(message));
    addEventListener("online", () => this.connect());
    addEventListener("offline", () => this.cut());
    setInterval(() => this.watch(), 1000);
    this.connect();
  }

  connect() {
    this.events?.close();
    this.tried = Date.now();
    this.isFresh = true;
    this.events = new EventSource(new URL(`talk/room${this.state.isStage ? `?stage=${this.state.id}` : ""}`, location.href));
    this.events.onmessage = ({ data }) => this.hear(JSON.parse(data));
    this.events.addEventListener("laser", ({ data }) => this.state.onLaser?.(JSON.parse(data)));
    this.events.onerror = () => this.cut();
  }

  cut() {
    this.events.close();
    this.isConnected = false;
    this.onNews(this.news);
  }

  watch() {
    if (this.isConnected && this.heard && Date.now() - this.heard > PATIENCE * 1000) this.cut();
    if (!this.isConnected && Date.now() - this.tried > AGAIN * 1000) this.connect();
  }

  hear(news) {
    this.heard = Date.now();
    this.isConnected = true;
    this.news = news;
    for (const stage of news.stages ?? []) this.state.stages.add(stage);
    if (news.room === talk.room.name && news.presents === talk.room.presents) this.settle(news.state);
    this.isFresh = false;
    this.onNews(news);
  }

  // A phone that comes back learns where the talk is; windows beside the stage, and the stage itself, may have gone on.
  settle(value) {
    const { state } = this;
    if (!isState(value) || (value.turn === state.value.turn && value.by === state.value.by)) return;
    if (!talk.room.presents) state.onState(value);
    else if (this.isFresh && !this.isNear) state.take(value);
    else if (isLater(state.value, value)) this.post({ state: state.value });
    else state.hear(value);
  }

  // Whether this is the window that the room sees, or one of the same browser.
  get isNear() {
    return this.state.isStage || Date.now() - this.state.stageHeard < PATIENCE * 1000;
  }

  pass({ state, laser }) {
    if (!talk.room.presents) return;
    if (state?.by === this.state.id && state.turn) this.post({ state });
    if (laser !== undefined) this.point(laser);
  }

  // One place at a time: those that come while another is on its way leave the last of them.
  async point(laser) {
    this.laser = { laser };
    if (this.isPointing) return;
    this.isPointing = true;
    while (this.laser) {
      const last = this.laser;
      this.laser = null;
      await this.post(last);
    }
    this.isPointing = false;
  }

  // Do something; the sentence that says why it was refused, or nothing.
  async post(said) {
    try {
      const answer = await fetch(new URL("talk/room", location.href), { method: "POST", body: JSON.stringify(said) });
      return (await answer.json()).error ?? "";
    } catch {
      this.cut();
      return talk.texts.not_connected;
    }
  }
}

// What the audience said, in the scene that it is about.
function drawNews(frame, { state, asks, votes, words }) {
  if (frame.current?.place !== state.scene) return;
  const { section } = frame.scenes.get(state.scene);
  const all = votes.reduce((sum, count) => sum + count, 0);
  [...section.querySelectorAll(".choices li")].forEach((item, place) => {
    if (!all) return delete item.dataset.votes;
    item.dataset.votes = votes[place];
    item.style.setProperty("--share", `${(votes[place] / all) * 100}%`);
  });
  section.querySelector(".heard")?.remove();
  const parts = words.map((word) => element("span", "word", word));
  if (asks) parts.push(element("span", "invitation", filled(talk.texts.take_part, { link: shortLink() })));
  if (parts.length) section.append(element("div", "heard", "", ...parts));
}

const shortLink = () => talk.room.link.replace(/^http:\/\/|\/$/g, "");

function picture(address, alternative) {
  const image = element("img", "code");
  image.src = address;
  image.alt = alternative;
  return image;
}

// The link for phones, as the room sees it where the screen shows it.
function putLink(cover) {
  cover.setAttribute("role", "region");
  cover.setAttribute("aria-label", talk.texts.link);
  cover.append(picture(talk.room.picture, talk.room.link), element("p", "", shortLink()));
}
