// Draws lines of numbers along an axis, such as the loss of a training.

const CURVE = { left: 96, right: 24, above: 20, below: 76 }; // room around the lines

DRAWINGS.curve = function ({ lines, across, up, caption: words }) {
  const width = STAGE.width - 2 * STAGE.sides;
  const high = this.room - 30 * Math.ceil(words.length / 95) - 2 * STAGE.gap - 44;
  const all = lines.flatMap(({ points }) => points);
  const [last, most] = [Math.max(...all.map(([x]) => x)), Math.max(...all.map(([, y]) => y))];
  const svg = shape("svg", { viewBox: `0 0 ${width} ${high}`, class: "curve", role: "img", "aria-label": lines.map(({ name, points }) => `${name}: ${points[0][1]} … ${points.at(-1)[1]}`).join("; ") });
  const x = (value) => CURVE.left + (value / last) * (width - CURVE.left - CURVE.right);
  const y = (value) => high - CURVE.below - (value / (most || 1)) * (high - CURVE.above - CURVE.below);
  for (const tick of ticks(0, most, 4)) {
    svg.append(
      shape("line", { x1: CURVE.left, x2: width - CURVE.right, y1: y(tick), y2: y(tick) }),
      shape("text", { x: CURVE.left - 14, y: y(tick) + 9, "text-anchor": "end" }, `${tick}`),
    );
  }
  for (const tick of ticks(0, last, 5)) svg.append(shape("text", { x: x(tick), y: high - CURVE.below + 34, "text-anchor": "middle" }, `${tick}`));
  svg.append(shape("text", { class: "quiet", x: (CURVE.left + width) / 2, y: high - 8, "text-anchor": "middle" }, across));
  for (const { looks, points } of lines) svg.append(shape("polyline", { class: looks, points: points.map(([at, value]) => `${x(at)},${y(value)}`).join(" ") }));
  const legend = lines.map(({ name, looks }) => element("span", "", "", element("span", `stroke ${looks}`), name));
  return [element("p", "legend", "", element("span", "", up), ...legend), element("div", "picture", "", svg), ...caption(words)];
};
