// A table of words whose last column is a bar chart of their numbers.
// Words come from outside: they enter the page as text, never as HTML.

function wordTable(data) {
  const axis = axisOf(data.rows.flatMap((row) => row.number ?? []));
  const words = data.rows[0]?.words.length ?? 0;
  const table = element("table", "", element("caption", "", data.caption), header(data, words, axis));
  table.append(element("tbody", "", ...data.rows.map((row, rank) => line(row, rank + 1, axis, data.texts))));
  return table;
}

function line({ words, notes, number, problem }, rank, axis, texts) {
  const cells = [element("td", "rank number", rank), ...words.map((word) => linked(word, texts)), ...notes.map((note) => element("td", "pos", note))];
  if (number === null) {
    const reason = element("td", "problem", problem);
    reason.colSpan = 2;
    return element("tr", "", ...cells, reason);
  }
  const [from, to] = [Math.min(0, number), Math.max(0, number)].map(axis.place);
  const bar = element("div", "bar");
  bar.style.left = `${from}%`;
  bar.style.width = `${to - from}%`;
  const chart = element("td", "chart", element("div", "plot", ...axis.ticks.map((tick) => at(tick, axis, "grid")), bar));
  chart.setAttribute("aria-hidden", "true"); // the number beside it says the same
  return element("tr", "", ...cells, element("td", "cosine number", inDecimals(number, 4)), chart);
}

function linked({ word, href }, texts) {
  const link = element("a", "", word);
  link.href = href;
  link.title = filled(texts.link, { word });
  link.onclick = visit;
  return element("td", "word", link);
}

// From 0, or below it where a number is negative, to 1, or above it where one is larger.
function axisOf(numbers) {
  const low = Math.floor(Math.min(0, ...numbers) * 5);
  const high = Math.ceil(Math.max(1, ...numbers) * 5);
  const step = Math.max(1, Math.ceil((high - low) / 10));
  const ticks = [];
  for (let i = Math.ceil(low / step) * step; i <= high; i += step) ticks.push(i / 5);
  return { ticks, place: (x) => (100 * (5 * x - low)) / (high - low) };
}

function header({ headings, measure }, words, axis) {
  const ticks = axis.ticks.map((tick) => at(tick, axis, "tick", inDecimals(tick, 1)));
  const chart = element("div", "axis", element("span", "axis-title", measure), ...ticks);
  return element(
    "thead", "",
    element(
      "tr", "",
      ...headings.map((text, column) => heading(!column ? "rank number" : column <= words ? "word" : "pos", text)),
      heading("cosine number", measure),
      heading("chart", chart),
    ),
  );
}

function at(x, axis, className, ...children) {
  const mark = element("span", className, ...children);
  mark.style.left = `${axis.place(x)}%`;
  return mark;
}

function heading(className, content) {
  const cell = element("th", className, content);
  cell.scope = "col";
  return cell;
}
