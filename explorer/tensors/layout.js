// How large digits are, and which matrices become heat maps.

const SIZES = [28, 26, 24, 22, 20, 19, 18, 17, 16, 15, 14, 13]; // pixels of digits, the largest that fit
const STAGE_SIZES = [44, 40, 36, 32, 30, 28, 26, 24]; // of a window of 1280 × 720; below 28 where an equation would not fit it
const HEAD = { page: 128, stage: 120 }; // pixels of the window above an equation, at most
const BELOW = { page: 6, stage: 20 };
const READABLE = { page: 15, stage: 28 }; // below it more lines are better than smaller digits
const LEAST_HEIGHT = 300;
const NARROW = 560; // pixels of an element in which the parts stand one below the other
const ROWS = { page: [1.72, 1.4], stage: [1.5, 1.3, 1.15] }; // height of a row, in sizes of its digits: loose, or tight
const LEADING = { page: 1.75, stage: 1.4 }; // of a line, in sizes of its font
const BESIDE = { shares: [0.45, 0.3], gap: 28 }; // lines beside the matrices: their share of the width at most, pixels between
const SLACK = 1.06; // measured are proportional digits, and another cell may have longer ones
const MOST_CELLS = 1500; // of a matrix that is a table …
const MOST_ROWS = 40; // … and its rows
const FEW_COLUMNS = 12; // up to which a matrix always shows its digits
// Rows and columns that a talk draws of each matrix where it has no room for all, and at last fewer terms of a sum: as
// many as there is room for.
const CUTS = [[8, 12], [6, 12], [6, 8], [4, 12], [4, 8], [4, 6], [2, 8], [2, 6], [2, 4], [1, 4], [1, 2], [1, 2, 2], [1, 1, 1]];
const GAP = { row: 0.8, column: 1.1 }; // what is left out between two, in sizes of the names
// A talk on a phone, which may be scrolled, is set as a page is.
const isForARoom = (page) => page.way === "stage" && (page.above !== undefined || page.width >= NARROW);
const labelSize = (size, page) => (isForARoom(page) ? 24 * page.scale : Math.max(12, Math.min(22, Math.round(size * 0.62))));

// The font of the lines.
const lineSize = (size, page, count) => (isForARoom(page) ? Math.max(24 * page.scale, Math.min(size, (count > 2 ? 26 : 32) * page.scale)) : Math.min(size, 20));

const BLANK = 5.3; // how wide a blank cell is, in sizes of its digits
const LONG_NAME = 7; // of a column in a talk, in sizes of its font; what is longer is cut
const FEW_NAMES = 4; // of columns, which are never cut where a matrix has the page's width for itself

