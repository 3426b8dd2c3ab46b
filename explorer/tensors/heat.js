// A matrix as a heat map.

const HEAT = { widest: 18, height: 340, narrowest: 240, largest: 132, rects: 8, text: 20 };
const ALONE = { widest: 28, height: 800, names: 120 }; // of a heat map that shares the page with no other matrix
const KEY_STEPS = 8; // of colour, from zero to either end of a scale
const WINDOW = { rows: 6, columns: 8 }; // cells around the cursor of a canvas that a screen reader finds

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
