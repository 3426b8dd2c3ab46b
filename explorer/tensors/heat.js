// A matrix as a heat map.

const HEAT = { widest: 18, height: 340, narrowest: 240, largest: 132, rects: 8, text: 20 };
const ALONE = { widest: 28, height: 800, names: 120 }; // of a heat map that shares the page with no other matrix
const KEY_STEPS = 8; // of colour, from zero to either end of a scale
const WINDOW = { rows: 6, columns: 8 }; // cells around the cursor of a canvas that a screen reader finds

// A cell is square while it shows its colour alone, and wider than high when there are digits in it.
const heightOf = (width) => (width <= 24 ? width : 24 + (width - 24) * 0.2);

class Heat extends Painting {
  constructor(equation, part, head, { inner, label, top, upright, cell, digits }) {
    super();
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