// How large digits are, what becomes a heat map, and whether the lines stand below the matrices or beside them: the
// largest digits with which all of it fits the window, on as few lines as can be read. A share of the room is left spare.
function layout(equation, page, spare = 0) {
  const { way, scale } = page;
  const width = page.width * (1 - spare);
  const measure = measuring(page.root);
  const reckoned = () => equation.composed().lines.map((line) => measure(line.textContent) * SLACK);
  let widths = reckoned();
  const above = Math.min(HEAD[way] * scale, way === "stage" ? Math.max(0, page.above ?? page.root.getBoundingClientRect().top) : HEAD.page);
  const title = equation.title ? 38 : 0;
  const room = Math.max(LEAST_HEIGHT, page.height - above - BELOW[way] - title);
  const height = room * (1 - spare);
  const sizes = isForARoom(page) ? STAGE_SIZES.map((size) => Math.round(size * scale)) : SIZES;
  const smallest = sizes.at(-1);
  const alone = equation.matrices.length === 1;
  // A talk has no heat maps beside the lines: of what is wide it shows what the lines take.
  const heats = way === "stage" && widths.length ? [] : equation.matrices.filter((part) => !part.blanks).filter((part) => isLarge(part, alone && way === "page") || (part.columns.length > FEW_COLUMNS && tableBox(part, smallest, 1, measure, page, 1).width > width));
  const plans = new Map();
  const plan = (size, besides, loose, share = 0) => {
    const key = `${size} ${besides} ${loose} ${share}`;
    if (!plans.has(key)) plans.set(key, planned(size, besides, loose, share));
    return plans.get(key);
  };
  const planned = (size, besides, loose, share) => {
    const boxes = new Map();
    for (const part of equation.matrices) {
      const heads = part.drawn.length;
      const across = besides && (alone || heads < 4) ? heads : heads < 4 ? 1 : Math.ceil(Math.sqrt(heads));
      const box = heats.includes(part) ? heatBox(part, size, heats.length, width, measure, alone) : tableBox(part, size, across, measure, page, loose, alone);
      boxes.set(part, box);
    }
    const font = lineSize(size, page, widths.length);
    const beside = Math.min(Math.max(...widths, 0) * font, width * share);
    const rows = wrapped(equation, boxes, size, beside ? width - beside - BESIDE.gap : width, measure);
    const lines = widths.reduce((sum, wide) => sum + Math.ceil((wide * font) / (beside || width)), 0) * font * LEADING[way];
    return { size, loose, boxes, font, beside, room: room + title, ...rows, height: beside ? Math.max(rows.height, lines) : rows.height + lines + 10 };
  };
  const fits = (lines, least, loose, share = 0) => {
    for (const size of sizes.filter((candidate) => candidate >= least)) {
      for (const besides of alone ? [true, false] : [false, true]) {
        const tried = plan(size, besides, loose, share);
        if (tried.lines <= lines && tried.height <= height && !tried.overflows) return tried;
      }
    }
    return null;
  };
  const scrolls = alone && way === "page" && !widths.length; // what is long alone is scrolled, and keeps its digits
  if (width >= NARROW && !scrolls) {
    for (const least of [READABLE[way] * scale, smallest]) {
      for (const loose of ROWS[way]) {
        const below = fits(1, least, loose) ?? fits(2, least, loose) ?? fits(Infinity, least, loose);
        const found = BESIDE.shares.reduce((plan, share) => plan ?? fits(Infinity, least, loose, share), below);
        if (found) return found;
      }
    }
  }
  if (isForARoom(page)) {
    for (const [rows, columns, terms = LARGEST_TERMS] of CUTS) {
      equation.terms = terms;
      cut(equation, rows, columns);
      widths = reckoned();
      plans.clear();
      for (const loose of ROWS.stage) {
        const found = fits(2, smallest, loose) ?? fits(Infinity, smallest, loose) ?? fits(Infinity, smallest, loose, BESIDE.shares[1]);
        if (found) return found;
      }
    }
  }
  const [loose] = ROWS[way];
  const lowest = (size) => [plan(size, false, loose), plan(size, true, loose)].reduce((a, b) => (b.overflows || b.height >= a.height ? a : b));
  const sensible = isForARoom(page) ? [smallest] : sizes.filter((size) => size <= 18);
  return (scrolls ? fits(Infinity, READABLE.page, loose) : null) ?? sensible.map(lowest).find(({ overflows }) => !overflows) ?? plan(smallest, false, loose);
}

// Of every matrix at most so many rows and columns: those of the numbers that the lines have, and others beside them. What
// no line takes a number from is cut as the matrix before it with the same names.
function cut(equation, mostRows, mostColumns) {
  if (!equation.worked) return;
  equation.composed();
  const needed = new Map(equation.matrices.map((part) => [part, { rows: new Set(), columns: new Set() }]));
  for (const key of equation.buttons.keys()) {
    const [id, flat] = key.split(":").map(Number);
    const part = equation.byId.get(id);
    const [, row, column] = part.at(flat);
    needed.get(part).rows.add(row);
    needed.get(part).columns.add(column);
  }
  const drawn = (part, axis, most) => {
    const others = equation.matrices.slice(0, equation.matrices.indexOf(part)).reverse().concat(equation.matrices);
    const like = [part, ...others].find((other) => needed.get(other)[axis].size && String(other[axis]) === String(part[axis]));
    return neighbourhood(needed.get(like ?? part)[axis], part[axis].length, most);
  };
  for (const part of equation.matrices) {
    part.drawnRows = drawn(part, "rows", mostRows);
    part.drawnColumns = drawn(part, "columns", mostColumns);
  }
}

// Places that are needed; of a single one as many neighbours as there may be. Terms of a sum have none: what stands beside
// them is not in the line.
function neighbourhood(needed, count, most) {
  const places = new Set(needed.size ? needed : [0]);
  const [place] = places;
  for (let far = 1; places.size < Math.min(most, count) && needed.size < 2; far++) {
    for (const near of [place - far, place + far]) if (near >= 0 && near < count && places.size < most) places.add(near);
  }
  return [...places].sort((a, b) => a - b);
}

const gaps = (drawn, count) => drawn.reduce((sum, place, i) => sum + (place > (i ? drawn[i - 1] + 1 : 0)), drawn.at(-1) < count - 1);

// How many words a vocabulary has besides: in a talk it is said of the result alone.
const isToldLeftOut = (part, { page, result }) => page.way === "page" || part === result;

