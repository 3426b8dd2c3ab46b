// An equation: its matrices in a row or several, its worked cell, and what a reader does in it.

const SPARE = [0, 0.02, 0.05, 0.1, 0.18]; // shares of the room
const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

const POINTED = 8; // digits of a number that is pointed at; its own page has all

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
    this.terms = LARGEST_TERMS; // of a long sum that is not unfolded
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
    // Sizes are reckoned before, and not to the pixel: what a talk's window has no room for is drawn with some to spare.
    for (const spare of SPARE) {
      this.terms = LARGEST_TERMS;
      for (const part of this.matrices) {
        part.drawn = this.isOfOneHead && part.headNames ? [this.worked[0]] : range(0, part.heads);
        part.drawAll();
      }
      const plan = layout(this, this.page, spare);
      this.arrange(plan);
      if (this.page.way === "page" || this.section.offsetHeight <= plan.room) break;
    }
    if (focused) this.grid(focused.part, focused.flat)?.focus(focused.flat % focused.part.area);
  }

  arrange(plan) {
    this.grids = [];
    this.row.replaceChildren(...this.units(plan));
    this.section.classList.toggle("narrow", this.page.width < NARROW);
    this.section.classList.toggle("beside", plan.beside > 0);
    this.section.style.setProperty("--parts", `${Math.min(plan.widest + 24, this.page.width - plan.beside - BESIDE.gap)}px`);
    this.row.style.setProperty("--digits", `${plan.size}px`);
    this.row.style.setProperty("--row", `${plan.loose}em`);
    this.row.style.setProperty("--label", `${labelSize(plan.size, this.page)}px`);
    this.row.style.setProperty("--header", `${this.headerHeight(plan.size)}px`);
    this.lines.style.setProperty("--digits", `${plan.font}px`);
    this.write();
    this.section.style.minHeight = "";
  }

  // All headings are equally high, so that the middles of matrices and operators stand at one height.
  headerHeight(size) {
    const { way } = this.page;
    return this.matrices.some(({ symbol, caption }) => symbol || caption) ? Math.max(13, labelSize(size, this.page)) * (way === "stage" ? 1.35 : 1.9) + 4 : 0;
  }

  // A talk shows one head at a time, where the result has heads: that of the worked cell.
  get isOfOneHead() {
    return this.page.way === "stage" && this.worked && this.result.heads > 1;
  }

  turnHead(head = (this.worked[0] + 1) % this.result.heads) {
    if (this.isOfOneHead && head < this.result.heads) this.work([head, ...this.worked.slice(1)], { report: true });
  }

  // A unit is an operator with the matrix after it: they stay together where the equation wraps.
  units(plan) {
    const units = [];
    let before = [];
    for (const part of this.parts) {
      if (!(part instanceof Matrix)) {
        const operator = node("span", "operator", part.text);
        operator.style.fontSize = `${operatorSize(part.text, plan.size, this.page)}px`;
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
    const symbol = part.symbol ? symbolOf(part.symbol) : "";
    const top = node("span", "top", ...(symbol ? [symbol] : []), node("span", "caption", part.caption ?? ""));
    top.title = [part.caption, part.shape].filter(Boolean).join(", ");
    // A talk counts rows and columns itself.
    if (this.page.way === "page" && box.shaped && part.shape) top.append(node("span", "shape", part.shape));
    const header = node("figcaption", "", top);
    const heads = node("div", "heads");
    heads.style.setProperty("--across", box.across);
    for (const head of part.drawn) {
      const grid = box.heat ? new Heat(this, part, head, box) : new Table(this, part, head, box);
      this.grids.push(grid);
      const holder = node("div", "head");
      if (part.headNames && part.drawn.length === part.heads) {
        const caption = node("div", "head-name", filled(part.texts.head, { head: part.headNames[head] }));
        caption.style.setProperty("--band", `var(--head-${head % 7})`);
        holder.append(caption);
      }
      holder.append(grid.node);
      heads.append(holder);
    }
    const figure = node("figure", part === this.result ? "result" : "", header, heads);
    figure.style.setProperty("--role", `var(--role-${part.role})`);
    // What is the same matrix where another equation has it: a talk lets it glide there.
    if (part.name) figure.dataset.glide = [part.name, part.side, part.rows.join(), part.columns.join(), part.drawn].join(" ");
    if (part.leftOut && isToldLeftOut(part, this)) figure.append(node("p", "left-out", part.leftOut));
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
    const turned = this.isOfOneHead && at[0] !== this.worked[0];
    this.worked = at;
    if (this.drawn && (turned || this.matrices.some(({ isCut }) => isCut))) this.build();
    else if (this.drawn) this.write();
    if (report) this.page.onWorked({ equation: this.number, at, cell: this.cellOf(this.result, this.result.flat(at)) });
  }

  light(cells) {
    this.besides = cells;
    if (this.drawn) this.write();
  }

  // The lines of the worked cell, and every cell that they take a number from.
  composed() {
    const lit = new Map(this.matrices.map((part) => [part, new Set()]));
    this.buttons = new Map();
    const writer = new Writer(this, lit);
    const lines = this.templates.map((line, number) => writer.line(line, number));
    if (this.isOfOneHead) lines[0]?.append(this.headButton());
    return { lit, lines };
  }

  headButton() {
    const { texts } = this.page;
    const button = node("button", "which-head", filled(texts.head_of, { head: this.result.headNames[this.worked[0]], count: this.result.heads }));
    button.type = "button";
    button.title = texts.next_head;
    button.style.setProperty("--band", `var(--head-${this.worked[0] % 7})`);
    button.onclick = () => this.turnHead();
    return button;
  }

  write() {
    const { lit, lines } = this.composed();
    this.lit = lit;
    const { workedFlat } = this;
    const at = this.result?.places && this.worked ? `${this.result.label} [${this.result.places(workedFlat)}]` : "";
    this.lines.setAttribute("role", "group");
    this.lines.setAttribute("aria-label", filled(this.page.texts.lines, { cell: at }));
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

  // Shows more digits of a number, and lights it where it stands and where it is written.
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
    reading.textContent = `${part.label} [${part.places(flat)}] = ${exact(Number(part.values[flat].toPrecision(POINTED)))}`;
    const box = place.rectangle ?? place.box.getBoundingClientRect();
    reading.style.left = `${Math.max(8, box.right - reading.offsetWidth)}px`; // to the left: lines may stand on the right
    // Over the caption of the matrix, so that it hides no number; below a number of a line, and where the caption is out of
    // sight above the cell.
    const above = this.pointed.node.getBoundingClientRect().top - reading.offsetHeight - 2;
    const top = place.number ? box.bottom + 6 : above >= 4 ? above : box.top - reading.offsetHeight - 8;
    reading.style.top = `${Math.max(4, Math.min(top, innerHeight - reading.offsetHeight - 8))}px`;
  }

  // A click works out the cell of the result that a number stands in, or that is computed by way of it; another one, or a
  // click on a number of a line, opens the number's own step.
  activate({ part, flat, number }) {
    const cell = number ? null : this.resultOf(part, flat);
    if (cell && this.result.flat(cell) !== this.workedFlat) this.work(cell, { report: true });
    else this.open(part, flat);
  }

  // Which cell of the result the lines work out when they compute this number: the worked one, if it is one of several.
  resultOf(part, flat) {
    if (part === this.result) return part.at(flat);
    const line = this.templates.find((candidate) => candidate.part === part.id);
    if (!line || !this.worked || this.result.size > LARGE) return null;
    const computes = ([h, i, j]) => part.flat(line.at.map((place) => resolved(place, { h, i, j }))) === flat;
    if (computes(this.worked)) return this.worked;
    const cell = range(0, this.result.size).find((candidate) => computes(this.result.at(candidate)));
    return cell === undefined ? null : this.result.at(cell);
  }

  cellOf(part, flat) {
    return part.name ? { name: part.name, side: part.side, index: part.index(flat) } : null;
  }

  open(part, flat) {
    if (!part.name) return;
    const leads = this.worked && this.lit.get(part).has(flat); // from the worked cell to a number that its lines take
    this.page.onOpen({ ...this.cellOf(part, flat), from: leads ? this.cellOf(this.result, this.workedFlat) : null });
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
    if (step && !event.ctrlKey) next = part === this.result ? [clamp(row + step[0], rows), clamp(column + step[1], columns)] : [moved(part.drawnRows, row, step[0]), moved(part.drawnColumns, column, step[1])];
    else if (event.key === "Home") next = [event.ctrlKey ? part.drawnRows[0] : row, part.drawnColumns[0]];
    else if (event.key === "End") next = [event.ctrlKey ? part.drawnRows.at(-1) : row, part.drawnColumns.at(-1)];
    else if (event.key === "Enter") this.activate(place);
    else if (event.key === "Escape") {
      event.target.blur();
      this.point(null);
      return;
    } else if (!event.ctrlKey && grid.pressed?.(event.key)) return taken(event);
    else return;
    taken(event);
    if (!next) return;
    const within = next[0] * columns + next[1];
    if (part === this.result && !grid.isBlank?.(within)) this.work([head, ...next], { report: true });
    this.grid(part, flat).focus(within);
  }
}

function taken(event) {
  event.preventDefault();
  event.stopPropagation();
}

const moved = (drawn, place, by) => drawn[clamp(drawn.indexOf(place) + by, drawn.length)];
const clamp = (place, count) => Math.max(0, Math.min(count - 1, place));
