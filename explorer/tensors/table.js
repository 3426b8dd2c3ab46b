// A matrix as a table.

const SIDES = [["t", -1, 0], ["b", 1, 0], ["l", 0, -1], ["r", 0, 1]];

class Table {
  constructor(equation, part, head, box) {
    Object.assign(this, { equation, part, head });
    const { rows, columns } = part;
    this.offset = head * part.area;
    this.cells = [];
    const table = node("table", box.isBare ? "bare" : "");
    table.setAttribute("role", "grid");
    table.setAttribute("aria-label", naming(part, head));
    if (part.columnsNamed || part.rowsNamed) {
      const names = withGaps(part.drawnColumns, columns.length, (column) => heading("col", part.columnsNamed ? columns[column] : "", part.bandsOf === "columns" ? part.band(column) : ""), gap);
      table.append(node("thead", "", node("tr", "", ...(part.rowsNamed ? [node("td", "corner")] : []), ...names)));
    }
    const body = node("tbody");
    const start = (part === equation.result && equation.worked) || [0, 0, 0];
    const line = (row) => {
      const cells = withGaps(part.drawnColumns, columns.length, (column) => {
        const within = row * columns.length + column;
        const value = part.values[this.offset + within];
        const blank = part.blanks?.[this.offset + within];
        const cell = blank
          ? node("td", "blank", equation.page.blank(blank)) // no cell of ours: what stands in it takes the keys
          : node("td", part.level(value, equation.page.levels), write(value, part));
        if (!blank) {
          cell.setAttribute("role", "gridcell");
          cell.tabIndex = -1;
        }
        this.cells[within] = cell;
        return cell;
      }, gap);
      return node("tr", "", ...(part.rowsNamed ? [heading("row", rows[row], part.bandsOf === "rows" ? part.band(row) : "")] : []), ...cells);
    };
    body.append(...withGaps(part.drawnRows, rows.length, line, (count) => moreRows(part, count)));
    table.append(body);
    const first = part.drawnRows[0] * columns.length + part.drawnColumns[0];
    this.current = start[0] === head && this.cells[start[1] * columns.length + start[2]] ? start[1] * columns.length + start[2] : first;
    if (this.isBlank(this.current)) this.current = this.cells.findIndex((_, within) => !this.isBlank(within));
    if (this.cells[this.current]) this.cells[this.current].tabIndex = 0;
    this.node = node("div", "scroll", table);
    this.node.style.setProperty("--cell", `${box.cell}px`);
    this.node.style.setProperty("--name", Number.isFinite(box.longest) ? `${Math.max(box.cell, box.longest)}px` : "none");
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

  isBlank(within) {
    return Boolean(this.part.blanks?.[this.offset + within]);
  }

  rove(within) {
    if (this.cells[this.current]) this.cells[this.current].tabIndex = -1; // none, where all are blank
    this.current = within;
    this.cells[within].tabIndex = 0;
  }

  focus(within) {
    const cell = this.cells[within];
    if (this.isBlank(within)) return cell.querySelector("input").focus();
    this.rove(within);
    cell.ariaLabel = exact(this.part.values[this.offset + within]);
    cell.focus();
  }
}

function naming(part, head) {
  return part.headNames ? filled(part.texts.tensor_head, { tensor: part.label, head: part.headNames[head] }) : part.label;
}

// One node for each place that is drawn, and one, of `gap(count)`, wherever places before, between or after are not.
function withGaps(drawn, count, each, gap) {
  const nodes = [];
  let next = 0;
  for (const place of [...drawn, count]) {
    if (place > next) nodes.push(gap(place - next));
    if (place < count) nodes.push(each(place));
    next = place + 1;
  }
  return nodes;
}

const gap = () => node("td", "gap", "…");

// A row that stands for those that a talk leaves out.
function moreRows(part, count) {
  const cells = withGaps(part.drawnColumns, part.columns.length, () => node("td", "", "⋮"), () => node("td", "gap"));
  const row = node("tr", "more-rows", ...(part.rowsNamed ? [node("td", "corner", "⋮")] : []), ...cells);
  row.title = filled(part.texts.more_rows, { count });
  return row;
}

function heading(scope, text, band) {
  if (text === "") return node("td", "corner");
  const cell = node("th", band ? "banded" : "", node("span", "", String(text)));
  cell.scope = scope;
  cell.title = text;
  if (band) cell.style.setProperty("--band", band);
  return cell;
}
