// Draws an equation of the lesson, as large as the stage lets it.

const MOST_LARGER = 1.6; // that an equation is drawn …
const SPARE_ROOM = 0.92; // … in this share of the room

DRAWINGS.equation = function ({ equation }) {
  const host = element("div", "tensors-host");
  const shadow = host.attachShadow({ mode: "open" });
  const style = element("style");
  style.textContent = `${TENSOR_STYLE}\n:host { font-size: 24px; } .reading { display: none !important; } .covered { visibility: hidden; } `;
  shadow.append(style);
  let view = null;
  const { cells, reveal } = this.data;
  if (reveal === "cells") this.extra = cells.length - 1;
  if (reveal === "lines") this.extra = equation.lines.length;
  const worked = reveal === "cells" && cells.length ? cells[0] : equation.worked;
  const begin = () => {
    if (view || !this.section.isConnected) return;
    view = draw(shadow, { equations: [{ ...equation, worked }], levels: this.talk.levels, texts: this.talk.tensors, stage: true, height: this.room, heading: 2 });
    view.show({ everything: true });
    const root = shadow.querySelector(".tensors");
    new ResizeObserver(() => enlarge(host, root, this.room)).observe(root);
  };
  this.begin = begin;
  this.onShow = (press) => {
    begin();
    if (reveal === "cells" && cells.length) view?.work(0, cells[Math.min(press, cells.length - 1)]);
    if (reveal === "lines") requestAnimationFrame(() => [...shadow.querySelectorAll(".line")].forEach((line, place) => line.classList.toggle("covered", place >= this.at)));
  };
  return [host];
};

// An equation that leaves much of the stage empty stands in its middle, and larger. The lines of other cells may be longer.
function enlarge(host, root, room) {
  const lines = root.querySelector(".lines");
  root.style.transform = lines.style.width = "";
  const stage = host.getBoundingClientRect();
  const scale = stage.width / host.offsetWidth || 1;
  const rectangle = (node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    return range.getBoundingClientRect();
  };
  const wide = (Math.max(...[...root.querySelectorAll(".unit, .line")].map((node) => rectangle(node).right)) - stage.left) / scale;
  if (!(wide > 0)) return;
  const larger = Math.max(1, Math.min(MOST_LARGER, (SPARE_ROOM * host.offsetWidth) / wide, (SPARE_ROOM * room) / root.offsetHeight));
  lines.style.width = `${Math.ceil(wide - (lines.getBoundingClientRect().left - stage.left) / scale) + 1}px`; // as its text is wrapped
  root.style.transformOrigin = `${wide / 2}px 50%`;
  root.style.transform = `translateX(${Math.max(0, (host.offsetWidth - wide) / 2)}px) scale(${larger})`;
}
