// A heat map as it is painted on its canvas: cells in their colours, frames around some, bars, and names.

class Painting {
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
