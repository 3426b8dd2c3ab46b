// Draws equations of tensors: inputs, operators and result from left to right, one worked cell written out beneath.
//
// `draw(element, { equations, levels, texts, stage, heading }, { onOpen, onWorked, blank })` is all there is to call: the
// caller opens cells, and makes what stands in a blank one. It needs no framework and asks nothing of any network. It
// computes no value: it takes numbers from the arrays and writes them into the templates that it is given. Labels come from
// outside: they enter the page as text, never as HTML.
//
// Small matrices are tables. Large ones are heat maps on a canvas that zoom into digits; beside the canvas stands a grid of
// the cells around the cursor, which the keyboard moves in and a screen reader reads.

const SIZES = [28, 26, 24, 22, 20, 19, 18, 17, 16, 15, 14, 13]; // pixels of digits, the largest that fit
const STAGE_SIZES = [44, 40, 36, 32, 30, 28, 26, 24, 22, 20]; // below 28 where an equation would not fit the window
const STAGE_HEAD = 120; // pixels of a talk's window above its equation, at most
const READABLE = 15; // below it a second line is better than smaller digits
const SHARE_OF_WINDOW = 0.56; // of its height, that an equation may take before its digits shrink
const LEAST_HEIGHT = 300;
const NARROW = 560; // pixels of an element in which the parts stand one below the other
const LOOSE = { page: 1.72, stage: 1.5 }; // height of a row, in sizes of its digits
const MOST_CELLS = 1500; // of a matrix that is a table …
const MOST_ROWS = 40; // … and its rows
const FEW_COLUMNS = 12; // up to which a matrix always shows its digits
const BLANK = 5.3; // how wide a blank cell is, in sizes of its digits
const FEW_NAMES = 4; // of columns, which are never cut where a matrix has the page's width for itself
const MOST_TERMS = 16; // of a sum that is written whole
const LARGEST_TERMS = 4; // of a longer one
const MORE_TERMS = [128, 1024]; // when it is unfolded, and again
const HEAT = { widest: 18, height: 340, narrowest: 240, largest: 132, rects: 8, text: 20 };
const ALONE = { widest: 28, height: 800, names: 120 }; // of a heat map that shares the page with no other matrix
const KEY_STEPS = 8; // of colour, from zero to either end of a scale
const LARGE = 200_000; // numbers that are read in slices, so that no frame waits for them
const SLICE = 6; // milliseconds of work between two frames
const WINDOW = { rows: 6, columns: 8 }; // cells around the cursor of a canvas that a screen reader finds
const SIDES = [["t", -1, 0], ["b", 1, 0], ["l", 0, -1], ["r", 0, 1]];
const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

export function draw(element, data, { onOpen = () => {}, onWorked = () => {}, blank = () => "" } = {}) {
  const root = node("div", "tensors");
  const reading = node("div", "reading");
  const ink = node("i", "ink");
  const page = {
    root, reading, onOpen, onWorked, blank,
    levels: data.levels,
    heading: data.heading ?? 2,
    texts: data.texts,
    stage: Boolean(data.stage) || Boolean(within(element, ".stage")),
    width: 0,
    palette: null,
  };
  reading.hidden = true;
  reading.setAttribute("aria-hidden", "true");
  root.classList.toggle("stage", page.stage);
  const equations = data.equations.map((equation, number) => new Equation(page, equation, number));
  root.append(...equations.map(({ section }) => section), reading, ink);
  element.append(root);

  const bySection = new Map(equations.map((equation) => [equation.section, equation]));
  const nearby = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) bySection.get(entry.target).near = entry.isIntersecting;
      page.width = root.clientWidth;
      for (const entry of entries) if (entry.isIntersecting) bySection.get(entry.target).show();
    },
    { rootMargin: "500px" },
  );
  equations.forEach(({ section }) => nearby.observe(section));
  const resized = new ResizeObserver(() => {
    if (root.clientWidth === page.width || !root.clientWidth) return;
    page.width = root.clientWidth;
    equations.forEach((equation) => equation.resize());
  });
  resized.observe(root);
  // The theme changes without a word: but the colour of this element takes a moment to follow, and that is an event.
  const recolour = () => {
    page.palette = null;
    equations.forEach((equation) => equation.recolour());
  };
  ink.addEventListener("transitionend", recolour);
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", recolour);
  return {
    work: (equation, at) => equations[equation].work(at),
    light: (equation, cells) => equations[equation].light(cells),
    // What is in the window stands there at once: where it replaces another, nothing blinks and nothing moves.
    show() {
      page.width = root.clientWidth;
      const seen = equations.filter(({ section }) => inWindow(section.getBoundingClientRect()));
      seen.forEach((equation) => equation.show());
    },
    stop() {
      nearby.disconnect();
      resized.disconnect();
      scheme.removeEventListener("change", recolour);
      root.remove();
    },
  };
}

const inWindow = ({ top, bottom }) => bottom > 0 && top < innerHeight;

// ---------------------------------------------------------------------------------------------------- an equation

class Equation {
  constructor(page, { title, parts, result, worked, lines }, number) {
    this.page = page;
    this.number = number;
    this.title = title;
    this.parts = parts.map((part) => (part.kind === "matrix" ? new Matrix(part, page.texts) : part));
    this.matrices = this.parts.filter((part) => part instanceof Matrix);
    this.byId = new Map(this.matrices.map((part) => [part.id, part]));
    this.result = this.byId.get(result) ?? this.parts[result];
    this.templates = lines ?? [];
    this.worked = this.templates.length ? worked : null; // of numbers that were not computed here, none is open at first
    this.besides = []; // cells that are lit besides those of the lines, as [part, flat place]
    this.unfolded = new Map(); // line and place of a folded sum → how many of its terms are written
    this.section = node("div", "equation");
    this.section.setAttribute("role", "group"); // no landmark: a chapter has many of one name
    this.section.setAttribute("aria-label", title || this.matrices.map(({ label }) => label).join(", "));
    this.row = node("div", "parts");
    this.lines = node("div", "lines");
    if (title) {
      const heading = node("div", "title", title);
      heading.setAttribute("role", "heading");
      heading.setAttribute("aria-level", page.heading);
      this.section.append(heading);
    }
    this.lines.hidden = !this.templates.length;
    this.section.append(this.row, this.lines);
    this.section.style.minHeight = `${this.guessedHeight()}px`;
    this.listen();
  }

  guessedHeight() {
    const rows = Math.max(1, ...this.matrices.map(({ rows, heads }) => Math.min(MOST_ROWS, rows.length) * Math.ceil(Math.sqrt(heads))));
    return Math.min(420, rows * 34) + 130;
  }

  show() {
    if (this.drawn || this.waiting) return;
    const large = this.matrices.filter((part) => !part.values && part.size > LARGE);
    this.matrices.filter((part) => !part.values && part.size <= LARGE).forEach((part) => part.decode());
    if (large.length) {
      this.waiting = Promise.all(large.map((part) => part.decodeInSlices())).then(() => {
        this.waiting = null;
        this.build();
      });
    } else this.build();
  }

  resize() {
    if (!this.drawn) return;
    if (this.near) this.build();
    else this.drawn = false; // drawn when it comes near again
  }

  recolour() {
    if (this.drawn) for (const grid of this.grids) grid.recolour?.();
  }

  build() {
    if (!this.page.width) return;
    const focused = this.focused();
    this.drawn = true;
    const plan = layout(this, this.page);
    this.grids = [];
    this.row.replaceChildren(...this.units(plan));
    this.section.classList.toggle("narrow", this.page.width < NARROW);
    this.row.style.setProperty("--digits", `${plan.size}px`);
    this.row.style.setProperty("--label", `${labelSize(plan.size)}px`);
    this.row.style.setProperty("--header", `${this.headerHeight(plan.size)}px`);
    this.lines.style.setProperty("--digits", `${Math.min(plan.size, !this.page.stage ? 20 : this.templates.length > 2 ? 22 : 32)}px`);
    this.write();
    this.section.style.minHeight = "";
    if (focused) this.grid(focused.part, focused.flat)?.focus(focused.flat % focused.part.area);
  }

