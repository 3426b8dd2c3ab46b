// The neighbourhood as a picture beside the table: a point and a label a word, the
// asked one darker. `light(word)` marks a word; a second activation of a lit point asks about it.

const NAMESPACE = "http://www.w3.org/2000/svg";
const SIZE = { width: 400, height: 400, across: 48, upright: 24 }; // margins: a label stands beside its point
// From a point to its label, by the words of its side.
const ACROSS = { left: { by: -9, anchor: "end" }, center: { by: 0, anchor: "middle" }, right: { by: 9, anchor: "start" } };
const UPRIGHT = { top: -10, middle: 5, bottom: 21 };

function svgElement(name, attributes, text = "") {
  const made = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

function neighbourMap({ points, texts }, onLight, onAsk) {
  const names = points.map(({ word }) => word).join(", ");
  const svg = svgElement("svg", { viewBox: `0 0 ${SIZE.width} ${SIZE.height}`, class: "map", role: "img", "aria-label": `${texts.map}: ${names}` });
  const byWord = new Map();
  const inside = (share, length, margin) => margin + share * (length - 2 * margin);
  for (const { word, x, y, side, role, href } of points) {
    const [left, top] = [inside(x, SIZE.width, SIZE.across), inside(y, SIZE.height, SIZE.upright)];
    const point = svgElement("g", { class: `point ${role}` });
    const [upright, across] = side.split(" ");
    const label = { x: left + ACROSS[across].by, y: top + UPRIGHT[upright], "text-anchor": ACROSS[across].anchor };
    point.append(
      svgElement("circle", { class: "reach", cx: left, cy: top, r: 14 }),
      svgElement("circle", { class: "dot", cx: left, cy: top, r: role === "centre" ? 7 : 5 }),
      svgElement("text", label, word),
    );
    point.onmouseenter = () => onLight(word);
    point.onmouseleave = () => onLight(null);
    point.onclick = () => (point.classList.contains("chosen") ? onAsk(href) : choose(word));
    byWord.set(word, point);
    svg.append(point);
  }

  function choose(word) {
    for (const [other, point] of byWord) point.classList.toggle("chosen", other === word);
    onLight(word, true);
  }

  function light(word) {
    for (const [other, point] of byWord) point.classList.toggle("lit", other === word);
    const point = byWord.get(word);
    if (point && svg.lastChild !== point) svg.append(point); // above the others; a click must find it where it was pressed
  }
  return { svg, light, choose };
}

