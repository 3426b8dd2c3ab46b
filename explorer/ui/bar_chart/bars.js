// Bars of equal width as SVG, as wide as there is room. Words enter the page as text, never as HTML.

const SPACE = { left: 64, right: 16, top: 22, bottom: 44, height: 230 };
const NAMESPACE = "http://www.w3.org/2000/svg";
const FOUR_DECIMALS = new Intl.NumberFormat("en", { maximumFractionDigits: 4 }); // made once: it takes longer than a bar

// The SVG of bars, which is drawn anew when its room changes.
function barChart(data) {
  const svg = document.createElementNS(NAMESPACE, "svg");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", data.texts.alt);
  const watch = new ResizeObserver(([{ contentRect }]) => (svg.isConnected ? draw(svg, contentRect.width, data) : watch.disconnect()));
  watch.observe(svg);
  return svg;
}

function draw(svg, room, { values, start, width, line, texts }) {
  svg.setAttribute("viewBox", `0 0 ${room} ${SPACE.height}`);
  svg.replaceChildren();
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values) || 1];
  const [from, to] = [start - width / 2, Math.max(start + (values.length - 0.5) * width, line?.at ?? -Infinity)];
  const across = (x) => SPACE.left + ((x - from) / (to - from)) * (room - SPACE.left - SPACE.right);
  const up = (y) => SPACE.height - SPACE.bottom - ((y - low) / (high - low)) * (SPACE.height - SPACE.top - SPACE.bottom);

  for (const y of ticks(low, high, 4)) {
    put("line", { class: "grid", x1: SPACE.left, x2: room - SPACE.right, y1: up(y), y2: up(y) });
    put("text", { x: SPACE.left - 8, y: up(y) + 4, "text-anchor": "end" }, plain(y));
  }
  for (const x of ticks(from, to, room / 110))
    put("text", { x: across(x), y: SPACE.height - SPACE.bottom + 18, "text-anchor": "middle" }, plain(x));
  values.forEach((value, place) => {
    const x = start + place * width;
    const left = across(x - width / 2);
    const [top, bottom] = [up(Math.max(0, value)), up(Math.min(0, value))];
    const wide = across(x + width / 2) - left;
    const bar = put("rect", { x: left, y: top, width: Math.max(0.5, wide * 0.86), height: bottom - top });
    bar.append(svgNode("title", {}, filled(texts.bar, { x: plain(x), y: plain(value) })));
  });
  put("line", { class: "base", x1: SPACE.left, x2: room - SPACE.right, y1: up(0), y2: up(0) });
  put("text", { x: SPACE.left, y: 13 }, texts.y);
  put("text", { x: (SPACE.left + room) / 2, y: SPACE.height - 6, "text-anchor": "middle" }, texts.x);
  if (line) {
    put("line", { class: "mark", x1: across(line.at), x2: across(line.at), y1: SPACE.top, y2: up(0) });
    const isRight = across(line.at) > room / 2;
    const anchor = isRight ? "end" : "start";
    put("text", { class: "name", x: across(line.at) + (isRight ? -6 : 6), y: SPACE.top + 10, "text-anchor": anchor }, line.name);
  }

  function put(name, attributes, text = "") {
    return svg.appendChild(svgNode(name, attributes, text));
  }
}

function svgNode(name, attributes, text) {
  const node = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.textContent = text;
  return node;
}

// About so many round numbers from one to another.
function ticks(low, high, wanted) {
  const least = (high - low) / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(least));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= least);
  const numbers = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) numbers.push(i * step || 0); // never −0
  return numbers;
}

function plain(number) {
  return FOUR_DECIMALS.format(number).replace("-", "\u2212");
}