  // All headings are equally high, so that the middles of matrices and operators stand at one height.
  headerHeight(size) {
    const names = this.matrices.some(({ symbol, caption }) => symbol || caption) ? Math.max(13, labelSize(size)) * 1.9 : 0;
    const shapes = !this.page.stage && this.matrices.some(({ shape }) => shape) ? 18 : 0;
    return names + shapes + (names || shapes ? 4 : 0);
  }

  // A unit is an operator with the matrix after it: they stay together where the equation wraps.
  units(plan) {
    const units = [];
    let before = [];
    for (const part of this.parts) {
      if (!(part instanceof Matrix)) {
        const operator = node("span", "operator", part.text);
        operator.classList.toggle("long", part.text.length > 3);
        before.push(operator);
        continue;
      }
      const operators = before.length ? [node("div", "operators", ...before)] : [];
      units.push(node("div", "unit", ...operators, this.figure(part, plan.boxes.get(part))));
      before = [];
    }
    if (before.length) (units.at(-1) ?? this.row).append(...before);
    return units;
  }

  figure(part, box) {
    const symbol = part.symbol ? formula(part.symbol) : "";
    const top = node("span", "top", ...(symbol ? [symbol] : []), node("span", "caption", part.caption ?? ""));
    top.title = part.caption ?? "";
    const shape = this.page.stage ? [] : [node("span", "shape", part.shape ?? "")]; // a talk counts rows and columns itself
    const header = node("figcaption", "", top, ...shape);
    const heads = node("div", "heads");
    heads.style.setProperty("--across", box.across);
    for (let head = 0; head < part.heads; head++) {
      const grid = box.heat ? new Heat(this, part, head, box) : new Table(this, part, head, box);
      this.grids.push(grid);
      const holder = node("div", "head");
      if (part.headNames) {
        const caption = node("div", "head-name", filled(part.texts.head, { head: part.headNames[head] }));
        caption.style.setProperty("--band", `var(--head-${head % 7})`);
        holder.append(caption);
      }
      holder.append(grid.node);
      heads.append(holder);
    }
    const figure = node("figure", part === this.result ? "result" : "", header, heads);
    figure.style.setProperty("--role", `var(--role-${part.role})`);
    if (part.leftOut) figure.append(node("p", "left-out", part.leftOut));
    if (part.key) figure.append(scaleKey(part, this.page));
    return figure;
  }

  grid(part, flat) {
    const head = Math.floor(flat / part.area);
    return this.grids?.find((grid) => grid.part === part && grid.head === head);
  }

  // ------------------------------------------------------------------------------------------ the worked cell

  // Where the worked cell is in the result; null while none is.
  get workedFlat() {
    return this.worked && this.result.flat(this.worked);
  }

  work(at, { report = false } = {}) {
    this.worked = at;
    if (this.drawn) this.write();
    if (report) this.page.onWorked({ equation: this.number, at });
  }

  light(cells) {
    this.besides = cells;
    if (this.drawn) this.write();
  }

  // The lines of the worked cell, and the light on every cell that they take a number from.
  write() {
    const lit = new Map(this.matrices.map((part) => [part, new Set()]));
    this.buttons = new Map();
    const written = new Writer(this, lit);
    const { workedFlat } = this;
    const at = this.result?.places && this.worked ? `${this.result.label} [${this.result.places(workedFlat)}]` : "";
    this.lines.setAttribute("role", "group");
    this.lines.setAttribute("aria-label", filled(this.page.texts.lines, { cell: at }));
    const lines = this.templates.map((line, number) => written.line(line, number));
    this.lines.replaceChildren(...lines);
    for (const [part, flat] of this.besides) lit.get(this.byId.get(part)).add(flat);
    for (const grid of this.grids) {
      const worked = this.worked && grid.part === this.result && Math.floor(workedFlat / grid.part.area) === grid.head;
      grid.mark(lit.get(grid.part), worked ? workedFlat % grid.part.area : null);
    }
  }

  unfold(key, terms, count) {
    this.unfolded.set(key, MORE_TERMS.find((most) => most > terms) ?? count);
    this.write();
    this.lines.querySelector(`[data-sum="${key}"] .number`)?.focus();
  }

  // -------------------------------------------------------------------------------------------------- events

  listen() {
    const { section } = this;
    section.addEventListener("pointerover", (event) => this.point(this.place(event)));
    section.addEventListener("pointerleave", () => this.point(null));
    section.addEventListener("focusin", (event) => this.point(this.place(event)));
    section.addEventListener("focusout", () => this.point(null));
    section.addEventListener("click", (event) => {
      const place = this.place(event);
      if (place && !place.dragged) this.activate(place);
    });
    section.addEventListener("keydown", (event) => this.pressed(event));
  }

  // Where an event happened: { part, flat, box } of a cell or of a number in a line.
  place(event) {
    const target = event.target;
    const number = target.closest?.(".number");
    if (number) {
      const part = this.byId.get(Number(number.dataset.part));
      return part && { part, flat: Number(number.dataset.flat), number, box: number };
    }
    const grid = this.grids?.find((candidate) => candidate.node.contains(target));
    return grid?.place(event) ?? null;
  }

  focused() {
    const active = this.section.getRootNode().activeElement;
    return active && this.section.contains(active) ? this.place({ target: active }) : null;
  }

  // Shows all digits of a number, and lights it where it stands and where it is written.
  point(place) {
    const { reading } = this.page;
    for (const button of this.section.querySelectorAll(".number.pointed")) button.classList.remove("pointed");
    this.pointed?.point(null);
    this.pointed = null;
    reading.hidden = !place;
    if (!place) return;
    const { part, flat } = place;
    this.pointed = this.grid(part, flat);
    this.pointed?.point(flat % part.area);
    for (const button of this.buttons?.get(`${part.id}:${flat}`) ?? []) button.classList.add("pointed");
    reading.textContent = `${part.label} [${part.places(flat)}] = ${exact(part.values[flat])}`;
    const box = place.rectangle ?? place.box.getBoundingClientRect();
    const furthest = document.documentElement.clientWidth - reading.offsetWidth - 8;
    reading.style.left = `${Math.max(8, Math.min(box.left, furthest))}px`;
    // Below the matrix, so that it hides none of its numbers; where there is no room for it, above the cell.
    const bottom = place.number ? box.bottom : this.pointed.node.getBoundingClientRect().bottom;
    const below = Math.min(bottom + 6, innerHeight - reading.offsetHeight - 8);
    reading.style.top = `${below >= box.bottom ? below : Math.max(4, box.top - reading.offsetHeight - 8)}px`;
  }

  activate({ part, flat, number }) {
    const isWorked = part === this.result && flat === this.workedFlat;
    if (part === this.result && !number && !isWorked) this.work(part.at(flat), { report: true });
    else this.open(part, flat);
  }

  open(part, flat) {
    const cell = (of, place) => (of.name ? { name: of.name, side: of.side, index: of.index(place) } : null);
    if (part.name) this.page.onOpen({ ...cell(part, flat), from: this.worked && cell(this.result, this.workedFlat) });
  }

