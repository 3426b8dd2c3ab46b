// Draws columns of words and joins what two neighbouring columns share. Words enter the page as text, never as HTML.

const SVG = "http://www.w3.org/2000/svg";

export default function ({ data, parentElement }) {
  const before = parentElement.querySelector(".columns");
  const marks = new Map(); // word → everything that stands for it: list items and lines
  const places = []; // a column → word → its list item

  const root = element("div", "columns", ...data.columns.map(column));
  const lines = document.createElementNS(SVG, "svg");
  lines.setAttribute("aria-hidden", "true"); // what is joined stands in bold too
  root.append(lines);
  parentElement.append(root);
  supersede(before, root.querySelector("h2"));
  join();
  const watch = new ResizeObserver(join);
  watch.observe(root);
  return () => watch.disconnect();

  function column({ title, about, neighbours, sentences, known, suggestions, rows }) {
    const items = new Map();
    places.push(items);
    const list = element("ol", "", ...rows.map((row, at) => item(row, at + 1, items)));
    list.setAttribute("aria-label", title);
    const instead = suggestions.map(({ word, href }) => leading(word, href));
    if (instead.length && !known) instead.unshift(element("span", "", data.texts.meant));
    const notes = element(
      "div", "notes",
      ...sentences.map((sentence) => element("p", "", sentence)),
      ...(instead.length ? [element("p", "instead", ...instead)] : []),
    );
    const name = leading(title, about);
    name.title = data.texts.about;
    const head = element("h2", "", name, ...(rows.length ? [leading(data.texts.neighbours, neighbours)] : []));
    return element("div", "column", head, notes, rows.length ? list : "");
  }

  function leading(text, href) {
    const link = element("a", "", text);
    link.href = href;
    link.onclick = visit;
    return link;
  }

  function item({ word, similarity, shared, href }, rank, items) {
    const link = element("a", "", word);
    link.href = href;
    link.title = word;
    link.onclick = visit;
    const cosine = element("span", "cosine", inDecimals(similarity, 4));
    const row = element("li", shared ? "shared" : "", element("span", "rank", rank), link, cosine);
    row.onmouseenter = link.onfocus = () => light(word, true);
    row.onmouseleave = link.onblur = () => light(word, false);
    items.set(word, row);
    mark(word, row);
    return row;
  }

  function mark(word, node) {
    marks.set(word, [...(marks.get(word) ?? []), node]);
  }

  function light(word, on) {
    for (const node of marks.get(word)) node.classList.toggle("lit", on);
  }

  // A word that skips a column is joined to the next one that has it.
  function join() {
    for (const [word, nodes] of marks) marks.set(word, nodes.filter((node) => node.tagName !== "path"));
    lines.replaceChildren();
    const origin = root.getBoundingClientRect();
    for (const [word, nodes] of marks) {
      for (let i = 1; i < nodes.length && nodes[i].tagName === "LI"; i++) {
        const from = nodes[i - 1].getBoundingClientRect();
        const to = nodes[i].getBoundingClientRect();
        const x0 = from.right - origin.left + root.scrollLeft;
        const x1 = to.left - origin.left + root.scrollLeft;
        const [y0, y1] = [from, to].map((box) => (box.top + box.bottom) / 2 - origin.top);
        const path = document.createElementNS(SVG, "path");
        path.classList.toggle("skips", x1 - x0 > from.width); // a column lies between
        path.setAttribute("d", `M${x0},${y0} C${(x0 + x1) / 2},${y0} ${(x0 + x1) / 2},${y1} ${x1},${y1}`);
        lines.append(path);
        mark(word, path);
      }
    }
  }
}
