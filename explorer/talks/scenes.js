// Draws a scene: its title, and below it what `explorer.talks.drawings` describes. What appears later has the number of
// the press at which it does, `data-reveal`; what may glide from one scene into the next has a name, `data-glide`.

const STAGE = { width: 1280, height: 720, sides: 40, above: 28, below: 24, gap: 16 };
const LEAST_TYPE = 24;
const SVG = "http://www.w3.org/2000/svg";

function element(name, looks = "", text = "", ...children) {
  const made = document.createElement(name);
  if (looks) made.className = looks;
  if (text) made.textContent = text;
  made.append(...children);
  return made;
}

function shape(name, attributes, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

const revealed = (node, press) => {
  if (press > 0) node.dataset.reveal = press;
  return node;
};
const gliding = (node, name) => {
  node.dataset.glide = name;
  return node;
};
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

// A scene in a frame of this height: `section`, how many presses it `takes`, and `show(press)`.
class Scene {
  constructor(talk, data, height) {
    this.talk = talk;
    this.data = data;
    this.height = height;
    this.section = element("section", "scene");
    this.section.setAttribute("aria-label", data.title);
    this.onShow = () => {};
    this.draw(data.drawing);
  }

  draw(drawing) {
    this.section.replaceChildren();
    this.extra = 0;
    this.onShow = () => {};
    const title = element("h1", "", this.data.title);
    const body = element("div", "body");
    this.section.append(...(this.data.title ? [title] : []), body);
    const isTitle = (drawing.kind === "text" && drawing.lines.length < 3 && this.data.reveal !== "lines") || drawing.kind === "blank";
    this.section.classList.toggle("only", isTitle);
    const heading = this.data.title ? 48 * Math.ceil(this.data.title.length / 56) + STAGE.gap : 0;
    this.room = this.height - STAGE.above - STAGE.below - heading;
    this.press = { rows: (place) => (this.data.reveal === "rows" ? place + 1 : 0), lines: (place) => (this.data.reveal === "lines" ? place + 1 : 0) };
    body.append(...this.parts(drawing));
    this.takes = Math.max(this.extra, 0, ...[...this.section.querySelectorAll("[data-reveal]")].map((each) => Number(each.dataset.reveal)));
    this.show(0);
  }

  parts(drawing) {
    const draws = DRAWINGS[drawing.kind];
    return draws ? draws.call(this, drawing) : [];
  }

  show(press) {
    this.at = press;
    for (const each of this.section.querySelectorAll("[data-reveal]")) each.classList.toggle("covered", Number(each.dataset.reveal) > press);
    this.onShow(press);
  }

  marks(...words) {
    return words.some((word) => this.data.highlight.includes(word));
  }
}

const caption = (text) => (text ? [element("p", "caption", text)] : []);

const DRAWINGS = {
  blank() {
    return [];
  },

  text({ lines }) {
    if (!lines.length) return [];
    const list = element("ul", "lines");
    list.append(...lines.map((line, place) => revealed(element("li", "", line), this.press.lines(place))));
    return [list];
  },

  quote({ quote, by }) {
    const block = element("blockquote", "", quote);
    if (by) block.append(element("footer", "", by));
    return [block];
  },

  formula({ mathematics, lines }) {
    const formula = element("div", "formula");
    formula.innerHTML = mathematics; // MathML that the program wrote
    return [formula, ...DRAWINGS.text.call(this, { lines })];
  },

  picture({ address, alternative }) {
    const image = element("img");
    image.src = address;
    image.alt = alternative;
    return [image];
  },

  words({ rows, caption: words }) {
    const list = element("div", "words");
    list.style.fontSize = `${Math.max(32, Math.min(50, (this.room - 70) / rows.length / 1.6))}px`;
    list.setAttribute("role", "table");
    const negative = rows.some(({ share }) => share < 0);
    rows.forEach(({ word, number, share, right }, place) => {
      const row = element("div", right || this.marks(word) ? "marked" : "");
      row.setAttribute("role", "row");
      const bar = element("span", "bar");
      const wide = Math.abs(share) * (negative ? 50 : 100);
      bar.style.width = `${wide}%`;
      bar.style.left = negative ? `${share < 0 ? 50 - wide : 50}%` : "0";
      const cells = [gliding(element("span", "word", word), `word ${word}`), element("span", "track", "", bar), element("span", "number", number)];
      cells[0].setAttribute("role", "rowheader");
      cells[2].setAttribute("role", "cell");
      cells[1].setAttribute("aria-hidden", "true");
      row.append(...cells.map((cell) => revealed(cell, this.press.rows(place))));
      list.append(row);
    });
    return [list, ...caption(words)];
  },

  // Of columns with bars one appears after the other, of others one row.
  columns({ columns, caption: words }) {
    const grid = element("div", "columns");
    columns.forEach(({ title, rows }, column) => {
      const list = element("ol");
      list.append(
        ...rows.map(({ word, number, share, right }, place) => {
          const row = element("li", right || this.marks(word) ? "name marked" : "", "", element("span", "word", word), element("span", "number", number));
          if (share === undefined) return revealed(row, this.press.rows(place));
          const bar = element("span", "bar");
          bar.style.width = `${share * 100}%`;
          row.append(bar);
          return row;
        }),
      );
      const block = element("div", "", "", element("h2", "", title), list);
      grid.append(rows.some(({ share }) => share !== undefined) ? revealed(block, this.press.rows(column)) : block);
    });
    return [grid, ...caption(words)];
  },

  change({ rows, caption: words }) {
    const grid = element("div", "change");
    rows.forEach(({ name, before, after }, place) => {
      const parts = [element("div", "name", name), gliding(element("div", "before", before), `number ${before}`), element("div", "arrow", "→"), element("div", "after", after)];
      grid.append(...parts.map((part, at) => (at < 2 ? part : revealed(part, this.press.rows(place)))));
    });
    return [grid, ...caption(words)];
  },

  vector({ word, numbers, levels, caption: words }) {
    const wide = Math.ceil(Math.sqrt(levels.length * 3));
    const grid = element("div", "cells");
    grid.style.gridTemplateColumns = `repeat(${wide}, 1fr)`;
    grid.setAttribute("aria-hidden", "true");
    grid.append(...levels.map((level) => element("span", level)));
    const list = element("p", "vector", "", gliding(element("b", "", word), `word ${word}`), ` = (${numbers.join(", ")}${levels.length > numbers.length ? ", …" : ""})`);
    return [list, ...[grid, ...caption(words)].map((part) => revealed(part, this.press.rows(0)))];
  },

  number({ number, sentence }) {
    const box = element("div", "big");
    box.append(revealed(gliding(element("div", "number", number), `number ${number}`), this.data.reveal === "answer" ? 1 : 0), element("p", "", sentence));
    return [box];
  },

  table({ header, rows, numeric, folded }) {
    const looks = (place) => (numeric[place] ? "digits" : "");
    const head = element("tr", "", "", ...header.map((name, place) => element("th", looks(place), name)));
    const lines = rows.map((row, at) =>
      revealed(element("tr", this.marks(...row) ? "marked" : "", "", ...row.map((cell, place) => element("td", looks(place), cell))), this.press.rows(at)),
    );
    const more = folded.rows > 0 ? filled(this.talk.texts.more_rows, { count: folded.rows }) : "";
    return [element("table", "", "", element("thead", "", "", head), element("tbody", "", "", ...lines)), ...caption(more)];
  },

  map({ points, caption: words }) {
    const width = STAGE.width - 2 * STAGE.sides;
    const high = this.room - 60;
    const svg = shape("svg", { viewBox: `0 0 ${width} ${high}`, class: "places", role: "img", "aria-label": `${words}: ${points.map(({ word }) => word).join(", ")}` });
    const [reach, down] = [width * 0.72, high * 0.84];
    const order = points.filter(({ role, word }) => role !== "centre" && (!this.data.highlight.length || this.marks(word))).map(({ word }) => word);
    const taken = [];
    const sorted = [...points].sort((a, b) => rank(this, b) - rank(this, a));
    for (const { word, x, y, role } of sorted) {
      const [left, top] = [width / 2 + (x - 0.5) * reach, high / 2 + (y - 0.5) * down];
      const size = role === "centre" ? 30 : 25;
      const wide = word.length * size * 0.54;
      const places = [[left + 14, top + 8], [left - 14 - wide, top + 8], [left - wide / 2, top - 14], [left - wide / 2, top + 34]];
      const free = places.find(([at, line]) => at > 0 && at + wide < width && line > 24 && line < high && !taken.some((box) => overlaps(box, [at, line - size, wide, size + 4])));
      const group = gliding(shape("g", { class: role === "centre" ? "centre" : this.marks(word) ? "marked" : "" }), `word ${word}`);
      group.append(shape("circle", { class: "dot", cx: left, cy: top, r: role === "centre" ? 11 : 7 }));
      if (free) {
        taken.push([free[0], free[1] - size, wide, size + 4]);
        group.append(shape("text", { x: free[0], y: free[1] }, word));
      }
      if (this.data.reveal === "rows" && order.includes(word)) revealed(group, order.indexOf(word) + 1);
      svg.append(group);
    }
    return [element("div", "picture", "", svg), ...caption(words)];
  },

  intervals({ rows, axis, caption: words, better }) {
    const width = STAGE.width - 2 * STAGE.sides;
    const [names, numbers, line] = [380, 130, Math.min(96, (this.room - 150) / rows.length)];
    const low = Math.min(0, ...rows.map((row) => row.low ?? row.mean));
    const high = Math.max(0, ...rows.map((row) => row.high ?? row.mean));
    const span = high - low || 1;
    const at = (number) => names + ((number - low) / span) * (width - names - numbers);
    const height = rows.length * line + 50;
    const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, class: "intervals", role: "img", "aria-label": rows.map(({ name, text }) => `${name} ${text}`).join("; ") });
    svg.append(shape("line", { class: "zero", x1: at(0), x2: at(0), y1: 0, y2: rows.length * line }));
    rows.forEach((row, place) => {
      const y = place * line + line / 2;
      const group = revealed(shape("g", { class: `${row.counts ? "counts" : ""} ${this.marks(row.name) ? "marked" : ""}` }), this.press.rows(place));
      group.append(
        shape("text", { x: 0, y: y + 9 }, row.name.length > 30 ? `${row.name.slice(0, 29)}…` : row.name),
        shape("line", { class: "bar", x1: at(row.low ?? row.mean), x2: at(row.high ?? row.mean), y1: y, y2: y }),
        shape("circle", { cx: at(row.mean), cy: y, r: 10 }),
        shape("text", { x: width, y: y + 9, "text-anchor": "end" }, row.text.split(" ")[0]),
      );
      svg.append(group);
    });
    svg.append(shape("text", { class: "quiet", x: at(0), y: height - 8, "text-anchor": "middle" }, "0"));
    return [element("div", "picture", "", svg), ...caption(`${axis} (${better}). ${words}`)];
  },

  svg({ svg, alternative }) {
    const box = element("div", "picture");
    box.innerHTML = svg; // drawn by the program, which escapes every word in it
    const drawn = box.querySelector("svg");
    drawn?.setAttribute("aria-label", alternative);
    drawn?.removeAttribute("height");
    drawn?.removeAttribute("width");
    if (this.data.reveal === "rows") {
      for (const part of box.querySelectorAll("[class]")) {
        const head = /(?:^|\s)h(\d+)(?:\s|$)/.exec(part.getAttribute("class"));
        if (head) revealed(part, Number(head[1]) + 1);
      }
    }
    return [box];
  },

  question({ choices, answer, behind }) {
    const parts = [];
    if (choices.length) {
      const list = element("ul", "choices");
      const items = choices.map((choice) => element("li", "", choice));
      list.append(...items);
      parts.push(list);
      const before = this.onShow;
      this.onShow = (press) => {
        before(press);
        items.forEach((item) => item.classList.toggle("right", press > 0 && item.textContent === answer));
      };
      this.extra = answer ? 1 : 0;
    }
    const shows = behind.kind !== "text" || behind.lines.length;
    if (!choices.length && !shows) parts.push(revealed(element("p", "guess answer", answer), 1));
    if (!shows) return [element("div", "guess", "", element("p", "sign", "?"), ...parts)];
    const inside = this.parts(behind).map((part) => (part.dataset.reveal ? part : revealed(part, 1)));
    return [...parts, ...inside];
  },

  equation({ equation }) {
    const host = element("div", "tensors-host");
    const shadow = host.attachShadow({ mode: "open" });
    const style = element("style");
    style.textContent = `${TENSOR_STYLE}\n:host { font-size: 24px; } .reading { display: none !important; } .covered { visibility: hidden; } .top math { font-size: 1.28em; }`;
    shadow.append(style);
    let view = null;
    const { cells, reveal } = this.data;
    if (reveal === "cells") this.extra = cells.length - 1;
    if (reveal === "lines") this.extra = equation.lines.length;
    const worked = reveal === "cells" && cells.length ? cells[0] : equation.worked;
    const begin = () => {
      if (view || !this.section.isConnected) return;
      view = draw(shadow, { equations: [{ ...equation, worked }], levels: this.talk.levels, texts: this.talk.tensors, stage: true, room: this.room - 12, labels: LEAST_TYPE, heading: 2 });
    };
    this.begin = begin;
    this.onShow = (press) => {
      begin();
      if (reveal === "cells" && cells.length) view?.work(0, cells[Math.min(press, cells.length - 1)]);
      if (reveal === "lines") requestAnimationFrame(() => [...shadow.querySelectorAll(".line")].forEach((line, place) => line.classList.toggle("covered", place >= this.at)));
    };
    return [host];
  },
};

const rank = (scene, { word, role }) => (role === "centre" ? 2 : scene.marks(word) ? 1 : 0);
const overlaps = ([x, y, width, height], [left, top, wide, high]) => x < left + wide && left < x + width && y < top + high && top < y + height;