  // Only what moves in a matrix is taken: Page Up, Page Down, letters and the space bar belong to the page.
  pressed(event) {
    if (event.altKey || event.metaKey || !event.target.closest?.("[role=gridcell]")) return;
    const place = this.place(event);
    if (!place) return;
    const { part, flat } = place;
    const grid = this.grid(part, flat);
    const [head, row, column] = part.at(flat);
    const [rows, columns] = [part.rows.length, part.columns.length];
    let next = null;
    const step = MOVES[event.key];
    if (step && !event.ctrlKey) next = [clamp(row + step[0], rows), clamp(column + step[1], columns)];
    else if (event.key === "Home") next = [event.ctrlKey ? 0 : row, 0];
    else if (event.key === "End") next = [event.ctrlKey ? rows - 1 : row, columns - 1];
    else if (event.key === "Enter") {
      const isWorked = part === this.result && flat === this.workedFlat;
      if (part === this.result && !isWorked) this.activate(place);
      else this.open(part, flat);
    } else if (event.key === "Escape") {
      event.target.blur();
      this.point(null);
      return;
    } else if (!event.ctrlKey && grid.pressed?.(event.key)) return taken(event);
    else return;
    taken(event);
    if (!next) return;
    const within = next[0] * columns + next[1];
    if (part === this.result && !grid.isBlank?.(within)) this.work([head, ...next], { report: true });
    grid.focus(within);
  }
}

function taken(event) {
  event.preventDefault();
  event.stopPropagation();
}

const clamp = (place, count) => Math.max(0, Math.min(count - 1, place));

// ------------------------------------------------------------------------------------------------------- a matrix

// What a payload says of a matrix, and what is read off it. A flat place counts through heads, rows and columns.
class Matrix {
  constructor(payload, texts) {
    this.texts = texts;
    Object.assign(this, payload);
    this.headNames = payload.heads;
    this.heads = payload.heads?.length ?? 1;
    this.leftOut = payload.left_out;
    this.area = this.rows.length * this.columns.length;
    this.size = this.heads * this.area;
    this.rowsNamed = !unnamed(this.rows);
    this.columnsNamed = !unnamed(this.columns);
    this.columnsCounted = this.columns.every((name) => /^\d+$/.test(name));
    this.label = payload.caption || payload.name?.split(".").at(-1).replaceAll("_", " ") || textOf(payload.symbol);
    this.digits = payload.decimals ?? decimals(payload.limit);
    this.values = null;
    this.widths = {};
  }

  decode() {
    const binary = atob(this.float64);
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
    this.values = new Float64Array(bytes.buffer);
    this.float64 = null;
  }

  // The same, a slice a frame.
  async decodeInSlices() {
    const bytes = new Uint8Array(this.size * 8);
    const step = 1 << 18; // characters, four for three bytes
    for (let from = 0, filled = 0; from < this.float64.length; ) {
      const until = performance.now() + SLICE;
      while (from < this.float64.length && performance.now() < until) {
        const binary = atob(this.float64.slice(from, from + step));
        for (let i = 0; i < binary.length; i++) bytes[filled + i] = binary.charCodeAt(i);
        filled += binary.length;
        from += step;
      }
      await nextFrame();
    }
    this.values = new Float64Array(bytes.buffer);
    this.float64 = null;
  }

  flat([head, row, column]) {
    return (head * this.rows.length + row) * this.columns.length + column;
  }

  at(flat) {
    const within = flat % this.area;
    return [Math.floor(flat / this.area), Math.floor(within / this.columns.length), within % this.columns.length];
  }

  // In words: the names of its head, its row and its column.
  places(flat) {
    const [head, row, column] = this.at(flat);
    const named = [this.headNames && filled(this.texts.head, { head: this.headNames[head] }), this.rowsNamed && this.rows[row], this.columnsNamed && this.columns[column]];
    return named.filter((name) => name || name === 0).join(", ");
  }

  // In the tensor's own coordinates: an axis that is only drawn, to make a row or a column of a vector, is none of its own.
  index(flat) {
    const [head, row, column] = this.at(flat);
    const own = [[this.rowsNamed, this.rowPlaces?.[row] ?? row], [this.columnsNamed, this.columnPlaces?.[column] ?? column]];
    if (this.transposed) own.reverse();
    const places = own.filter(([counts]) => counts || this.axes).map(([, place]) => place);
    const index = this.headNames ? [this.headPlaces?.[head] ?? head, ...places] : places;
    return this.axes ? index.slice(index.length - this.axes) : index;
  }

  written(flat) {
    return write(this.values[flat], this);
  }

  // The text of most characters, which decides how wide cells are.
  get widest() {
    if (this.widestText) return this.widestText;
    if (this.size > 2 * MOST_CELLS) return (this.widestText = write(-(this.limit || 1), this));
    let most = "";
    for (let i = 0; i < this.size; i++) {
      const text = write(this.values[i], this);
      if (text.length > most.length) most = text;
    }
    return (this.widestText = most);
  }

  // How wide its longest name is, in sizes of the font.
  width(axis, measure) {
    return (this.widths[axis] ??= longest(this[axis], measure));
  }

  level(value, levels) {
    if (!Number.isFinite(value)) return "masked";
    const level = this.limit ? halfEven(Math.min(1, Math.abs(value) / this.limit) * levels) : 0;
    return (this.probabilities ? "s" : value < 0 ? "n" : "p") + level;
  }

  band(place) {
    return this.bands ? `var(--head-${this.bands[place] % 7})` : "";
  }
}

const unnamed = (labels) => labels.length === 1 && labels[0] === "";

// --------------------------------------------------------------------------------------------------- room for it

const labelSize = (size) => Math.max(12, Math.min(22, Math.round(size * 0.62)));

// How large digits are, and what becomes a heat map: the largest digits with which the equation fits on a line, and on two
// lines where they would be small on one.
function layout(equation, page) {
  const measure = measuring(page.root);
  const lines = equation.templates.length; // of the worked cell, and the title above it
  const below = (equation.title ? 50 : 4) + 10 + lines * (lines > 2 ? 34 : 44);
  const above = Math.min(STAGE_HEAD, Math.max(0, page.root.getBoundingClientRect().top));
  const room = page.stage ? innerHeight - above - below : innerHeight * SHARE_OF_WINDOW;
  const height = Math.max(LEAST_HEIGHT, room);
  const sizes = page.stage ? STAGE_SIZES : SIZES;
  const smallest = sizes.at(-1);
  const alone = equation.matrices.length === 1;
  const heats = equation.matrices.filter((part) => !part.blanks).filter((part) => isLarge(part, alone) || (part.columns.length > FEW_COLUMNS && tableBox(part, smallest, 1, measure).width > page.width));
  const plan = (size, besides) => {
    const boxes = new Map();
    for (const part of equation.matrices) {
      const across = besides && (alone || part.heads < 4) ? part.heads : part.heads < 4 ? 1 : Math.ceil(Math.sqrt(part.heads));
      boxes.set(part, heats.includes(part) ? heatBox(part, size, heats.length, page.width, measure, alone) : tableBox(part, size, across, measure, LOOSE[page.stage ? "stage" : "page"], alone));
    }
    return { size, boxes, ...wrapped(equation, boxes, size, page.width, measure) };
  };
  const fits = (lines, least) => {
    for (const size of sizes.filter((candidate) => candidate >= least)) {
      for (const besides of alone ? [true, false] : [false, true]) {
        const tried = plan(size, besides);
        if (tried.lines <= lines && tried.height <= height && !tried.overflows) return tried;
      }
    }
    return null;
  };
  const readable = page.stage ? 28 : Math.max(READABLE, smallest);
  const scrolls = alone && !page.stage; // what is long alone is scrolled, and keeps its digits
  if (page.width >= NARROW && !scrolls) {
    const anyhow = page.stage ? (fits(Infinity, readable) ?? fits(Infinity, smallest)) : null;
    const found = fits(1, readable) ?? fits(2, readable) ?? anyhow ?? fits(1, smallest) ?? fits(2, smallest);
    if (found) return found;
  }
  const sensible = page.stage ? [smallest] : sizes.filter((size) => size <= 18);
  const lowest = (size) => [plan(size, false), plan(size, true)].reduce((a, b) => (b.overflows || b.height >= a.height ? a : b));
  return fits(Infinity, readable) ?? sensible.map(lowest).find(({ overflows }) => !overflows) ?? plan(smallest, false);
}

