// The neighbourhood as a picture beside the table: a point a word, its label where there is room, the asked word in the
// middle of the colours. `light(word)` marks a word; a second activation of a lit point asks about it.

const NAMESPACE = "http://www.w3.org/2000/svg";
const SIZE = { width: 440, height: 400, margin: 30, letter: 7.3, line: 17 };

function svgElement(name, attributes, text = "") {
  const made = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

function neighbourMap({ points, texts }, onLight, onAsk) {
  const names = points.map(({ word }) => word).join(", ");
  const svg = svgElement("svg", { viewBox: `0 0 ${SIZE.width} ${SIZE.height}`, class: "map", role: "img", "aria-label": `${texts.map}: ${names}` });
  const taken = [];
  const byWord = new Map();
  const inside = (share, length) => SIZE.margin + share * (length - 2 * SIZE.margin);
  for (const { word, x, y, role, href } of points) {
    const [left, top] = [inside(x, SIZE.width), inside(y, SIZE.height)];
    const point = svgElement("g", { class: `point ${role}` });
    const wide = word.length * SIZE.letter;
    const spots = [[left + 9, top + 5], [left - 9 - wide, top + 5], [left - wide / 2, top - 10], [left - wide / 2, top + 21]];
    const spot = spots.find(([at, line]) => at >= 0 && at + wide <= SIZE.width && !taken.some((box) => meets(box, [at, line - 13, wide, SIZE.line])));
    point.append(svgElement("circle", { class: "reach", cx: left, cy: top, r: 14 }), svgElement("circle", { class: "dot", cx: left, cy: top, r: role === "centre" ? 7 : 5 }));
    const [at, line] = spot ?? spots[0];
    if (spot) taken.push([at, line - 13, wide, SIZE.line]);
    point.append(svgElement("text", { x: at, y: line, class: spot ? "" : "crowded" }, word));
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

const meets = ([x, y, width, height], [left, top, wide, high]) => x < left + wide && left < x + width && y < top + high && top < y + height;

