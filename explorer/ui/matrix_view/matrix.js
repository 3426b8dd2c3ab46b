// Draws tensors as tables of numbers. Python says what to draw and on which scale; only how densely is
// decided here, from the room there is. Labels come from outside: they enter the page as text, never as HTML.

// Pixels that a cell needs for its digits, at least, that each of them takes, and what is around them: with room, and tight.
const ROOMY = { least: 54, digit: 7.4, padding: 13 };
const TIGHT = { least: 44, digit: 6.6, padding: 8 };
const LABEL = 144; // pixels of the row labels, at most
const BESIDE_LABEL = 16; // pixels between a label and its row, and at the row's end
const GAP = 32; // pixels between heads side by side
const WIDEST = 19; // pixels of a cell that shows its colour alone: at most …
const NARROWEST = 2; // … at least …
const NARROWEST_BESIDE = 8; // … and at least with the heads side by side; one below the other they can be wider

const LABELLED = [10, 20, 50, 100, 200]; // of cells without digits, the columns that get their number: each 10th, 20th …
const ROOM_OF_A_NUMBER = 36; // … so that each has so many pixels

let texts = {}; // what is said beside the numbers, in the reader's language
const views = new WeakMap(); // root of an instance → its view, so that a rerun with the same numbers changes nothing

export default function ({ data, parentElement }) {
  ({ texts } = data);
  const signature = JSON.stringify(data);
  let view = views.get(parentElement);
  if (view?.signature !== signature) {
    view?.stop();
    view = { signature, ...start(parentElement, data) };
    views.set(parentElement, view);
  }
  return () => {
    view.stop();
    views.delete(parentElement);
  };
}

