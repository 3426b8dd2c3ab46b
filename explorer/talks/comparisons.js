// Draws what a comparison of initialisations says, as explorer/talks/comparisons.py describes it.

const BESIDE = 14; // pixels between zero and what is said of its sides

// A row an arm; of several sizes a column each, with one scale, in which the numbers have no room.
DRAWINGS.intervals = function ({ rows, columns, axis, sentence, caption: words, better, baseline, sides }) {
  const width = STAGE.width - 2 * STAGE.sides;
  const type = rows.length <= FEW ? 36 : 26;
  const beside = columns.length ? columns : [{ name: "", rows }];
  const head = columns.length || baseline ? type + 16 : 0;
  const radius = columns.length ? 8 : rows.length <= FEW ? 15 : 10;
  const says = sentence ? 34 * Math.ceil(sentence.length / 95) + STAGE.gap : 0;
  const [names, numbers, line] = [type * 14, columns.length ? 0 : type * 5.5, Math.min(rows.length <= FEW ? 120 : 96, (this.room - says - head - (columns.length ? 150 : 150 + type)) / rows.length)];
  const all = beside.flatMap((column) => column.rows);
  const low = Math.min(0, ...all.map((row) => row.low ?? row.mean));
  const high = Math.max(0, ...all.map((row) => row.high ?? row.mean));
  const wide = (width - names - numbers) / beside.length - (columns.length ? COLUMN_GAP : 0);
  const [bottom, middle] = [head + rows.length * line, type / 3];
  const height = bottom + type + 16 + (columns.length ? 0 : type + 8);
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, class: "intervals", role: "img", "aria-label": all.map(({ name, text }) => `${name} ${text}`).join("; ") });
  svg.style.fontSize = `${type}px`;
  const groups = rows.map((row, place) => {
    const group = revealed(shape("g", { class: this.marks(row.name) ? "marked" : "" }), this.press.rows(place));
    group.append(shape("text", { x: 0, y: head + place * line + line / 2 + middle }, shortened(row.name, 26)));
    return group;
  });
  beside.forEach((column, number) => {
    const left = names + number * (wide + COLUMN_GAP) + (columns.length ? COLUMN_GAP : 0);
    const at = (value) => left + ((value - low) / (high - low || 1)) * wide;
    if (column.name) svg.append(shape("text", { class: "quiet", x: left + wide / 2, y: type, "text-anchor": "middle" }, column.name));
    for (const tick of ticks(low, high, columns.length ? 2 : Math.min(5, Math.floor(wide / type / 4)))) {
      svg.append(
        shape("line", { class: tick ? "" : "zero", "stroke-width": 2, x1: at(tick), x2: at(tick), y1: head, y2: bottom }),
        shape("text", { class: "quiet", x: at(tick), y: bottom + type + 8, "text-anchor": "middle" }, `${tick}`.replace("-", "−")),
      );
    }
    if (!columns.length) {
      const reach = (baseline.length * type * 0.56) / 2;
      const middle = Math.min(Math.max(at(0), left + reach), left + wide - reach);
      svg.append(
        shape("text", { class: "quiet", x: middle, y: type, "text-anchor": "middle" }, baseline),
        shape("text", { class: "side", x: at(0) - BESIDE, y: height - 8, "text-anchor": "end" }, sides[0]),
        shape("text", { class: "side", x: at(0) + BESIDE, y: height - 8 }, sides[1]),
      );
    }
    rows.forEach(({ name }, place) => {
      const row = column.rows.find((each) => each.name === name);
      if (!row) return;
      const y = head + place * line + line / 2;
      const mark = shape("g", { class: row.counts ? "counts" : "" });
      mark.append(shape("line", { class: "bar", x1: at(row.low ?? row.mean), x2: at(row.high ?? row.mean), y1: y, y2: y, "stroke-width": radius * 0.6 }), shape("circle", { cx: at(row.mean), cy: y, r: radius }));
      if (numbers) mark.append(shape("text", { x: width, y: y + middle, "text-anchor": "end" }, row.text.split(" ")[0]));
      groups[place].append(mark);
    });
  });
  svg.append(...groups);
  const said = sentence ? [element("p", "sentence", sentence)] : [];
  return [...said, element("div", "picture", "", svg), ...caption(`${axis} (${better}). ${words}`)];
};

// Round numbers of a scale, about so many of them, 0 among them.
function ticks(low, high, count) {
  const rough = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((each) => each * power >= rough);
  const [first, last] = [Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9)];
  return Array.from({ length: last - first + 1 }, (_, place) => Number(((first + place) * step).toPrecision(6)));
}
