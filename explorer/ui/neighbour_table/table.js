// Draws the neighbours as a table whose last column is a bar chart, and keeps the words the reader picks.
// Words come from outside: they enter the page as text, never as HTML.

const MINUS = "\u2212";
const picked = []; // survives a change of the question, so that words can be collected from several lists
const cosine = (x) => x.toFixed(4).replace("-", MINUS);

export default function ({ data, parentElement }) {
  parentElement.querySelector(".neighbours")?.remove();
  const root = element("div", "neighbours");
  const boxes = new Map();

  const axis = axisOf(data.rows);
  const table = element("table");
  table.append(element("caption", "", "Nearest to ", element("b", "", data.word), ` by cosine, ${data.among}`), header(axis), element("tbody", "", ...data.rows.map(row)));
  const tray = element("div", "tray");
  root.append(table, tray);
  parentElement.append(root);
  showTray();

  function row(neighbour) {
    const box = element("input");
    box.type = "checkbox";
    box.checked = picked.includes(neighbour.word);
    box.setAttribute("aria-label", `Pick ${neighbour.word}`);
    box.onchange = () => pick(neighbour.word, box.checked);
    boxes.set(neighbour.word, box);
    const link = element("a", "", neighbour.word);
    link.href = neighbour.href;
    link.title = neighbour.word;
    link.onclick = visit;
    const from = axis.place(Math.min(0, neighbour.similarity));
    const to = axis.place(Math.max(0, neighbour.similarity));
    const bar = element("div", "bar");
    bar.style.left = `${from}%`;
    bar.style.width = `${to - from}%`;
    const plot = element("div", "plot", ...axis.ticks.map(gridLine), bar);
    const chart = element("td", "chart", plot);
    chart.setAttribute("aria-hidden", "true"); // the cosine beside it says the same
    return element(
      "tr", "",
      element("td", "pick", box),
      element("td", "rank number", neighbour.rank),
      element("td", "word", link),
      element("td", "pos", neighbour.pos),
      element("td", "count number", neighbour.count.toLocaleString("en")),
      element("td", "cosine number", cosine(neighbour.similarity)),
      chart,
    );
  }

  function gridLine(tick) {
    const line = element("div", "grid");
    line.style.left = `${axis.place(tick)}%`;
    return line;
  }

  function pick(word, wanted) {
    const at = picked.indexOf(word);
    if (wanted && at < 0) picked.push(word);
    if (!wanted && at >= 0) picked.splice(at, 1);
    if (boxes.has(word)) boxes.get(word).checked = wanted;
    showTray();
  }

  function showTray() {
    const words = [data.word, ...picked.filter((word) => word !== data.word)];
    const send = element("a", "send", "Send to the transformer pass →");
    send.href = `pass?words=${words.map(encodeURIComponent).join(",")}`;
    send.onclick = visit;
    const list = element("ul", "", ...words.map((word) => chip(word, word !== data.word)));
    list.setAttribute("aria-label", "Picked words");
    tray.replaceChildren(element("span", "hint", "Picked"), list, send);
    if (words.length === 1) tray.append(element("span", "hint", "Tick words to take them along."));
  }

  function chip(word, removable) {
    const item = element("li", "", word);
    if (removable) {
      const remove = element("button", "", "×");
      remove.setAttribute("aria-label", `Remove ${word}`);
      remove.onclick = () => pick(word, false);
      item.append(remove);
    }
    return item;
  }
}

// The axis of the chart: from 0, or below it where a cosine is negative, to 1.
function axisOf(rows) {
  const low = Math.floor(Math.min(0, ...rows.map((row) => row.similarity)) * 5) / 5;
  const ticks = [];
  for (let i = Math.round(low * 5); i <= 5; i++) ticks.push(i / 5);
  return { ticks, place: (x) => (100 * (x - low)) / (1 - low) };
}

function header(axis) {
  const ticks = axis.ticks.map((tick) => {
    const label = element("span", "tick", tick.toFixed(1).replace("-", MINUS));
    label.style.left = `${axis.place(tick)}%`;
    return label;
  });
  const chart = element("div", "axis", element("span", "axis-title", "cosine similarity"), ...ticks);
  return element(
    "thead", "",
    element(
      "tr", "",
      heading("pick", "pick"),
      heading("rank number", "rank"),
      heading("word", "word"),
      heading("pos", "part of speech"),
      heading("count number", "count"),
      heading("cosine number", "cosine"),
      heading("chart", chart),
    ),
  );
}

function heading(className, content) {
  const cell = element("th", className, content);
  cell.scope = "col";
  return cell;
}

// A plain click stays in the app, which follows the browser's history; with a key held, the link is a link.
function visit(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  history.pushState({}, "", event.currentTarget.href);
  window.dispatchEvent(new PopStateEvent("popstate"));
}

function element(tag, className = "", ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}