// One matrix alone may be as long as it is: the page scrolls.
const isLarge = (part, alone) => part.area > MOST_CELLS || (!alone && part.rows.length > MOST_ROWS);

function tableBox(part, size, across, measure, loose = LOOSE.page, alone = false) {
  const names = labelSize(size);
  const label = part.rowsNamed ? Math.min(part.width("rows", measure), 9.5) * names + 12 : 2;
  const digits = Math.max(measure(part.widest) + 0.62, part.blanks ? BLANK : 0) * size;
  const name = part.columnsNamed ? part.width("columns", measure) * names : 0;
  const named = alone && part.columns.length <= FEW_NAMES ? name * 1.05 + 10 : name && Math.min(name + 8, digits * 1.3);
  const cell = Math.ceil(Math.max(digits, named, size * 1.9));
  const one = { width: label + cell * part.columns.length + 8, height: part.rows.length * size * loose + names * 1.5 };
  const downwards = Math.ceil(part.heads / across);
  const caption = (measure(part.caption ?? "") + measure(textOf(part.symbol))) * names * 1.15 + 16;
  return {
    across, cell, label, size,
    width: Math.max(one.width * across + (across - 1) * size, caption),
    height: (one.height + (part.headNames ? names * 1.6 : 0)) * downwards + (downwards - 1) * 8,
  };
}

function heatBox(part, size, count, width, measure, alone) {
  const label = part.rowsNamed ? Math.min(part.width("rows", measure), 8) * 12 + 10 : 4;
  const upright = alone && part.columnsNamed && !part.columnsCounted;
  const top = upright ? Math.min(part.width("columns", measure) * 12 + 10, ALONE.names) : part.columnsNamed ? 18 : 4;
  const [widest, highest] = alone ? [ALONE.widest, ALONE.height] : [HEAT.widest, HEAT.height];
  const room = width >= NARROW && count > 1 ? Math.max(HEAT.narrowest, Math.floor(width / count) - 44) : width - 30;
  const digits = measure(part.widest) * 14 + 14;
  const columns = part.columns.length;
  const fit = (room - label) / columns;
  const lowest = alone ? Math.max(HEAT.rects, ALONE.height / part.rows.length) : Infinity; // so that all rows are seen
  const cell = columns <= FEW_COLUMNS ? Math.min(Math.max(fit, 24), Math.max(digits, 44)) : Math.min(fit, widest, lowest);
  const inner = Math.min(room - label, cell * columns);
  const high = Math.min(highest, Math.max(24, part.rows.length * heightOf(cell)));
  const across = Math.max(1, Math.min(part.heads, Math.floor(width / (inner + label + 40))));
  const one = { width: inner + label + 2, height: high + top + 34 };
  const downwards = Math.ceil(part.heads / across);
  return {
    heat: true, across, label, top, upright, cell, digits, size,
    inner: { width: inner, height: high },
    width: one.width * across + 16 * (across - 1),
    height: one.height * downwards,
  };
}

// On how many lines the units stand, and how high they are together.
function wrapped(equation, boxes, size, width, measure) {
  const header = equation.headerHeight(size) + 12;
  let [lines, used, high, total, overflows, before] = [1, 0, 0, 0, false, 0];
  for (const part of equation.parts) {
    if (!(part instanceof Matrix)) {
      before += measure(part.text) * size * (part.text.length > 3 ? 0.75 : 1.3) + size;
      continue;
    }
    const box = boxes.get(part);
    const unit = before + box.width;
    if (used && used + unit > width) {
      total += high;
      [lines, used, high] = [lines + 1, 0, 0];
    }
    overflows ||= unit > width;
    used += unit + 2;
    high = Math.max(high, box.height + header);
    before = 0;
  }
  return { lines, height: total + high, overflows };
}

// Of very many names some at the start and at the end: counted ones grow.
function longest(labels, measure) {
  const some = labels.length > 400 ? [...labels.slice(0, 200), ...labels.slice(-200)] : labels;
  return some.reduce((most, label) => Math.max(most, measure(String(label))), 0);
}

// Widths of texts in sizes of their font.
function measuring(root) {
  const context = (measuring.context ??= document.createElement("canvas").getContext("2d"));
  const { fontFamily } = getComputedStyle(root);
  context.font = `100px ${fontFamily}`;
  return (text) => context.measureText(text).width / 100;
}

// The scale of a matrix, with the numbers at its ends.
function scaleKey(part, page) {
  const limit = part.limit || 1;
  const ends = [part.probabilities ? 0 : -limit, limit].map((end) => (Number.isInteger(end) ? exact(end) : write(end, part)));
  const ramp = node("span", "ramp");
  for (let step = part.probabilities ? 0 : -KEY_STEPS; step <= KEY_STEPS; step++) {
    ramp.append(node("i", part.level((step / KEY_STEPS) * limit, page.levels)));
  }
  const key = node("p", "key", ends[0], ramp, ends[1]);
  key.setAttribute("role", "img");
  key.setAttribute("aria-label", filled(page.texts.scale, { low: ends[0], high: ends[1] }));
  return key;
}

// ------------------------------------------------------------------------------------------- a matrix as a table

class Table {
  constructor(equation, part, head, box) {
    Object.assign(this, { equation, part, head });
    const { rows, columns } = part;
    this.offset = head * part.area;
    this.cells = [];
    const table = node("table");
    table.setAttribute("role", "grid");
    table.setAttribute("aria-label", naming(part, head));
    if (part.columnsNamed || part.rowsNamed) {
      const names = columns.map((label, column) => heading("col", part.columnsNamed ? label : "", part.bandsOf === "columns" ? part.band(column) : ""));
      table.append(node("thead", "", node("tr", "", ...(part.rowsNamed ? [node("td", "corner")] : []), ...names)));
    }
    const body = node("tbody");
    const start = (part === equation.result && equation.worked) || [0, 0, 0];
    rows.forEach((label, row) => {
      const line = node("tr");
      if (part.rowsNamed) line.append(heading("row", label, part.bandsOf === "rows" ? part.band(row) : ""));
      columns.forEach((_, column) => {
        const within = row * columns.length + column;
        const value = part.values[this.offset + within];
        const blank = part.blanks?.[this.offset + within];
        const cell = blank
          ? node("td", "blank", equation.page.blank(blank)) // no cell of ours: what stands in it takes the keys
          : node("td", part.level(value, equation.page.levels), write(value, part));
        if (!blank) {
          cell.setAttribute("role", "gridcell");
          cell.tabIndex = -1;
        }
        this.cells.push(cell);
        line.append(cell);
      });
      body.append(line);
    });
    table.append(body);
    this.current = start[0] === head ? start[1] * columns.length + start[2] : 0;
    if (this.isBlank(this.current)) this.current = this.cells.findIndex((_, within) => !this.isBlank(within));
    if (this.cells[this.current]) this.cells[this.current].tabIndex = 0;
    this.node = node("div", "scroll", table);
    this.node.style.setProperty("--cell", `${box.cell}px`);
    this.marked = [];
  }

  place({ target }) {
    const cell = target.closest?.("[role=gridcell]");
    if (!cell) return null;
    const within = this.cells.indexOf(cell);
    return { part: this.part, flat: this.offset + within, box: cell };
  }

