// Draws the arms as a table. Headings and arms are links: what is sorted and chosen stands in the address.

export default function ({ data, parentElement }) {
  const before = parentElement.querySelector("table");
  const caption = element("caption", "", data.caption);
  const headings = data.headings.map(heading);
  const rows = data.rows.map(line);
  parentElement.append(
    element(
      "table", "",
      caption,
      element("thead", "", element("tr", "", ...headings)),
      element("tbody", "", ...rows),
    ),
  );
  supersede(before, caption);
}

function heading({ title, href, sorted }, column) {
  const cell = element("th", column ? "number" : "word", link(title, href));
  cell.scope = "col";
  cell.setAttribute("aria-sort", sorted);
  return cell;
}

function line({ arm, href, chosen, cells }) {
  const row = element(
    "tr", chosen ? "chosen" : "",
    element("td", "word", link(arm, href)),
    ...cells.map(([number, note]) => element("td", "number", number, ...(note ? [element("small", "", note)] : []))),
  );
  if (chosen) row.setAttribute("aria-current", "true");
  return row;
}

function link(text, href) {
  const node = element("a", "", text);
  node.href = href;
  node.onclick = visit;
  return node;
}