// One matrix alone may be as long as it is: the page scrolls.
const isLarge = (part, alone) => part.area > MOST_CELLS || (!alone && part.rows.length > MOST_ROWS);

function tableBox(part, size, across, measure, page, loose, alone = false) {
  const { way } = page;
  const names = labelSize(size, page);
  const label = part.rowsNamed ? Math.min(part.width("rows", measure), 9.5) * names + Math.max(12, 0.45 * names) : 2;
  const digits = Math.max(measure(part.widest) + (way === "stage" ? 0.42 : 0.62), part.blanks ? BLANK : 0) * size;
  const cell = Math.ceil(Math.max(digits, size * 1.9));
  const longest = alone && part.columns.length <= FEW_NAMES ? Infinity : way === "stage" ? names * LONG_NAME : digits * 1.5;
  const summed = part.drawnColumns.reduce((sum, column) => sum + Math.max(cell, part.columnsNamed ? Math.min(measure(String(part.columns[column])) * 1.05 * names + names * 0.7, longest) : 0), 0);
  const wide = summed + gaps(part.drawnColumns, part.columns.length) * names * GAP.column;
  const high = part.drawnRows.length * size * loose + gaps(part.drawnRows, part.rows.length) * names * GAP.row;
  const one = { width: label + wide + 8, height: high + names * (way === "stage" ? 1.25 : 1.5) + 4 };
  const heads = part.drawn.length;
  const downwards = Math.ceil(heads / across);
  const caption = (measure(part.caption ?? "") * 1.05 + measure(textOf(part.symbol)) * 1.25) * names + 16;
  const whole = Math.max(one.width * across + (across - 1) * size, caption);
  return {
    across, cell, longest, label, size,
    width: whole,
    bare: Math.max(whole - label, caption), // without the names of its rows
    shaped: caption + measure(part.shape ?? "") * 12 + 8 <= whole,
    height: (way === "stage" && part.leftOut ? names * 1.6 : 0) + (one.height + (part.headNames && heads > 1 ? names * 1.6 : 0)) * downwards + (downwards - 1) * 8,
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
  const across = Math.max(1, Math.min(part.drawn.length, Math.floor(width / (inner + label + 40))));
  const one = { width: inner + label + 2, height: high + top + 34 };
  const downwards = Math.ceil(part.drawn.length / across);
  return {
    heat: true, shaped: true, across, label, top, upright, cell, digits, size,
    inner: { width: inner, height: high },
    width: one.width * across + 16 * (across - 1),
    height: one.height * downwards,
  };
}

// On how many lines the units stand, and how high they are together. In a talk, rows that are named at the start of the
// line are not named again.
function wrapped(equation, boxes, size, width, measure) {
  const { page } = equation;
  const { way } = page;
  const header = equation.headerHeight(size) + (way === "stage" ? 8 : 12);
  let [lines, used, high, total, widest, overflows, before, last] = [1, 0, 0, 0, 0, false, 0, null];
  for (const part of equation.parts) {
    if (!(part instanceof Matrix)) {
      before += measure(part.text) * operatorSize(part.text, size, page) + size * 0.9;
      continue;
    }
    const box = boxes.get(part);
    box.isBare = way === "stage" && !box.heat && part.drawn.length === 1 && last?.rowsNamed && String(part.rows) === String(last.rows);
    let unit = before + (box.isBare ? box.bare : box.width);
    if (used && used + unit > width) {
      total += high;
      box.isBare = false;
      [lines, used, high, unit] = [lines + 1, 0, 0, before + box.width];
    }
    last = part;
    overflows ||= unit > width;
    used += unit + 2;
    widest = Math.max(widest, used);
    high = Math.max(high, box.height + header);
    before = 0;
  }
  return { lines, widest, height: total + high, overflows };
}

const operatorSize = (text, size, { way, scale }) => (text.length <= 3 ? size * 1.3 : way === "stage" ? 24 * scale : size - 2);

// Of very many names some at the start and at the end: counted ones grow.
function longest(labels, measure) {
  const some = labels.length > 400 ? [...labels.slice(0, 200), ...labels.slice(-200)] : labels;
  return some.reduce((most, label) => Math.max(most, measure(String(label))), 0);
}

// Widths of texts in sizes of their font. Each is measured once: a layout asks for the same ones at every size.
function measuring(root) {
  const context = (measuring.context ??= document.createElement("canvas").getContext("2d"));
  const { fontFamily } = getComputedStyle(root);
  context.font = `100px ${fontFamily}`;
  const widths = new Map();
  return (text) => {
    if (!widths.has(text)) widths.set(text, context.measureText(text).width / 100);
    return widths.get(text);
  };
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
