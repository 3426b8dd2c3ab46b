// An equation: its matrices in a row or several, its worked cell, and what a reader does in it.

const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

class Equation {
  constructor(page, { title, parts, result, worked, lines }, number) {
    this.page = page;
    this.number = number;
    this.title = title;
    this.parts = parts.map((part) => (part.kind === "matrix" ? new Matrix(part, page.texts) : part));
    this.matrices = this.parts.filter((part) => part instanceof Matrix);
    this.byId = new Map(this.matrices.map((part) => [part.id, part]));
    this.result = this.byId.get(result) ?? this.parts[result];
    this.worked = worked;
    this.templates = lines ?? [];
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
    this.folded = plan.folded;
    this.grids = [];
    this.row.replaceChildren(...this.units(plan));
    this.section.classList.toggle("narrow", this.page.width < NARROW);
    this.row.style.setProperty("--digits", `${plan.size}px`);
    this.row.style.setProperty("--label", `${labelSize(plan.size, this.page.labels)}px`);
    this.row.style.setProperty("--header", `${this.headerHeight(plan.size)}px`);
    this.lines.style.setProperty("--digits", `${Math.min(Math.max(plan.size, this.page.labels), !this.page.stage ? 20 : this.templates.length > 2 ? Math.max(22, this.page.labels) : 32)}px`);
    this.write();
    this.section.style.minHeight = "";
    if (focused) this.grid(focused.part, focused.flat)?.focus(focused.flat % focused.part.area);
  }

  // All headings are equally high, so that the middles of matrices and operators stand at one height.
  headerHeight(size) {
    const names = this.matrices.some(({ symbol, caption }) => symbol || caption) ? Math.max(13, labelSize(size, this.page.labels)) * 1.9 : 0;
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
    return figure;
  }

  grid(part, flat) {
    const head = Math.floor(flat / part.area);
    return this.grids?.find((grid) => grid.part === part && grid.head === head);
  }

  // ------------------------------------------------------------------------------------------ the worked cell

  work(at, { report = false } = {}) {
    this.worked = at;
    if (this.drawn && this.folded) this.build(); // other rows and columns matter now
    else if (this.drawn) this.write();
    if (report) this.page.onWorked({ equation: this.number, at });
  }

  // The rows and columns of a matrix that are drawn: all, or those that matter where a talk has no room for all.
  kept(part, head) {
    if (!this.folded) return [range(0, part.rows.length), range(0, part.columns.length)];
    const lit = new Map(this.matrices.map((each) => [each, new Set()]));
    this.buttons = new Map();
    const written = new Writer(this, lit);
    this.templates.forEach((line, number) => written.line(line, number));
    const places = [...lit.get(part)].map((flat) => part.at(flat)).filter(([of]) => of === head);
    return [[1, "rows"], [2, "columns"]].map(([axis, name]) => {
      const matter = [...new Set(places.map((place) => place[axis]))];
      return kept(part[name].length, matter, matter.includes(this.worked[axis]) ? this.worked[axis] : (matter[0] ?? 0));
    });
  }

  // The lines of the worked cell, and the light on every cell that they take a number from.
  write() {
    const lit = new Map(this.matrices.map((part) => [part, new Set()]));
    this.buttons = new Map();
    const written = new Writer(this, lit);
    const at = this.result?.places ? `${this.result.label} [${this.result.places(this.result.flat(this.worked))}]` : "";
    this.lines.setAttribute("role", "group");
    this.lines.setAttribute("aria-label", filled(this.page.texts.lines, { cell: at }));
    const lines = this.templates.map((line, number) => written.line(line, number));
    this.lines.replaceChildren(...lines);
    const workedFlat = this.result.flat(this.worked);
    for (const grid of this.grids) {
      const worked = grid.part === this.result && Math.floor(workedFlat / grid.part.area) === grid.head;
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
    const isWorked = part === this.result && flat === part.flat(this.worked);
    if (part === this.result && !number && !isWorked) this.work(part.at(flat), { report: true });
    else this.open(part, flat);
  }

  open(part, flat) {
    const cell = (of, place) => (of.name ? { name: of.name, side: of.side, index: of.index(place) } : null);
    if (part.name) this.page.onOpen({ ...cell(part, flat), from: cell(this.result, this.result.flat(this.worked)) });
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
      const isWorked = part === this.result && flat === part.flat(this.worked);
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
    if (part === this.result) this.work([head, ...next], { report: true });
    grid.focus(next[0] * columns + next[1]);
  }
}

function taken(event) {
  event.preventDefault();
  event.stopPropagation();
}

const clamp = (place, count) => Math.max(0, Math.min(count - 1, place));
