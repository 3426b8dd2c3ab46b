// A box of the page with the scenes of the talk in it, scaled to it.

const talk = JSON.parse(document.getElementById("talk").textContent);

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
    const from = glides && before && before !== scene && !still.matches ? standing(before.section) : null;
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
