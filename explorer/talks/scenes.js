// Draws a scene: its title, and below it what `explorer.talks.drawings` describes. What appears later has the number of
// the press at which it does, `data-reveal`; what may glide from one scene into the next has a name, `data-glide`.

const STAGE = { width: 1280, height: 720, sides: 40, above: 28, below: 24, gap: 16 };
const LEAST_TYPE = 24;
const FEW = 4; // lines or rows that may be larger
const SHORT = 18; // letters of a cell in a table of large type
const LARGE_TYPE = 64; // of a formula
const COLUMN_GAP = 40;
const WIDEST_WORD = 560;
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
// A text of the speaker's, in the direction of its own letters.
const spoken = (node) => {
  node.dir = "auto";
  return node;
};
const gliding = (node, name) => {
  node.dataset.glide = name;
  return node;
};
const shortened = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
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
    const title = spoken(element("h1", "", this.data.title));
    const body = element("div", "body");
    this.section.append(...(this.data.title ? [title] : []), body);
    const isTitle = (drawing.kind === "text" && drawing.lines.length < 3 && this.data.reveal !== "lines") || drawing.kind === "blank";
    this.section.classList.toggle("only", isTitle);
    const heading = this.data.title ? 48 * Math.ceil(this.data.title.length / 46) + STAGE.gap : 0;
    this.room = this.height - STAGE.above - STAGE.below - heading;
    const beside = drawing.kind === "text" ? 0 : 1; // alone, the first line comes with its title: no press shows a title alone
    this.press = { rows: (place) => (this.data.reveal === "rows" ? place + 1 : 0), lines: (place) => (this.data.reveal === "lines" ? place + beside : 0) };
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
    if (lines.length <= FEW && this.data.drawing.kind === "text") list.classList.add("few");
    list.append(...lines.map((line, place) => revealed(spoken(element("li", "", line)), this.press.lines(place))));
    return [list];
  },

  quote({ quote, by }) {
    const block = spoken(element("blockquote", "", quote));
    if (by) block.append(spoken(element("footer", "", by)));
    return [block];
  },

  formula({ mathematics, lines }) {
    const formula = element("div", "formula");
    formula.innerHTML = mathematics; // MathML that the program wrote
    this.begin = () => { // what is too wide is written smaller
      formula.style.fontSize = "";
      if (formula.scrollWidth > formula.clientWidth) formula.style.fontSize = `${(LARGE_TYPE * formula.clientWidth) / formula.scrollWidth}px`;
    }; // prettier-ignore
    return [formula, ...DRAWINGS.text.call(this, { lines })];
  },

  picture({ address, alternative }) {
    const image = element("img");
    image.src = address;
    image.alt = alternative;
    return [image];
  },

  words({ rows, caption: words }) {
    const list = element("ol", "words");
    const longest = Math.max(...rows.map(({ word }) => word.length));
    list.style.fontSize = `${Math.max(32, Math.min(50, (this.room - 70) / rows.length / 1.6, WIDEST_WORD / longest / 0.56))}px`;
    const negative = rows.some(({ share }) => share < 0);
    rows.forEach(({ word, number, share, right }, place) => {
      const row = element("li", right || this.marks(word) ? "marked" : "");
      const bar = element("span", "bar");
      const wide = Math.abs(share) * (negative ? 50 : 100);
      bar.style.width = `${wide}%`;
      bar.style.left = negative ? `${share < 0 ? 50 - wide : 50}%` : "0";
      const cells = [gliding(element("span", "word", word), `word ${word}`), element("span", "track", "", bar), element("span", "number", number)];
      cells[1].setAttribute("aria-hidden", "true");
      row.append(...cells.map((cell) => revealed(cell, this.press.rows(place))));
      list.append(row);
    });
    return [list, ...caption(words)];
  },

  // Of columns with bars one appears after the other, of others one row.
  columns({ columns, caption: words }) {
    const grid = element("div", "columns");
    const [most, longest] = [Math.max(...columns.map(({ rows }) => rows.length)), Math.max(...columns.flatMap(({ rows }) => rows.map(({ word, number }) => word.length + number.length + 2)))];
    const wide = (STAGE.width - 2 * STAGE.sides) / columns.length - COLUMN_GAP;
    grid.style.fontSize = `${Math.max(30, Math.min(40, (this.room - 160) / most / 1.8, wide / longest / 0.56))}px`;
    columns.forEach(({ title, rows }, column) => {
      const list = element("ol");
      list.append(
        ...rows.map(({ word, number, share, right }, place) => {
          const row = element("li", right || this.marks(word) ? "name marked" : "", "", gliding(element("span", "word", word), `word ${word}`), element("span", "number", number));
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

  // `levels` are the colours of cells.
  table({ header, rows, numeric, folded, levels = [], caption: words = "" }) {
    const looks = (place) => (numeric[place] ? "digits" : "");
    const head = element("tr", "", "", ...header.map((name, place) => element(name ? "th" : "td", looks(place), name)));
    const lines = rows.map((row, at) => {
      const cells = row.map((cell, place) => element("td", `${looks(place)} ${levels[at]?.[place] ?? ""}`.trim(), cell));
      if (!numeric[0]) gliding(cells[0], `word ${row[0]}`);
      return revealed(element("tr", this.marks(...row) ? "marked" : "", "", ...cells), this.press.rows(at));
    });
    const more = folded.rows > 0 ? filled(this.talk.texts.more_rows, { count: folded.rows }) : "";
    const isFew = rows.length <= FEW && header.length <= FEW && [header, ...rows].flat().every((cell) => cell.length <= SHORT);
    const kind = isFew ? "few" : levels.length ? "coloured" : header.length > FEW ? "several" : "";
    return [element("table", kind, "", element("thead", "", "", head), element("tbody", "", "", ...lines)), ...caption([words, more].filter(Boolean).join(" "))];
  },

  svg({ svg, alternative }) {
    const box = element("div", "picture");
    box.innerHTML = svg; // drawn by the program, which escapes every word in it
    const drawn = box.querySelector("svg");
    drawn?.setAttribute("aria-label", alternative);
    [...box.querySelectorAll("text")].find((text) => text.textContent === this.data.title)?.remove(); // it stands above
    drawn?.removeAttribute("height");
    drawn?.removeAttribute("width");
    if (this.data.reveal === "rows") {
      for (const part of box.querySelectorAll("[class]")) {
        const [, place] = /(?:^|\s)(?:h|step)(\d+)(?:\s|$)/.exec(part.getAttribute("class")) ?? []; // a head, a step of a search
        if (place) revealed(part, Number(place) + 1);
      }
    }
    return [box];
  },

  question({ choices, answer, behind }) {
    const parts = [];
    const shows = behind.kind !== "text" || behind.lines.length;
    if (choices.length) this.room -= 124;
    const inside = shows ? this.parts(behind).map((part) => (part.dataset.reveal ? part : revealed(part, 1))) : [];
    if (choices.length) {
      const list = element("ul", "choices");
      const items = choices.map((choice) => spoken(element("li", "", choice)));
      list.append(...items);
      parts.push(list);
      const before = this.onShow; // of what stands behind
      this.onShow = (press) => {
        before(press);
        items.forEach((item) => item.classList.toggle("right", press > 0 && item.textContent === answer));
      };
      this.extra = Math.max(this.extra, answer ? 1 : 0);
    } else if (!shows) parts.push(revealed(element("p", "guess answer", answer), 1));
    return shows ? [...parts, ...inside] : [element("div", "guess", "", element("p", "sign", "?"), ...parts)];
  },
};