  mark(lit, worked) {
    for (const cell of this.marked) cell.classList.remove("lit", "worked", "t", "r", "b", "l");
    this.cells[this.worked]?.removeAttribute("aria-selected");
    this.marked = [];
    const columns = this.part.columns.length;
    for (const flat of lit) {
      const within = flat - this.offset;
      const cell = this.cells[within];
      if (!cell) continue; // of another head
      const column = within % columns;
      cell.classList.add("lit");
      for (const [side, down, right] of SIDES) {
        const beyond = column + right < 0 || column + right >= columns;
        const neighbour = flat + down * columns + right;
        if (beyond || !this.cells[neighbour - this.offset] || !lit.has(neighbour)) cell.classList.add(side);
      }
      this.marked.push(cell);
    }
    this.worked = worked;
    const cell = worked === null ? null : this.cells[worked];
    if (!cell) return;
    cell.classList.add("worked");
    cell.setAttribute("aria-selected", "true");
    this.marked.push(cell);
    if (this.cells[this.current] !== this.equation.section.getRootNode().activeElement) this.rove(worked);
  }

  point(within) {
    this.pointedCell?.classList.remove("pointed");
    this.pointedCell = within === null ? null : this.cells[within];
    this.pointedCell?.classList.add("pointed");
  }

  isBlank(within) {
    return Boolean(this.part.blanks?.[this.offset + within]);
  }

  rove(within) {
    if (this.cells[this.current]) this.cells[this.current].tabIndex = -1; // none, where all are blank
    this.current = within;
    this.cells[within].tabIndex = 0;
  }

  focus(within) {
    const cell = this.cells[within];
    if (this.isBlank(within)) return cell.querySelector("input").focus();
    this.rove(within);
    cell.ariaLabel = exact(this.part.values[this.offset + within]);
    cell.focus();
  }
}

function naming(part, head) {
  return part.headNames ? filled(part.texts.tensor_head, { tensor: part.label, head: part.headNames[head] }) : part.label;
}

function heading(scope, text, band) {
  if (text === "") return node("td", "corner");
  const cell = node("th", band ? "banded" : "", node("span", "", String(text)));
  cell.scope = scope;
  cell.title = text;
  if (band) cell.style.setProperty("--band", band);
  return cell;
}

// ---------------------------------------------------------------------------------------- a matrix as a heat map

// A cell is square while it shows its colour alone, and wider than high when there are digits in it.
const heightOf = (width) => (width <= 24 ? width : 24 + (width - 24) * 0.2);

