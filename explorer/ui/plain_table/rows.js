// A table of texts, numbers and links. Words enter the page as text, never as HTML.

function plainTable(data) {
  const caption = element("caption", "", data.caption);
  const head = element("tr", "", ...data.columns.map(({ name, help, number }) => {
    const cell = element("th", number ? "number" : "", name);
    cell.scope = "col";
    cell.title = help;
    return cell;
  }));
  const rows = data.rows.map((cells, at) => element("tr", at === data.chosen ? "chosen" : "", ...cells.map(cell)));
  const table = element("table", "", caption, element("thead", "", head), element("tbody", "", ...rows));
  return element("div", "plain", table);

  function cell({ text, href }, at) {
    const number = data.columns[at].number ? "number" : "";
    if (!href) return element("td", number, text);
    const link = element("a", "", text);
    link.href = href;
    link.onclick = visit;
    return element("td", number, link);
  }
}
