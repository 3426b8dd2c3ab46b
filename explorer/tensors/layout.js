// How large digits are, and which matrices become heat maps.

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
const FOLDED = 4; // rows or columns that stay in a talk where all have no room: more than one beside these is left out
const FEW_COLUMNS = 12; // up to which a matrix always shows its digits

// At `least` so many pixels; a talk says how many its last row can read.
const labelSize = (size, least) => Math.max(least, Math.min(22, Math.round(size * 0.62)));

// How large digits are, and what becomes a heat map: the largest digits with which the equation fits on a line, and on two
// lines where they would be small on one.
function layout(equation, page) {
  const measure = measuring(page.root);
  const lines = equation.templates.length; // of the worked cell, and the title above it
  const below = (equation.title ? 50 : 4) + 10 + lines * (lines > 2 ? 34 : 44);
  const above = Math.min(STAGE_HEAD, Math.max(0, page.root.getBoundingClientRect().top));
  const room = page.room ? page.room - below : page.stage ? innerHeight - above - below : innerHeight * SHARE_OF_WINDOW;
  const height = Math.max(LEAST_HEIGHT, room);
  const sizes = page.stage ? STAGE_SIZES : SIZES;
  const smallest = sizes.at(-1);
  let folded = false;
  let heats = equation.matrices.filter((part) => isLarge(part) || (part.columns.length > FEW_COLUMNS && tableBox(part, smallest, 1, measure, page).width > page.width));
  const plan = (size, besides) => {
    const boxes = new Map();
    for (const part of equation.matrices) {
      const across = besides && part.heads < 4 ? part.heads : part.heads < 4 ? 1 : Math.ceil(Math.sqrt(part.heads));
      boxes.set(part, heats.includes(part) ? heatBox(part, size, heats.length, page.width, measure) : tableBox(part, size, across, measure, page, folded));
    }
    return { size, boxes, folded, ...wrapped(equation, boxes, size, page.width, measure) };
  };
  const fits = (lines, least) => {
    for (const size of sizes.filter((candidate) => candidate >= least)) {
      for (const besides of equation.matrices.length === 1 ? [true, false] : [false, true]) {
        const tried = plan(size, besides);
        if (tried.lines <= lines && tried.height <= height && !tried.overflows) return tried;
      }
    }
    return null;
  };
  if (page.room) {
    const whole = heats.length ? null : (fits(2, 28) ?? fits(Infinity, page.labels));
    if (whole) return whole;
    [folded, heats] = [true, []];
  }
  const readable = page.stage ? 28 : Math.max(READABLE, smallest);
  if (page.width >= NARROW) {
    const anyhow = page.stage ? (fits(Infinity, readable) ?? fits(Infinity, smallest)) : null;
    const found = fits(1, readable) ?? fits(2, readable) ?? anyhow ?? fits(1, smallest) ?? fits(2, smallest);
    if (found) return found;
  }
  const sensible = page.stage ? [smallest] : sizes.filter((size) => size <= 18);
  const lowest = (size) => [plan(size, false), plan(size, true)].reduce((a, b) => (b.overflows || b.height >= a.height ? a : b));
  return fits(Infinity, readable) ?? sensible.map(lowest).find(({ overflows }) => !overflows) ?? plan(smallest, false);
}

const isLarge = (part) => part.area > MOST_CELLS || part.rows.length > MOST_ROWS;

// Which of so many rows or columns stay where not all have room: the first two and the last, and those that matter, which
// are lit; of many lit ones the first and the last, and the worked one.
function kept(count, lit, worked) {
  if (count <= FOLDED + 1) return range(0, count);
  const few = lit.length < FOLDED ? lit : [worked];
  const stay = new Set([0, ...few, count - 1]);
  for (let place = 1; stay.size < FOLDED; place++) stay.add(place);
  return [...stay].sort((a, b) => a - b);
}

const countOf = (count, folded) => (folded && count > FOLDED + 1 ? FOLDED + 1 : count);

function tableBox(part, size, across, measure, page, folded = false) {
  const loose = LOOSE[page.stage ? "stage" : "page"];
  const names = labelSize(size, page.labels);
  const label = part.rowsNamed ? Math.min(part.width("rows", measure), 9.5) * names + 12 : 2;
  const digits = measure(part.widest) * size + size * 0.62;
  const named = part.columnsNamed ? Math.min(part.width("columns", measure) * names + (page.room ? 18 : 8), digits * (page.room ? 2 : 1.3)) : 0;
  const cell = Math.ceil(Math.max(digits, named, size * 1.9));
  const [rows, columns] = [countOf(part.rows.length, folded), countOf(part.columns.length, folded)];
  const one = { width: label + cell * columns + 8, height: rows * size * loose + names * 1.5 };
  const downwards = Math.ceil(part.heads / across);
  const caption = (measure(part.caption ?? "") + measure(textOf(part.symbol))) * names * 1.15 + 16;
  return {
    across, cell, label, size,
    width: Math.max(one.width * across + (across - 1) * size, caption),
    height: (one.height + (part.headNames ? names * 1.6 : 0)) * downwards + (downwards - 1) * 8,
  };
}

function heatBox(part, size, count, width, measure) {
  const label = part.rowsNamed ? Math.min(part.width("rows", measure), 8) * 12 + 10 : 4;
  const top = part.columnsNamed ? 18 : 4;
  const room = width >= NARROW && count > 1 ? Math.max(HEAT.narrowest, Math.floor(width / count) - 44) : width - 30;
  const digits = measure(part.widest) * 14 + 14;
  const columns = part.columns.length;
  const fit = (room - label) / columns;
  const cell = columns <= FEW_COLUMNS ? Math.min(Math.max(fit, 24), Math.max(digits, 44)) : Math.min(fit, HEAT.widest);
  const inner = Math.min(room - label, cell * columns);
  const high = Math.min(HEAT.height, Math.max(24, part.rows.length * heightOf(cell)));
  const across = Math.max(1, Math.min(part.heads, Math.floor(width / (inner + label + 40))));
  const one = { width: inner + label + 2, height: high + top + 34 };
  const downwards = Math.ceil(part.heads / across);
  return {
    heat: true, across, label, top, cell, digits, size,
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