class Heat {
  constructor(equation, part, head, { inner, label, top, upright, cell, digits }) {
    Object.assign(this, { equation, part, head, label, top, upright, digits });
    this.offset = head * part.area;
    [this.rows, this.columns] = [part.rows.length, part.columns.length];
    [this.width, this.height] = [Math.round(inner.width), Math.round(inner.height)];
    this.lowest = this.height;
    this.least = Math.min(cell, this.width / this.columns);
    this.view = { x: 0, y: 0, cell };
    this.cursor = 0;
    this.lit = new Set();
    this.worked = null;
    this.pointedCell = null;
    this.canvas = node("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    this.canvas.style.width = `${this.width + label}px`;
    this.canvas.style.height = `${this.height + top}px`;
    this.window = node("div", "window");
    const attributes = { role: "grid", "aria-label": naming(part, head), "aria-rowcount": this.rows + 1, "aria-colcount": this.columns + 1 };
    for (const [name, value] of Object.entries(attributes)) this.window.setAttribute(name, value);
    this.node = node("div", "heat", node("div", "sheet", this.canvas, this.window), this.tools());
    this.listen();
    this.fillWindow();
    this.colourBitmap();
  }

  tools() {
    const { texts } = this.equation.page;
    const button = (text, label, act) => {
      const made = node("button", "", text);
      made.type = "button";
      made.setAttribute("aria-label", `${label}, ${naming(this.part, this.head)}`);
      made.title = label;
      made.onclick = act;
      return made;
    };
    return node(
      "div", "tools",
      button("+", texts.zoom_in, () => this.zoom(1.6)),
      button(MINUS, texts.zoom_out, () => this.zoom(1 / 1.6)),
      button(texts.digits, texts.show_digits, () => this.zoomToDigits()),
      button(texts.all, texts.show_all, () => this.zoom(this.least / this.view.cell)),
    );
  }

  // --------------------------------------------------------------------------------------------- where one looks

  zoom(by, at = this.middle()) {
    const old = this.view.cell;
    const cell = Math.max(this.least, Math.min(HEAT.largest, old * by));
    const [column, row] = [this.view.x + at.x / old, this.view.y + at.y / heightOf(old)];
    this.view = { cell, x: column - at.x / cell, y: row - at.y / heightOf(cell) };
    this.keepInside();
  }

  zoomToDigits() {
    this.zoom(Math.max(this.digits, 44) / this.view.cell);
    [this.view.x, this.view.y] = [Math.floor(this.view.x), Math.floor(this.view.y)]; // no number cut at the start
    this.keepInside();
  }

  // The cell one is at stays where it is; without one, the middle does.
  middle() {
    const cell = this.view.cell;
    const at = this.worked ?? this.cursor;
    const x = ((at % this.columns) + 0.5 - this.view.x) * cell;
    const y = (Math.floor(at / this.columns) + 0.5 - this.view.y) * heightOf(cell);
    const seen = x >= 0 && y >= 0 && x <= this.width && y <= this.height;
    return seen ? { x, y } : { x: this.width / 2, y: this.height / 2 };
  }

  pan(x, y) {
    this.view.x += x / this.view.cell;
    this.view.y += y / heightOf(this.view.cell);
    this.keepInside();
  }

  // What is zoomed may be higher than it was.
  keepInside() {
    const { view } = this;
    this.height = Math.max(this.lowest, Math.min(HEAT.height, Math.round(this.rows * heightOf(view.cell))));
    this.canvas.style.height = `${this.height + this.top}px`;
    view.x = Math.max(0, Math.min(this.columns - this.width / view.cell, view.x));
    view.y = Math.max(0, Math.min(this.rows - this.height / heightOf(view.cell), view.y));
    this.canvas.classList.toggle("zoomed", view.cell > this.least * 1.01);
    this.repaint();
  }

  bringIntoView(within) {
    const [row, column] = [Math.floor(within / this.columns), within % this.columns];
    const [across, down] = [this.width / this.view.cell, this.height / heightOf(this.view.cell)];
    const { view } = this;
    view.x = Math.min(column, Math.max(column + 1 - across, view.x));
    view.y = Math.min(row, Math.max(row + 1 - down, view.y));
    this.keepInside();
  }

  // ---------------------------------------------------------------------------------------------------- painting

  repaint() {
    if (this.asked) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = 0;
      this.paint();
    });
  }

  recolour() {
    this.colourBitmap();
  }

  // One pixel a cell, and each half as large again: filled a slice a frame.
  async colourBitmap() {
    const run = (this.run = {});
    const colours = colouring(this.equation.page);
    const { rows, columns, part, offset } = this;
    const step = Math.ceil(Math.max(rows, columns) / 8192); // no browser has larger canvases for certain
    const [high, wide] = [Math.ceil(rows / step), Math.ceil(columns / step)];
    const bitmap = sheet(wide, high);
    const context = bitmap.getContext("2d");
    const band = Math.max(1, Math.floor(16_384 / wide));
    const small = rows * columns <= 16_384;
    this.repaint();
    let until = performance.now() + SLICE;
    for (let from = 0; from < high; from += band) {
      if (!small && performance.now() > until) {
        await nextFrame();
        if (run !== this.run) return;
        until = performance.now() + SLICE;
      }
      const image = context.createImageData(wide, Math.min(band, high - from));
      const pixels = new Uint32Array(image.data.buffer);
      for (let y = 0; y < image.height; y++) {
        let at = offset + (from + y) * step * columns;
        for (let x = 0; x < wide; x++, at += step) pixels[y * wide + x] = colours.pixel(part.values[at], part);
      }
      context.putImageData(image, 0, from);
    }
    const levels = [bitmap];
    while (Math.max(levels.at(-1).width, levels.at(-1).height) > 512) {
      if (!small) await nextFrame();
      if (run !== this.run) return;
      const last = levels.at(-1);
      const half = sheet(Math.max(1, last.width >> 1), Math.max(1, last.height >> 1));
      half.getContext("2d").drawImage(last, 0, 0, half.width, half.height);
      levels.push(half);
    }
    this.bitmaps = levels;
    this.step = step;
    this.paint();
  }

  paint() {
    const ratio = devicePixelRatio || 1;
    const { canvas, label, top, width, height, view, part } = this;
    const colours = colouring(this.equation.page);
    const [pixelsWide, pixelsHigh] = [Math.round((width + label) * ratio), Math.round((height + top) * ratio)];
    if (canvas.width !== pixelsWide) canvas.width = pixelsWide;
    if (canvas.height !== pixelsHigh) canvas.height = pixelsHigh;
    const context = (this.context ??= canvas.getContext("2d"));
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width + label, height + top);
    const [wide, high] = [view.cell, heightOf(view.cell)];
    const [fromColumn, fromRow] = [Math.max(0, Math.floor(view.x)), Math.max(0, Math.floor(view.y))];
    const toColumn = Math.min(this.columns, Math.ceil(view.x + width / wide));
    const toRow = Math.min(this.rows, Math.ceil(view.y + height / high));
    const xOf = (column) => label + (column - view.x) * wide;
    const yOf = (row) => top + (row - view.y) * high;
    context.save();
    context.beginPath();
    context.rect(label, top, width, height);
    context.clip();
    if (wide >= HEAT.rects) this.paintCells(context, colours, { fromRow, toRow, fromColumn, toColumn, xOf, yOf, wide, high });
    else if (this.bitmaps) {
      const perCell = wide * ratio * this.step;
      const level = perCell >= 1 ? 0 : Math.min(this.bitmaps.length - 1, Math.floor(Math.log2(1 / perCell) + 0.5));
      const bitmap = this.bitmaps[level];
      const [scaleX, scaleY] = [bitmap.width / this.columns, bitmap.height / this.rows];
      context.imageSmoothingEnabled = perCell < 1;
      context.drawImage(bitmap, view.x * scaleX, view.y * scaleY, (width / wide) * scaleX, (height / high) * scaleY, label, top, width, height);
    }
    this.paintFrames(context, colours, { xOf, yOf, wide, high });
    context.restore();
    context.strokeStyle = colours.line;
    context.strokeRect(label - 0.5, top - 0.5, width + 1, height + 1);
    this.paintBars(context, colours, { wide, high });
    this.paintNames(context, colours, { fromRow, toRow, fromColumn, toColumn, xOf, yOf, wide, high });
    this.canvas.dataset.digits = wide >= this.digitsFrom(wide) ? "true" : "false";
  }

  digitsFrom() {
    return Math.min(this.digits, Math.max(44, this.digits * 0.94));
  }

  paintCells(context, colours, { fromRow, toRow, fromColumn, toColumn, xOf, yOf, wide, high }) {
    const { part, offset, columns } = this;
    const gap = wide > 14 ? 1 : 0;
    const digits = wide >= this.digitsFrom();
    const size = digits ? Math.max(12, Math.min(HEAT.text, ((wide - 10) / (this.digits - 14)) * 14, high * 0.68)) : 0;
    context.font = `${size}px ${colours.font}`;
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (let row = fromRow; row < toRow; row++) {
      for (let column = fromColumn; column < toColumn; column++) {
        const value = part.values[offset + row * columns + column];
        const level = part.level(value, colours.levels);
        const [x, y] = [xOf(column), yOf(row)];
        context.fillStyle = colours.fill[level];
        context.fillRect(x, y, wide - gap, high - gap);
        if (level === "masked") hatch(context, colours, x, y, wide - gap, high - gap);
        if (!digits) continue;
        context.fillStyle = colours.text[level];
        context.fillText(write(value, part), x + wide - 6, y + high / 2);
      }
    }
  }

  paintFrames(context, colours, { xOf, yOf, wide, high }) {
    const { columns, part } = this;
    const frame = (from, to, colour, line) => {
      const [x, y] = [xOf(from % columns), yOf(Math.floor(from / columns))];
      const [w, h] = [xOf((to % columns) + 1) - x, yOf(Math.floor(to / columns) + 1) - y];
      const grown = Math.max(0, (5 - Math.min(w, h)) / 2); // so that a cell of half a pixel is seen
      context.lineWidth = line + 2;
      context.strokeStyle = colours.paper;
      context.strokeRect(x - grown, y - grown, w + 2 * grown, h + 2 * grown);
      context.lineWidth = line;
      context.strokeStyle = colour;
      context.strokeRect(x - grown, y - grown, w + 2 * grown, h + 2 * grown);
    };
    const own = [...this.lit].map((flat) => flat - this.offset).filter((within) => within >= 0 && within < part.area);
    const role = colours.role(part.role);
    for (const [from, to] of runs(own, columns)) frame(from, to, role, 2);
    if (this.worked !== null) frame(this.worked, this.worked, colours.ink, 3);
    if (this.pointedCell !== null && wide > 3) frame(this.pointedCell, this.pointedCell, colours.primary, 2);
  }

  // Where the part that is seen lies in the whole, as scroll bars say it.
  paintBars(context, colours, { wide, high }) {
    const { view, label, top, width, height } = this;
    const [across, down] = [width / (this.columns * wide), height / (this.rows * high)];
    context.fillStyle = colours.quiet;
    context.globalAlpha = 0.75;
    if (across < 0.999) context.fillRect(label + (view.x / this.columns) * width, top + height - 4, Math.max(12, across * width), 4);
    if (down < 0.999) context.fillRect(label + width - 4, top + (view.y / this.rows) * height, 4, Math.max(12, down * height));
    context.globalAlpha = 1;
  }

  paintNames(context, colours, { fromRow, toRow, fromColumn, toColumn, xOf, yOf, wide, high }) {
    const { part, label, top } = this;
    context.fillStyle = colours.quiet;
    context.font = `12px ${colours.font}`;
    context.textBaseline = "middle";
    context.textAlign = "right";
    const everyRow = roundStep(13 / high);
    if (part.rowsNamed) {
      for (let row = Math.ceil(fromRow / everyRow) * everyRow; row < toRow; row += everyRow) {
        const y = yOf(row) + high / 2;
        if (y > top - 2 && y < top + this.height + 6) context.fillText(shortened(context, part.rows[row], label - 8), label - 6, y);
      }
    }
    const roomOfName = part.columnRoom ??= Math.min(90, longest(part.columns, (text) => context.measureText(text).width) + 10);
    const upright = this.upright && wide < roomOfName; // words that have no room above their column stand on their ends
    const everyColumn = roundStep((upright ? 13 : roomOfName) / wide);
    context.textBaseline = upright ? "middle" : "bottom";
    context.textAlign = upright ? "left" : "center";
    for (let column = Math.ceil(fromColumn / everyColumn) * everyColumn; column < toColumn; column += everyColumn) {
      const x = xOf(column) + wide / 2;
      if (!part.columnsNamed || x <= label - 2 || x >= label + this.width) continue;
      const name = shortened(context, part.columns[column], upright ? top - 8 : Math.max(roomOfName, wide) - 6);
      context.save();
      context.translate(x, top - 4);
      if (upright) context.rotate(-Math.PI / 2);
      context.fillText(name, 0, 0);
      context.restore();
    }
    if (!part.bands) return;
    const rows = part.bandsOf === "rows";
    for (let place = rows ? fromRow : fromColumn; place < (rows ? toRow : toColumn); place++) {
      context.fillStyle = colours.head(part.bands[place]);
      if (rows) context.fillRect(label - 4, yOf(place), 3, high);
      else context.fillRect(xOf(place), top - 4, wide, 3);
    }
  }

  // ------------------------------------------------------------------------------------------------------ events

  listen() {
    const { canvas } = this;
    let from = null;
    canvas.addEventListener("pointerdown", (event) => {
      from = { x: event.clientX, y: event.clientY, moved: false };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (from && event.buttons) {
        const [x, y] = [from.x - event.clientX, from.y - event.clientY];
        if (!from.moved && Math.hypot(x, y) < 4) return;
        this.pan(x, y);
        from = { x: event.clientX, y: event.clientY, moved: true };
        return;
      }
      const place = this.place(event);
      if (place?.flat !== this.hovered) this.equation.point(place);
      this.hovered = place?.flat;
    });
    canvas.addEventListener("pointerleave", () => (this.hovered = undefined));
    canvas.addEventListener("pointerup", () => {
      this.dragged = Boolean(from?.moved);
      from = null;
    });
    canvas.addEventListener("click", (event) => {
      const place = this.place(event);
      if (place && !this.dragged) this.focus(place.flat - this.offset, false);
    });
    // The wheel scrolls the page, unless the reader is in the matrix or holds Ctrl, as a pinch on a touchpad does.
    this.node.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey && !event.metaKey && !this.node.contains(this.node.getRootNode().activeElement)) return;
        event.preventDefault();
        if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return this.pan(event.deltaX || event.deltaY, 0);
        const box = canvas.getBoundingClientRect();
        this.zoom(Math.exp(-event.deltaY / 300), { x: event.clientX - box.left - this.label, y: event.clientY - box.top - this.top });
      },
      { passive: false },
    );
  }

  pressed(key) {
    const by = { "+": 1.6, "=": 1.6, "-": 1 / 1.6, [MINUS]: 1 / 1.6 }[key];
    if (by) this.zoom(by);
    return Boolean(by);
  }

  place(event) {
    const { part, offset } = this;
    const cell = event.target.closest?.("[role=gridcell]");
    if (cell) return { part, flat: offset + Number(cell.dataset.within), rectangle: this.rectangle(Number(cell.dataset.within)) };
    if (event.target !== this.canvas || event.clientX === undefined) return null;
    const box = this.canvas.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left - this.label) / this.view.cell + this.view.x);
    const row = Math.floor((event.clientY - box.top - this.top) / heightOf(this.view.cell) + this.view.y);
    const inside = event.clientX - box.left >= this.label && event.clientY - box.top >= this.top;
    if (!inside || row < 0 || column < 0 || row >= this.rows || column >= this.columns) return null;
    const within = row * this.columns + column;
    return { part, flat: offset + within, rectangle: this.rectangle(within), dragged: this.dragged };
  }

  // Where a cell stands in the window.
  rectangle(within) {
    const box = this.canvas.getBoundingClientRect();
    const left = box.left + this.label + ((within % this.columns) - this.view.x) * this.view.cell;
    const top = box.top + this.top + (Math.floor(within / this.columns) - this.view.y) * heightOf(this.view.cell);
    return { left, top, bottom: top + heightOf(this.view.cell) };
  }

  mark(lit, worked) {
    this.lit = lit;
    this.worked = worked;
    if (worked !== null && !this.node.contains(this.node.getRootNode().activeElement)) {
      this.cursor = worked;
      this.fillWindow();
    }
    this.repaint();
  }

  point(within) {
    this.pointedCell = within;
    this.repaint();
  }

  focus(within, scroll = true) {
    this.cursor = within;
    if (scroll) this.bringIntoView(within);
    this.fillWindow();
    this.window.querySelector("[tabindex='0']").focus({ preventScroll: true });
    if (scroll) this.node.scrollIntoView({ block: "nearest" });
  }

  // The cells around the cursor, as a screen reader finds them.
  fillWindow() {
    const { part, rows, columns, cursor } = this;
    const [row, column] = [Math.floor(cursor / columns), cursor % columns];
    const fromRow = Math.max(0, Math.min(rows - WINDOW.rows, row - (WINDOW.rows >> 1)));
    const fromColumn = Math.max(0, Math.min(columns - WINDOW.columns, column - (WINDOW.columns >> 1)));
    const [toRow, toColumn] = [Math.min(rows, fromRow + WINDOW.rows), Math.min(columns, fromColumn + WINDOW.columns)];
    const cell = (role, text, place) => {
      const made = node("span", "", String(text));
      made.setAttribute("role", role);
      made.setAttribute("aria-colindex", place);
      return made;
    };
    const line = (place, ...cells) => {
      const made = node("div", "", ...cells);
      made.setAttribute("role", "row");
      made.setAttribute("aria-rowindex", place);
      return made;
    };
    const across = range(fromColumn, toColumn);
    const names = across.map((place) => cell("columnheader", part.columns[place] || place + 1, place + 2));
    const lines = range(fromRow, toRow).map((down) => {
      const numbers = across.map((place) => {
        const within = down * columns + place;
        const made = cell("gridcell", exact(part.values[this.offset + within]), place + 2);
        made.dataset.within = within;
        made.tabIndex = within === cursor ? 0 : -1;
        if (within === this.worked) made.setAttribute("aria-selected", "true");
        return made;
      });
      return line(down + 2, cell("rowheader", part.rows[down] || down + 1, 1), ...numbers);
    });
    const corner = cell("columnheader", part.label, 1);
    this.window.replaceChildren(line(1, corner, ...names), ...lines);
  }
}

