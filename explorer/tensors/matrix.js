const LARGE = 200_000; // numbers that are read in slices, so that no frame waits for them
const SLICE = 6; // milliseconds of work between two frames

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

  drawAll() {
    this.drawnRows = range(0, this.rows.length);
    this.drawnColumns = range(0, this.columns.length);
  }

  // Whether a talk leaves rows or columns out.
  get isCut() {
    return this.drawnRows.length < this.rows.length || this.drawnColumns.length < this.columns.length;
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
    const index = this.headNames ? [head, ...places] : places;
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
