// Draws the neighbours as a table whose last column is a bar chart, and keeps the words the reader picks.
// Words come from outside: they enter the page as text, never as HTML.

const TICK = "\u2713";
const picked = []; // survives a change of the question, so that words can be collected from several lists
const percent = (share) => (share === 1 ? "> 99.99%" : `${inDecimals(100 * share, 2)}%`);

export default function ({ data, parentElement }) {
  const before = parentElement.querySelector(".neighbours");
  const { texts } = data;
  const root = element("div", "neighbours");
  const boxes = new Map();

  const measured = data.metric !== "cosine"; // by something else than the cosine, which then stands beside it
  const counted = data.rows.some((row) => row.count !== null);
  const ranked = data.rows.some((row) => row.percentile !== null);
  const axis = axisOf(data.rows, data.metric);
  const table = element("table");
  const caption = element("caption", "", ...around(texts.caption, element("b", "", data.word)), ...legend());
  table.append(caption, header(), element("tbody", "", ...data.rows.map(row)));
  const tray = element("div", "tray");
  root.append(table, tray);
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
    return element(
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
      chart,
    );
  }

  function higher(neighbour) {
    const cell = element("td", "share number", percent(neighbour.percentile));
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
        heading("rank number", texts.rank),
        heading("word", texts.word),
        heading("pos", texts.pos, texts.pos_help),
        ...(counted ? [heading("count number", texts.count, texts.count_help), heading("tier", texts.tier, texts.tier_help)] : []),
        heading("cosine number", texts.cosine, texts.cosine_help),
        ...(ranked ? [heading("share number", texts.percentile, texts.percentile_help)] : []),
        ...(measured ? [heading("score number", texts.score)] : []),
        heading("chart", chart),
      ),
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