const range = (from, to) => Array.from({ length: to - from }, (_, i) => from + i);

// Cells one after the other, in a row or in a column, as [first, last].
function runs(cells, columns) {
  if (cells.length > 2) {
    cells.sort((a, b) => a - b);
    const step = cells[1] - cells[0];
    const [first, last] = [cells[0], cells.at(-1)];
    const inRow = step === 1 && Math.floor(first / columns) === Math.floor(last / columns);
    if ((inRow || step === columns) && last - first === step * (cells.length - 1)) return [[first, last]];
  }
  return cells.map((cell) => [cell, cell]);
}

function sheet(width, height) {
  const made = document.createElement("canvas");
  [made.width, made.height] = [width, height];
  return made;
}

function hatch(context, colours, x, y, width, height) {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = colours.line;
  context.lineWidth = 1.5;
  context.beginPath();
  for (let at = -height; at < width; at += 6) {
    context.moveTo(x + at, y + height);
    context.lineTo(x + at + height, y);
  }
  context.stroke();
  context.restore();
}

// 1, 2, 5, 10, 20 … whichever is not below.
function roundStep(least) {
  if (least <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least);
}

function shortened(context, label, room) {
  let text = String(label);
  if (context.measureText(text).width <= room) return text;
  while (text.length > 1 && context.measureText(`${text}…`).width > room) text = text.slice(0, -1);
  return `${text}…`;
}