function start(parentElement, { tensors, levels }) {
  const root = element("div", "tensors");
  const reading = element("div", "reading");
  reading.hidden = true;
  parentElement.querySelectorAll(".tensors, .reading").forEach((old) => old.remove());
  parentElement.append(root, reading);
  tensors.forEach(decode);
  let width = 0;

  function draw() {
    width = root.clientWidth;
    root.replaceChildren(...tensors.map(section));
  }

  function section(tensor) {
    const { cell, compact, tight } = density(tensor, width, root);
    const swatch = element("span", "swatch");
    swatch.style.background = `var(--role-${tensor.role})`;
    const header = element(
      "header", "",
      swatch,
      element("span", "name", tensor.scope, element("b", "", tensor.title)),
      element("span", "shape", tensor.shape),
      scaleKey(tensor, levels),
    );
    if (compact || tensor.enlarged) {
      const button = element("button", "", compact ? texts.digits : texts.colours);
      button.onclick = () => enlarge(tensor, compact).querySelector("button").focus();
      header.append(button);
    }
    const every = compact && tensor.numbered ? LABELLED.find((step) => step * cell >= ROOM_OF_A_NUMBER) : 1;
    const heads = element("div", "heads", ...tensor.matrices.map((_, head) => figure(tensor, head, compact, every, tight)));
    heads.classList.toggle("compact", compact);
    heads.classList.toggle("enlarged", Boolean(tensor.enlarged));
    if (compact) heads.style.setProperty("--cell", `${cell}px`);
    tensor.node = element("section", "", header, heads);
    return tensor.node;
  }

  function figure(tensor, head, compact, every, tight) {
    const grid = matrix(tensor, tensor.matrices[head], levels, compact, every, tight);
    grid.setAttribute("aria-label", naming(tensor, head));
    const node = element("figure", "", element("div", "scroll", grid));
    if (tensor.heads) node.prepend(element("figcaption", "", filled(texts.head, { head: tensor.heads[head] })));
    return node;
  }

  function enlarge(tensor, enlarged) {
    tensor.enlarged = enlarged;
    const old = tensor.node;
    old.replaceWith(section(tensor));
    return tensor.node;
  }

  // Where an event happened: one listener serves all cells.
  function place(event) {
    const cell = event.target.closest?.("[role=gridcell]");
    if (!cell) return null;
    const tensor = tensors.find(({ node }) => node?.isConnected && node.contains(cell));
    const head = [...tensor.node.querySelectorAll("table")].indexOf(cell.closest("table"));
    return { cell, tensor, head, row: cell.parentNode.sectionRowIndex, column: cell.cellIndex - 1 };
  }

  function read(event) {
    const at = place(event);
    reading.hidden = !at;
    if (!at) return;
    const { matrices, rows, columns } = at.tensor;
    const value = matrices[at.head][at.row * columns.length + at.column];
    reading.textContent = `${naming(at.tensor, at.head)} [${rows[at.row]}, ${columns[at.column]}] = ${exact(value)}`;
    if (!at.cell.textContent) at.cell.ariaLabel = exact(value);
    const box = at.cell.getBoundingClientRect();
    const furthest = document.documentElement.clientWidth - reading.offsetWidth - 8;
    reading.style.left = `${Math.max(8, Math.min(box.left, furthest))}px`;
    // Below the matrix, so that it hides none of its numbers; where there is no room for it, above the cell.
    const below = Math.min(at.cell.closest("table").getBoundingClientRect().bottom + 8, innerHeight - reading.offsetHeight - 8);
    reading.style.top = `${below > box.bottom ? below : box.top - reading.offsetHeight - 6}px`;
  }

  function show({ cell, tensor, head, row, column }) {
    root.querySelectorAll(".chosen").forEach((other) => other.classList.remove("chosen"));
    if (cell.closest(".compact")) {
      const grid = enlarge(tensor, true).querySelectorAll("table")[head];
      cell = grid.tBodies[0].rows[row].cells[column + 1];
      goTo(cell);
      cell.scrollIntoView({ block: "nearest", inline: "center" });
    }
    cell.classList.add("chosen");
  }

  function move(event) {
    const at = place(event);
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!at || !(step || event.key === "Enter")) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Enter") return show(at);
    const next = at.cell.closest("tbody").rows[at.row + step[0]]?.cells[at.column + 1 + step[1]];
    if (next?.matches("[role=gridcell]")) goTo(next);
  }

  const hide = () => (reading.hidden = true);
  root.addEventListener("pointerover", read);
  root.addEventListener("pointerleave", hide);
  root.addEventListener("focusin", read);
  root.addEventListener("focusout", hide);
  root.addEventListener("keydown", move);
  root.addEventListener("click", (event) => {
    const at = place(event);
    if (at) show(at);
  });

  // Matrices are drawn when they come near the window: a page may hold very many.
  const nearby = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      nearby.disconnect();
      draw();
      root.style.minHeight = "";
      resized.observe(root);
    },
    { rootMargin: "1000px" },
  );
  const resized = new ResizeObserver(() => {
    if (root.clientWidth !== width) draw();
  });
  root.style.minHeight = `${tensors.length * 90}px`;
  nearby.observe(root);
  return {
    stop() {
      nearby.disconnect();
      resized.disconnect();
    },
  };
}

// Adds what is read off the payload: a matrix for each head, the name in two parts.
function decode(tensor) {
  const bytes = Uint8Array.from(atob(tensor.float64), (character) => character.charCodeAt(0));
  const values = new Float64Array(bytes.buffer);
  const size = tensor.rows.length * tensor.columns.length;
  tensor.matrices = Array.from({ length: values.length / size }, (_, head) =>
    values.subarray(head * size, (head + 1) * size),
  );
  tensor.title = tensor.name.split(".").at(-1);
  tensor.scope = tensor.name.slice(0, -tensor.title.length);
}

function naming(tensor, head) {
  return tensor.heads ? filled(texts.tensor_head, { tensor: tensor.title, head: tensor.heads[head] }) : tensor.title;
}

// The digits of a tensor's cells, and how wide they make them, in a table that is ROOMY or TIGHT.
function written(tensor, { least, digit, padding } = ROOMY) {
  const { matrices, limit } = tensor;
  const digits = decimals(limit);
  const most = Math.max(...matrices.map((values) => values.reduce((m, x) => Math.max(m, rounded(x, digits).length), 0)));
  return { digits, wide: Math.max(least, Math.ceil(most * digit + padding)) };
}

