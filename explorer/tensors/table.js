// A matrix as a table.

const SIDES = [["t", -1, 0], ["b", 1, 0], ["l", 0, -1], ["r", 0, 1]];

class Table {
  constructor(equation, part, head, box) {
    Object.assign(this, { equation, part, head });
    const { rows, columns } = part;
    const [keptRows, keptColumns] = equation.kept(part, head);
    this.offset = head * part.area;
    this.cells = [];
    const table = node("table");
    table.setAttribute("role", "grid");
    table.setAttribute("aria-label", naming(part, head));
    if (part.columnsNamed || part.rowsNamed) {
      const names = spaced(keptColumns, columns.length, (column) => heading("col", part.columnsNamed ? columns[column] : "", part.bandsOf === "columns" ? part.band(column) : ""));
      table.append(node("thead", "", node("tr", "", ...(part.rowsNamed ? [node("td", "corner")] : []), ...names)));
    }
    const body = node("tbody");
    const start = part === equation.result ? equation.worked : [0, 0, 0];
    const lineOf = (row) => {
      const line = node("tr");
      if (part.rowsNamed) line.append(heading("row", rows[row], part.bandsOf === "rows" ? part.band(row) : ""));
      const cellOf = (column) => {
        const within = row * columns.length + column;
        const value = part.values[this.offset + within];
        const cell = node("td", part.level(value, equation.page.levels), write(value, part));
        cell.setAttribute("role", "gridcell");
        cell.tabIndex = -1;
        this.cells[within] = cell;
        return cell;
      };
      line.append(...spaced(keptColumns, columns.length, cellOf));
      return line;
    };
    const across = keptColumns.length + Number(part.rowsNamed) + Number(keptColumns.length < columns.length);
    body.append(...spaced(keptRows, rows.length, lineOf, () => node("tr", "", ...range(0, across).map(() => node("td", "fold", "⋮")))));
    table.append(body);
    this.current = start[0] === head ? start[1] * columns.length + start[2] : 0;
    if (this.cells[this.current]) this.cells[this.current].tabIndex = 0;
    this.node = node("div", "scroll", table);
    this.node.style.setProperty("--cell", `${box.cell}px`);
    this.marked = [];
  }

  place({ target }) {
    const cell = target.closest?.("[role=gridcell]");
    if (!cell) return null;
    const within = this.cells.indexOf(cell);
    return { part: this.part, flat: this.offset + within, box: cell };
  }

  mark(lit, worked) {
    for (const cell of this.marked) cell.classList.remove("lit", "worked", "t", "r", "b", "l");
    this.cells[this.worked]?.removeAttribute("aria-selected");
    this.marked = [];
    const columns = this.part.columns.length;
    for (const flat of lit) {
      const within = flat - this.offset;
      const cell = this.cells[within];
      if (!cell) continue; // of another head
      const column = within % columns;
      cell.classList.add("lit");
      for (const [side, down, right] of SIDES) {
        const beyond = column + right < 0 || column + right >= columns;
        const neighbour = flat + down * columns + right;
        if (beyond || !this.cells[neighbour - this.offset] || !lit.has(neighbour)) cell.classList.add(side);
      }
      this.marked.push(cell);
    }
    this.worked = worked;
    const cell = worked === null ? null : this.cells[worked];
    if (!cell) return;
    cell.classList.add("worked");
    cell.setAttribute("aria-selected", "true");
    this.marked.push(cell);
    if (this.cells[this.current] !== this.equation.section.getRootNode().activeElement) this.rove(worked);
  }

  point(within) {
    this.pointedCell?.classList.remove("pointed");
    this.pointedCell = within === null ? null : this.cells[within];
    this.pointedCell?.classList.add("pointed");
  }

  rove(within) {
    this.cells[this.current].tabIndex = -1;
    this.current = within;
    this.cells[within].tabIndex = 0;
  }

  focus(within) {
    this.rove(within);
    const cell = this.cells[within];
    cell.ariaLabel = exact(this.part.values[this.offset + within]);
    cell.focus();
  }
}

// What is made for each place that stays, and a sign where others are left out.
function spaced(places, count, make, sign = () => node("td", "fold", "…")) {
  return places.flatMap((place, i) => (i && place > places[i - 1] + 1 ? [sign(), make(place)] : [make(place)]));
}

function naming(part, head) {
  return part.headNames ? filled(part.texts.tensor_head, { tensor: part.label, head: part.headNames[head] }) : part.label;
}

function heading(scope, text, band) {
  if (text === "") return node("td", "corner");
  const cell = node("th", band ? "banded" : "", node("span", "", String(text)));
  cell.scope = scope;
  cell.title = text;
  if (band) cell.style.setProperty("--band", band);
  return cell;
}
