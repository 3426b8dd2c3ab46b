// Draws words that have a place on a plane: maps, a part of the map of all words, graphs, two axes, as
// explorer/talks/places.py describes them.

const GRID = 1000; // of the places of dots, from the middle of the stage to its edge
const DOT = 7;
const AREA = 0.97; // share of the height from the middle to the edge that a map with a scale has
const NAMES = { centre: 30, area: 27 }; // type

DRAWINGS.map = function ({ points, caption: words, lines = [], axes = [], areas = [], colours = [], legend = [], scale = false, camera }) {
  const width = STAGE.width - 2 * STAGE.sides;
  const high = this.room - 30 * Math.ceil(words.length / 95) - STAGE.gap - (legend.length ? 44 : 0);
  const all = [...points, ...areas];
  const svg = shape("svg", { viewBox: `0 0 ${width} ${high}`, class: "places", role: "img", "aria-label": `${words}: ${all.map(({ word }) => word).join(", ")}` });
  const unit = (Math.min(width, high) / 2) * AREA;
  const [reach, down] = [width * 0.72, high * (axes.length ? 0.74 : 0.84)];
  const spot = ({ x, y }) => (scale ? [width / 2 + x * unit, high / 2 + y * unit] : [width / 2 + (x - 0.5) * reach, high / 2 + (y - 0.5) * down]);
  const order = points.filter(({ role, word }) => role !== "centre" && (!this.data.highlight.length || this.marks(word))).map(({ word }) => word);
  const taken = points.map(spot).map(([left, top]) => [left - 9, top - 9, 18, 18]); // no name stands on a dot

  const ground = shape("g", {});
  if (camera) gliding(ground, `map of ${camera.model}`).dataset.camera = [camera.x, camera.y, camera.zoom * unit, width / 2, high / 2].join(" ");
  svg.append(ground);
  for (const { colour, path } of colours) {
    const dots = shape("path", { class: "dots", d: path, transform: `translate(${width / 2} ${high / 2}) scale(${unit / GRID})`, "stroke-width": (DOT * GRID) / unit });
    dots.style.stroke = `light-dark(${colour.join(", ")})`;
    ground.append(dots);
  }
  svg.append(...crossed(axes, width, high, taken));
  for (const [one, other, strength] of lines) {
    const [[x1, y1], [x2, y2]] = [spot(points[one]), spot(points[other])];
    svg.append(shape("line", { class: "join", x1, y1, x2, y2, "stroke-width": 1.5 + 5 * strength }));
  }
  for (const point of [...all].sort((a, b) => rank(this, b) - rank(this, a))) {
    const { word, role } = point;
    const [left, top] = spot(point);
    const size = NAMES[role] ?? 25;
    const wide = word.length * size * 0.56;
    const isFree = ([at, line]) => at > 0 && at + wide < width && line > 24 && line < high - 4 && !taken.some((box) => overlaps(box, [at, line - size, wide, size + 4]));
    const spots = role === "area" ? [[left - wide / 2, top + size / 3], ...around(left, top, wide, size)] : around(left, top, wide, size);
    const free = spots.find(isFree);
    if (!free && (role === "area" || scale)) continue; // a dot without a name says nothing there
    const group = gliding(shape("g", { class: this.marks(word) ? "marked" : role === "centre" || role === "area" ? role : "" }), `word ${word}`);
    if (role !== "area") group.append(shape("circle", { class: "dot", cx: left, cy: top, r: role === "centre" ? 11 : 7 }));
    if (free) {
      const [at, line] = free;
      taken.push([at, line - size, wide, size + 4]);
      const [endX, endY] = [Math.max(at - 4, Math.min(left, at + wide + 4)), Math.max(line - size + 4, Math.min(top, line + 4))];
      if (role !== "area" && Math.hypot(endX - left, endY - top) > 20) group.prepend(shape("line", { class: "lead", x1: left, y1: top, x2: endX, y2: endY }));
      group.append(shape("text", { x: at, y: line }, word));
    }
    if (this.data.reveal === "rows" && order.includes(word)) revealed(group, order.indexOf(word) + 1);
    svg.append(group);
  }
  const chips = legend.map(({ name, colour }) => {
    const chip = element("span", "chip");
    chip.style.background = `light-dark(${colour.join(", ")})`;
    return element("span", "", "", chip, name);
  });
  return [element("div", "picture", "", svg), ...(chips.length ? [element("p", "legend", "", ...chips)] : []), ...caption(words)];
};

// Two lines through the middle of the stage, and at their ends what lies there.
function crossed(axes, width, high, taken) {
  if (!axes.length) return [];
  const [[left, right], [lower, upper]] = axes;
  const parts = [shape("line", { class: "axis", x1: 0, x2: width, y1: high / 2, y2: high / 2 }), shape("line", { class: "axis", x1: width / 2, x2: width / 2, y1: 34, y2: high - 34 })];
  const end = (text, x, y, anchor) => {
    const wide = text.length * 16;
    taken.push([{ start: x, middle: x - wide / 2, end: x - wide }[anchor], y - 26, wide, 32]);
    parts.push(shape("text", { class: "end", x, y, "text-anchor": anchor }, text));
  };
  end(`← ${left}`, 0, high / 2 - 12, "start");
  end(`${right} →`, width, high / 2 - 12, "end");
  end(`↑ ${upper}`, width / 2, 24, "middle");
  end(`↓ ${lower}`, width / 2, high - 6, "middle");
  return parts;
}

// Where the name of a dot may stand: beside it, and further away, the nearest first.
function around(left, top, wide, size) {
  const places = [];
  for (const far of [14, 32, 56, 84, 116]) {
    const [up, under] = [top - far, top + far + size - 6];
    places.push([left + far, top + 8], [left - far - wide, top + 8], [left - wide / 2, up], [left - wide / 2, under]);
    places.push([left + far, up + 8], [left - far - wide, up + 8], [left + far, under - 8], [left - far - wide, under - 8]);
  }
  return places;
}

const RANKS = { centre: 3, near: 1, area: -1 };
const rank = (scene, { word, role }) => (scene.marks(word) ? 2 : (RANKS[role] ?? 0));
const overlaps = ([x, y, width, height], [left, top, wide, high]) => x < left + wide && left < x + width && y < top + high && top < y + height;