// Digits where they fit, smaller ones if need be; otherwise colours, as wide as fits, the heads side by side if they can be.
function density(tensor, width, root) {
  const { columns, matrices, enlarged } = tensor;
  const label = labelRoom(tensor, root);
  const fits = (room) => columns.length * room.least + label <= width && columns.length * written(tensor, room).wide + label <= width;
  if (enlarged || fits(ROOMY)) return { compact: false };
  if (fits(TIGHT)) return { compact: false, tight: true };
  const beside = Math.floor((width / matrices.length - label - GAP) / columns.length);
  const alone = Math.floor((width - label) / columns.length);
  const cell = beside >= NARROWEST_BESIDE ? beside : alone;
  return { compact: true, cell: Math.max(NARROWEST, Math.min(WIDEST, cell)) };
}

// Pixels that the row labels take.
function labelRoom({ rows }, root) {
  const context = (labelRoom.context ??= document.createElement("canvas").getContext("2d"));
  const { fontSize, fontFamily } = getComputedStyle(root);
  context.font = `${fontSize} ${fontFamily}`;
  const longest = rows.reduce((most, row) => Math.max(most, context.measureText(row).width), 0);
  return Math.min(LABEL, Math.ceil(longest)) + BESIDE_LABEL;
}

// The table of a matrix. Compact cells stay empty: text that nobody sees would take most of the time to lay out.
function matrix(tensor, values, levels, compact, every, tight) {
  const { rows, columns, numbered } = tensor;
  const { digits, wide } = compact ? {} : written(tensor, tight ? TIGHT : ROOMY);
  const labels = columns.map((label, column) => heading("col", label, column % every ? "between" : ""));
  const lines = rows.map((label, row) => {
    const cells = columns.map((_, column) => {
      const value = values[row * columns.length + column];
      const cell = element("td", colourOf(value, tensor, levels));
      if (!compact) cell.append(rounded(value, digits));
      cell.setAttribute("role", "gridcell");
      cell.tabIndex = row || column ? -1 : 0;
      return cell;
    });
    return element("tr", "", heading("row", label), ...cells);
  });
  const grid = element(
    "table", numbered ? "" : "by-word",
    element("thead", "", element("tr", "", element("td", "corner"), ...labels)),
    element("tbody", "", ...lines),
  );
  grid.setAttribute("role", "grid");
  grid.classList.toggle("tight", Boolean(tight));
  if (tight || wide > ROOMY.least) grid.style.setProperty("--cell", `${wide}px`);
  return grid;
}

function heading(scope, text, className = "") {
  const cell = element("th", className, element("span", "", text));
  cell.scope = scope;
  cell.title = text;
  return cell;
}

// The colour scale of a tensor with the numbers at its ends.
function scaleKey(tensor, levels) {
  const ramp = element("span", "ramp");
  for (let i = tensor.probabilities ? 0 : -8; i <= 8; i++) {
    ramp.append(element("i", colourOf((i / 8) * (tensor.limit || 1), { ...tensor, limit: tensor.limit || 1 }, levels)));
  }
  const end = rounded(tensor.limit, decimals(tensor.limit));
  const [low, high] = tensor.probabilities ? ["0", "1"] : [MINUS + end, end];
  const key = element("span", "key", low, ramp, high);
  key.title = texts.scale;
  return key;
}

function colourOf(value, { limit, probabilities }, levels) {
  if (!Number.isFinite(value)) return "masked";
  const level = limit ? Math.round(Math.min(1, Math.abs(value) / limit) * levels) : 0;
  return (probabilities ? "s" : value < 0 ? "n" : "p") + level;
}

function goTo(cell) {
  cell.closest("tbody").querySelectorAll("[tabindex='0']").forEach((other) => (other.tabIndex = -1));
  cell.tabIndex = 0;
  cell.focus();
}