// The colours that the stylesheet gives now, for what is painted.
function colouring(page) {
  if (page.palette) return page.palette;
  const probe = node("i", "probe");
  page.root.append(probe);
  const style = getComputedStyle(probe);
  const [fill, text, packed] = [{}, {}, {}];
  const context = sheet(1, 1).getContext("2d", { willReadFrequently: true });
  const names = ["masked"];
  for (const scale of "nps") for (let level = 0; level <= page.levels; level++) names.push(scale + level);
  for (const name of names) {
    probe.className = `probe ${name}`;
    [fill[name], text[name]] = [style.backgroundColor, style.color];
    context.fillStyle = fill[name];
    context.clearRect(0, 0, 1, 1);
    context.fillRect(0, 0, 1, 1);
    packed[name] = new Uint32Array(context.getImageData(0, 0, 1, 1).data.buffer)[0];
  }
  const colour = (value) => {
    probe.className = "probe";
    probe.style.color = value;
    return style.color;
  };
  const tables = Object.fromEntries([..."nps"].map((scale) => [scale, Uint32Array.from({ length: page.levels + 1 }, (_, i) => packed[scale + i])]));
  const { n, p, s } = tables;
  page.palette = {
    levels: page.levels, fill, text,
    font: style.fontFamily,
    ink: colour("var(--ink)"),
    quiet: colour("var(--quiet)"),
    line: colour("var(--line)"),
    paper: colour("var(--paper)"),
    primary: colour("var(--primary)"),
    roles: new Map(),
    heads: range(0, 7).map((head) => colour(`var(--head-${head})`)),
    head: (head) => page.palette.heads[head % 7],
    pixel(value, part) {
      if (!Number.isFinite(value)) return packed.masked;
      const level = part.limit ? Math.round(Math.min(1, Math.abs(value) / part.limit) * page.levels) : 0;
      return (part.probabilities ? s : value < 0 ? n : p)[level];
    },
    role(name) {
      if (!page.palette.roles.has(name)) {
        page.root.append(probe);
        page.palette.roles.set(name, colour(`var(--role-${name})`));
        probe.remove();
      }
      return page.palette.roles.get(name);
    },
  };
  probe.remove();
  return page.palette;
}

// ------------------------------------------------------------------------------------------ how a number came about

// Writes the lines of an equation's worked cell, and collects the cells that they take a number from.
class Writer {
  constructor(equation, lit) {
    Object.assign(this, { equation, lit });
    const [h, i, j] = equation.worked ?? [];
    this.places = { h, i, j };
  }

  line({ part, at, text, slots }, number) {
    this.sum = number;
    const result = this.equation.byId.get(part);
    const flat = this.flat(result, at, this.places);
    const own = typeof text === "string" ? text : text[this.places.j % text.length];
    return node("p", "line", ...this.filled(own, slots, this.places), " = ", this.number(result, flat, "value", false));
  }

  // A template with numbers in its places: {0} is the first slot. What stands alone needs no brackets.
  filled(text, slots, places) {
    if (text === "{0}" && "part" in slots[0] && places.k === undefined) return this.slot(slots[0], places, false);
    return text.split(/\{(\d+)\}/).flatMap((piece, i) => (i % 2 ? this.slot(slots[piece], places) : piece ? [piece] : []));
  }

  slot(slot, places, inBrackets = true) {
    if ("over" in slot) return this.terms(slot, places);
    if ("number" in slot) {
      const part = this.equation.result;
      const constant = node("span", "constant", bracketed(slot.number, constantly(slot.number, part)));
      constant.title = slot.symbol ?? "";
      return [constant];
    }
    const part = this.equation.byId.get(slot.part);
    return [this.number(part, this.flat(part, slot.at, places), "", inBrackets)];
  }

  // A sum. Of a long one the largest terms stand there, in their order, and how many smaller ones there are.
  terms(slot, places) {
    const count = slot.over;
    const key = `${this.sum}-${places.k ?? ""}`;
    let kept = range(0, count);
    const most = this.equation.unfolded.get(key) ?? (count > MOST_TERMS ? LARGEST_TERMS : count);
    if (most < count) {
      const sizes = kept.map((k) => this.magnitude(slot.slots, { ...places, k }));
      const order = kept.slice().sort((a, b) => sizes[b] - sizes[a] || a - b);
      kept = order.slice(0, most).sort((a, b) => a - b);
      for (const k of order.slice(most)) this.light(slot.slots, { ...places, k });
    }
    const written = kept.flatMap((k, i) => [...(i ? [" + "] : []), node("span", "term", ...this.filled(slot.text, slot.slots, { ...places, k }))]);
    if (most < count) {
      const more = node("button", "more", filled(this.equation.page.texts.smaller, { count: (count - most).toLocaleString("en") }));
      more.type = "button";
      more.setAttribute("aria-expanded", "false");
      more.onclick = () => this.equation.unfold(key, most, count);
      written.push(" + ", more);
    }
    const sum = node("span", "sum", ...written);
    sum.dataset.sum = key;
    return [sum];
  }

  magnitude(slots, places) {
    return slots.reduce((product, slot) => {
      if ("over" in slot) return product;
      if ("number" in slot) return product * Math.abs(slot.number);
      const part = this.equation.byId.get(slot.part);
      return product * Math.abs(part.values[this.flat(part, slot.at, places)]);
    }, 1);
  }

  light(slots, places) {
    for (const slot of slots) {
      if (!("part" in slot)) continue;
      const part = this.equation.byId.get(slot.part);
      this.lit.get(part).add(this.flat(part, slot.at, places));
    }
  }

  flat(part, at, places) {
    return part.flat(at.map((place) => resolved(place, places)));
  }

  // A number of a matrix, and the door to its cell.
  number(part, flat, kind, inBrackets) {
    const value = part.values[flat];
    const text = write(value, part);
    const made = node(part.name ? "button" : "span", `number ${kind}`, text);
    if (part.name) made.type = "button";
    made.dataset.part = part.id;
    made.dataset.flat = flat;
    made.style.setProperty("--role", `var(--role-${part.role})`);
    made.title = `${part.label} [${part.places(flat)}]`;
    this.lit.get(part).add(flat);
    const key = `${part.id}:${flat}`;
    const { buttons } = this.equation;
    buttons.set(key, [...(buttons.get(key) ?? []), made]);
    return inBrackets && isNegative(text) ? node("span", "bracketed", "(", made, ")") : made;
  }
}

// Counts such as d stand there as they are, and so does what so many decimals would not show, such as ε.
const constantly = (value, part) =>
  Number.isInteger(value) || Math.abs(value) < 10 ** -(part.digits ?? 4) ? exact(value) : write(value, part);
const isNegative = (text) => text.startsWith(MINUS);
const bracketed = (value, text) => (isNegative(text) ? `(${text})` : text);

function resolved(place, places) {
  if (typeof place === "string") return places[place];
  if (typeof place !== "object") return place;
  return [place.by].flat().reduce((table, name) => table[places[name]], place.table);
}

// ------------------------------------------------------------------------------------------------ writing numbers

function write(value, { decimals: chosen, limit }) {
  if (chosen === null || chosen === undefined) return rounded(value, decimals(limit));
  // Beside numbers that show, one that is too small to show is 0; pointed at, it has all its digits.
  return limit >= 10 ** -chosen && Math.abs(value) < 1 ? inDecimals(value, chosen) : fixed(value, chosen);
}

function halfEven(value) {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}

// ------------------------------------------------------------------------------------------------------- elements

const MATHML = "http://www.w3.org/1998/Math/MathML";
const MATHML_ATTRIBUTES = ["mathvariant", "stretchy", "fence", "separator", "accent", "width", "lspace", "rspace", "form"];

// MathML, which comes as text: its elements and what they look like, and nothing that acts.
function formula(text) {
  const parsed = new DOMParser().parseFromString(text, "application/xml").documentElement;
  return copied(parsed) ?? document.createTextNode(textOf(text));
}

function copied(source) {
  if (source.nodeType === Node.TEXT_NODE) return document.createTextNode(source.data);
  if (source.nodeType !== Node.ELEMENT_NODE || source.namespaceURI !== MATHML) return null;
  const made = document.createElementNS(MATHML, source.localName);
  if (source.getAttribute("class") === "bar") made.setAttribute("class", "bar"); // over a gradient's symbol
  for (const name of MATHML_ATTRIBUTES) if (source.hasAttribute(name)) made.setAttribute(name, source.getAttribute(name));
  made.append(...[...source.childNodes].map(copied).filter(Boolean));
  return made;
}

const textOf = (markup) => (markup ?? "").replace(/<[^>]*>/g, "");

function within(element, selector) {
  for (let at = element; at; at = at.getRootNode().host) if (at.closest?.(selector)) return true;
  return false;
}

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));

function node(tag, className = "", ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}
