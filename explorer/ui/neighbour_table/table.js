// Draws the neighbours as a table whose last column is a bar chart, and keeps the words the reader picks.
// Words come from outside: they enter the page as text, never as HTML.

const TICK = "\u2713";
// The picked words survive a change of the question and a reload, so that they can be collected from several lists.
const PICKED = "explorer picked words";
const picked = JSON.parse(sessionStorage.getItem(PICKED) ?? "[]");
const COUNTS = new Intl.NumberFormat("en"); // made once: that takes longer than a row
const MOST_MAPPED = 100; // words that a link may hold

export default function ({ data, parentElement, setStateValue }) {
  const before = parentElement.querySelector(".neighbours");
  const drawn = before?.querySelectorAll("tbody tr").length ?? 0;
  const wantsMore = before?.getRootNode().activeElement?.matches(".more button") ?? false;
  const { texts } = data;
  const root = element("div", "neighbours");
  const boxes = new Map();

  const measured = data.metric !== "cosine"; // by something else than the cosine, which then stands beside it
  const counted = data.rows.some((row) => row.count !== null);
  const ranked = data.rows.some((row) => row.percentile !== null);
  const tagged = data.rows.some((row) => row.parts_of_speech);
  const further = Object.keys(data.rows[0]?.columns ?? {});
  const axis = axisOf(data.rows, data.metric);
  const table = element("table");
  const lines = new Map(); // word → its row
  const body = element("tbody");
  let order = { by: "rank", down: false };
  const caption = element("caption", "", ...around(texts.caption, element("b", "", data.word)));
  table.append(caption, header(), body);
  body.append(...data.rows.map(row));
  body.onkeydown = caption.onkeydown = walk;
  const tray = element("div", "tray");
  const verdict = element("p", "verdict");
  verdict.title = texts.verdict_help;
  const list = element("div", "list", table, ...notes(), tray);
  judge();
  root.append(verdict, list);
  const map = data.points?.length > 2 ? neighbourMap(data, light, (href) => visit({ currentTarget: { href: new URL(href, location.href).href }, preventDefault() {} })) : null;
  if (map) {
    const caption = element("figcaption", "", texts.map_help);
    if (data.atlas) caption.append(" ", leading("", texts.in_atlas, data.atlas));
    root.append(element("figure", "", map.svg, caption));
  }
  parentElement.append(root);
  showTray();
  if (wantsMore) {
    before.remove();
    lines.get(data.rows[drawn]?.word)?.querySelector("a").focus({ preventScroll: true });
  } else supersede(before, caption);

  // Whether the cosine of a row is high: the first one's, or that of the row at which the reader is, as long as that is.
  function judge(row = data.rows[0]) {
    if (!row?.verdict) return verdict.replaceChildren();
    verdict.replaceChildren(element("b", "", row.word), ` \u00b7 ${row.verdict}`);
  }

  // The arrow keys walk through the words, from the caption on; the focus is there after an answer.
  function walk(event) {
    const links = [...body.querySelectorAll("td.word a")];
    const at = links.indexOf(event.target);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
    if (!links[next] || (at < 0 && event.target !== caption)) return;
    event.preventDefault();
    links[next].focus();
  }

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
      element("td", "word", link, ...mark(neighbour), element("small", "", neighbour.known)),
      ...(tagged ? [element("td", "pos", neighbour.parts_of_speech)] : []),
      ...(counted ? [element("td", "count number", COUNTS.format(neighbour.count))] : []),
      ...(counted ? [element("td", "tier", element("span", `tier-${neighbour.tier}`, neighbour.tier))] : []),
      element("td", "cosine number", inDecimals(neighbour.similarity, 4)),
      ...(ranked ? [asHigh(neighbour)] : []),
      ...(measured ? [element("td", "score number", inDecimals(neighbour.score, 4))] : []),
      ...further.map((name) => beyond(neighbour.columns[name])),
      chart,
    );
    line.onmouseenter = link.onfocus = () => {
      map?.light(neighbour.word);
      judge(neighbour);
    };
    line.onmouseleave = link.onblur = () => {
      map?.light(null);
      judge();
    };
    line.onclick = (event) => event.target.closest("a, input") || map?.choose(neighbour.word);
    lines.set(neighbour.word, line);
    return line;
  }

  // What the map points at: its row is lit, and moved into view where the reader chose it.
  function light(word, chosen = false) {
    for (const [other, line] of lines) line.classList.toggle("lit", other === word);
    map.light(word);
    judge(data.rows.find((row) => row.word === word));
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

  function asHigh(neighbour) {
    const cell = element("td", "share number", COUNTS.format(neighbour.as_high));
    cell.title = neighbour.compared;
    return cell;
  }

  // What a column means, what retrained models say, and how to see more of a long list.
  function notes() {
    const lines = [texts.out_of_order, texts.retrained].filter(Boolean).map((text) => element("p", "legend", text));
    if (!data.more) return lines;
    const button = element("button", "", texts.more);
    button.type = "button";
    button.onclick = () => setStateValue("more", data.more);
    return [...lines, element("p", "more", `${texts.rows} `, button)];
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
    const measure = texts.nearer || data.measure;
    const chart = element("div", "axis", element("span", "axis-title", measure), ...ticks);
    return element(
      "thead", "",
      element(
        "tr", "",
        heading("pick", texts.pick),
        sorting("rank number", "rank", texts.rank),
        sorting("word", "word", texts.word),
        ...(tagged ? [heading("pos", texts.pos, texts.pos_help)] : []),
        ...(counted ? [sorting("count number", "count", texts.count, texts.count_help), heading("tier", texts.tier, texts.tier_help)] : []),
        sorting("cosine number", "similarity", texts.cosine, texts.cosine_help),
        ...(ranked ? [sorting("share number", "as_high", texts.percentile, texts.percentile_help)] : []),
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
    sessionStorage.setItem(PICKED, JSON.stringify(picked));
    showTray();
  }

  function showTray() {
    // A phrase that is no word of the model can be compared, but it has no place in a lesson or on a map of a list.
    const words = [...(data.known || data.phrase ? [data.word] : []), ...picked.filter((word) => word !== data.word)];
    const ofModel = (some) => some.filter((word) => !data.phrase || word !== data.word);
    const hint = element("span", "hint", texts.hint);
    if (!words.length) return tray.replaceChildren(hint);
    const model = encodeURIComponent(data.model);
    const listed = (some) => some.slice(0, MOST_MAPPED).map(encodeURIComponent).join(",");
    // A matrix or a map of one word says nothing: then it is of all that are listed.
    const several = words.length > 1 ? words : [...words, ...data.rows.map(({ word }) => word)];
    const list = element("ul", "", ...words.map((word) => chip(word, !(data.known || data.phrase) || word !== data.word)));
    list.setAttribute("aria-label", texts.picked_words);
    const copy = element("button", "act", texts.copy);
    copy.onclick = async () => {
      await copied(words.join(", "));
      copy.textContent = texts.copied;
    };
    tray.replaceChildren(
      element("span", "hint", texts.picked), list,
      ...(ofModel(words).length ? [leading("send", texts.send, `lesson?lesson=own&encoder_only=true&model=${model}&source=${listed(ofModel(words))}`)] : []),
      leading("", texts.matrix, `calculator?ask=matrix&model=${model}&words=${listed(several)}`),
      leading("", texts.on_map, `map?show=list&model=${model}&words=${listed(ofModel(several))}`),
      copy,
    );
    if (words.length === 1) return tray.append(hint);
    const clear = element("button", "act", texts.clear);
    clear.onclick = () => [...picked].forEach((word) => pick(word, false));
    tray.append(clear);
  }

  function leading(className, label, href) {
    const link = element("a", className, label);
    link.href = href;
    link.onclick = visit;
    return link;
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
