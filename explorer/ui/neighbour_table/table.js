// Draws the neighbours as a table whose last column is a bar chart, and keeps the words the reader picks.
// Words come from outside: they enter the page as text, never as HTML.

const TICK = "\u2713";
const picked = []; // survives a change of the question, so that words can be collected from several lists

export default function ({ data, parentElement }) {
  const before = parentElement.querySelector(".neighbours");
  const { texts } = data;
  const root = element("div", "neighbours");
  const boxes = new Map();

  const measured = data.metric !== "cosine"; // by something else than the cosine, which then stands beside it
  const counted = data.rows.some((row) => row.count !== null);
  const ranked = data.rows.some((row) => row.percentile !== null);
  const further = Object.keys(data.rows[0]?.columns ?? {});
  const axis = axisOf(data.rows, data.metric);
  const table = element("table");
  const lines = new Map(); // word → its row
  const body = element("tbody");
  let order = { by: "rank", down: false };
  const caption = element("caption", "", ...around(texts.caption, element("b", "", data.word)), ...legend());
  table.append(caption, header(), body);
  body.append(...data.rows.map(row));
  const tray = element("div", "tray");
  const list = element("div", "list", table, tray);
  root.append(list);
  const map = data.points?.length > 2 ? neighbourMap(data, light, (href) => visit({ currentTarget: { href: new URL(href, location.href).href }, preventDefault() {} })) : null;
  if (map) root.append(element("figure", "", map.svg, element("figcaption", "", texts.map_help)));
  parentElement.append(root);
  showTray();
  supersede(before, caption);

  function row(neighbour) {
    const box = element("input");
    box.type = "checkbox";
    box.checked = picked.includes(neighbour.word);
    box.setAttribute("aria-label", filled(texts.pick_word, neighbour));
    box.onchange = () => pick(neighbour.word, box.checked);
    boxes.set(neighbour.word, box);
    const link = element("a", "", neighbour.word);
    link.href = neighbour.href;
    link.title = neighbour.word;
    link.onclick = visit;
    const from = axis.place(Math.min(0, neighbour.score));
    const to = axis.place(Math.max(0, neighbour.score));
    const bar = element("div", "bar");
    bar.style.left = `${from}%`;
    bar.style.width = `${to - from}%`;
    const plot = element("div", "plot", ...axis.ticks.map(gridLine), bar);
    const chart = element("td", "chart", plot);
    chart.setAttribute("aria-hidden", "true"); // the number beside it says the same
    const line = element(
      "tr", "",
      element("td", "pick", box),
      element("td", "rank number", neighbour.rank),
      element("td", "word", link, ...mark(neighbour)),
      element("td", "pos", neighbour.parts_of_speech),
      ...(counted ? [element("td", "count number", neighbour.count.toLocaleString("en"))] : []),
      ...(counted ? [element("td", "tier", element("span", `tier-${neighbour.tier}`, neighbour.tier))] : []),
      element("td", "cosine number", inDecimals(neighbour.similarity, 4)),
      ...(ranked ? [higher(neighbour)] : []),
      ...(measured ? [element("td", "score number", inDecimals(neighbour.score, 4))] : []),
      ...further.map((name) => beyond(neighbour.columns[name])),
      chart,
    );
    line.onmouseenter = () => map?.light(neighbour.word);
    line.onmouseleave = () => map?.light(null);
    link.onfocus = () => map?.light(neighbour.word);
    link.onblur = () => map?.light(null);
    line.onclick = (event) => event.target.closest("a, input") || map?.choose(neighbour.word);
    lines.set(neighbour.word, line);
    return line;
  }

  // What the map points at: its row is lit, and moved into view where the reader chose it.
  function light(word, chosen = false) {
    for (const [other, line] of lines) line.classList.toggle("lit", other === word);
    map.light(word);
    if (chosen) lines.get(word)?.scrollIntoView({ block: "nearest" });
  }

  function sort(by) {
    const descending = by !== "rank" && by !== "word";
    order = { by, down: order.by === by ? !order.down : descending };
    const sorted = [...data.rows].sort((a, b) => (a[by] > b[by] ? 1 : a[by] < b[by] ? -1 : a.rank - b.rank));
    if (order.down) sorted.reverse();
    body.append(...sorted.map(({ word }) => lines.get(word)));
    for (const cell of table.querySelectorAll("th[data-by]")) {
      if (cell.dataset.by === by) cell.setAttribute("aria-sort", order.down ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    }
  }

  // What the file of the model said of a word in a column of its own, which may be long.
  function beyond(value) {
    const cell = element("td", "further", value);
    cell.title = value;
    return cell;
  }

  function higher(neighbour) {
    const cell = element("td", "share number", neighbour.higher.toLocaleString("en"));
    cell.title = neighbour.compared;
    return cell;
  }

  function legend() {
    if (!data.rows.some((row) => row.stable)) return [];
    return [` \u00b7 ${TICK} ${texts.stable}`];
  }

  // A tick at a neighbour that every smaller model of the same recipe has, trained from other seeds.
  function mark(neighbour) {
    if (!neighbour.stable) return [];
    const tick = element("span", "stable", TICK);
    tick.title = texts.tick;
    tick.setAttribute("role", "img");
    tick.setAttribute("aria-label", tick.title);
    return [tick];
  }

  function header() {
    const ticks = axis.ticks.map((tick) => {
      const label = element("span", "tick", inDecimals(tick, axis.decimals));
      label.style.left = `${axis.place(tick)}%`;
      return label;
    });
    const chart = element("div", "axis", element("span", "axis-title", data.measure), ...ticks);
    return element(
      "thead", "",
      element(
        "tr", "",
        heading("pick", texts.pick),
        sorting("rank number", "rank", texts.rank),
        sorting("word", "word", texts.word),
        heading("pos", texts.pos, texts.pos_help),
        ...(counted ? [sorting("count number", "count", texts.count, texts.count_help), heading("tier", texts.tier, texts.tier_help)] : []),
        sorting("cosine number", "similarity", texts.cosine, texts.cosine_help),
        ...(ranked ? [sorting("share number", "higher", texts.percentile, texts.percentile_help)] : []),
        ...(measured ? [heading("score number", texts.score)] : []),
        ...further.map((name) => heading("further", name)),
        heading("chart", chart),
      ),
    );
  }

  function sorting(className, by, name, help = "") {
    const button = element("button", "", name);
    button.type = "button";
    button.onclick = () => sort(by);
    const cell = heading(className, button, help);
    button.title = help || filled(texts.sort, { column: name });
    cell.dataset.by = by;
    return cell;
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
    const words = [...(data.known ? [data.word] : []), ...picked.filter((word) => word !== data.word)];
    const hint = element("span", "hint", texts.hint);
    if (!words.length) return tray.replaceChildren(hint);
    const send = element("a", "send", texts.send);
    const source = words.map(encodeURIComponent).join(",");
    send.href = `lesson?lesson=own&encoder_only=true&model=${encodeURIComponent(data.model)}&source=${source}`;
    send.onclick = visit;
    const list = element("ul", "", ...words.map((word) => chip(word, !data.known || word !== data.word)));
    list.setAttribute("aria-label", texts.picked_words);
    tray.replaceChildren(element("span", "hint", texts.picked), list, send);
    if (words.length === 1) tray.append(hint);
  }

  function chip(word, removable) {
    const item = element("li", "", word);
    if (removable) {
      const remove = element("button", "", "×");
      remove.setAttribute("aria-label", filled(texts.remove, { word }));
      remove.onclick = () => pick(word, false);
      item.append(remove);
    }
    return item;
  }
}

// A text with a node in the place of its {word}.
function around(text, node) {
  const [before, ...after] = text.split("{word}");
  return [before, node, after.join("{word}")];
}

// The axis of the chart: from 0, or below it where a score is negative, to 1 for cosines, to the furthest for others.
function axisOf(rows, metric) {
  const scores = rows.map((row) => row.score);
  const reach = metric === "cosine" ? 1 : Math.max(1e-9, ...scores.map(Math.abs));
  const step = metric === "cosine" ? 0.2 : niceStep(reach / 5);
  const low = Math.floor(Math.min(0, ...scores) / step + 1e-9) * step;
  const high = metric === "cosine" ? 1 : Math.max(0, Math.ceil(Math.max(0, ...scores) / step - 1e-9) * step);
  const ticks = [];
  for (let i = Math.round(low / step); i <= Math.round(high / step); i++) ticks.push(i * step);
  const decimals = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  return { ticks, decimals, place: (x) => (100 * (x - low)) / (high - low) };
}

function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * [1, 2, 5, 10].find((factor) => factor * power >= least);
}

function heading(className, content, help = "") {
  const cell = element("th", className, content);
  cell.scope = "col";
  cell.title = help;
  return cell;
}
