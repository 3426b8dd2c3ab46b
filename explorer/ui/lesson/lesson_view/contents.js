// All steps of a lesson: as a table of contents, and as a diagram of the pass to jump by.
// Words come from outside: they enter the page as text, never as HTML.

const SVG = "http://www.w3.org/2000/svg";
const [WIDE, HIGH, ACROSS, DOWN] = [128, 26, 158, 36]; // a box, and from one to the next

const views = new WeakMap(); // root of an instance → its view, so that a step on moves the mark alone

export default function ({ data, parentElement, setStateValue }) {
  const { current, ...rest } = data;
  const signature = JSON.stringify(rest);
  let view = views.get(parentElement);
  if (view?.signature !== signature) {
    view = { signature, ...draw(rest, parentElement, (key) => view.go(key)) };
    views.set(parentElement, view);
  }
  view.go = (key) => setStateValue("step", [key, Date.now()]);
  view.show(current);
}

function draw({ chapters, boxes, edges, texts }, parentElement, go) {
  parentElement.querySelector(".contents")?.remove();
  const links = new Map();
  const folds = chapters.map(({ title, steps }) => {
    const list = element("ol", "", ...steps.map(({ key, title: name }) => element("li", "", (links.set(key, link(key, go)), links.get(key).append(name), links.get(key)))));
    const fold = element("details", "", element("summary", "", title), list);
    fold.name = "chapter"; // one at a time is open
    fold.keys = steps.map(({ key }) => key);
    return fold;
  });
  const table = element("nav", "table", ...folds);
  table.setAttribute("aria-label", texts.contents);
  // The current step in the middle of the table, which alone is scrolled.
  const follow = () => {
    const anchor = table.querySelector("[aria-current]");
    if (anchor) table.scrollTop = anchor.offsetTop - (table.clientHeight - anchor.offsetHeight) / 2;
  };
  const { picture, mark } = diagram(boxes, edges, texts, go);
  const tabs = [texts.contents, texts.diagram].map((name) => element("button", "", name));
  const turn = (chosen) => {
    tabs.forEach((tab, place) => tab.setAttribute("aria-pressed", place === chosen));
    table.hidden = chosen !== 0;
    picture.hidden = chosen !== 1;
    follow();
    sessionStorage.setItem("lesson-contents", chosen);
  };
  tabs.forEach((tab, place) => (tab.onclick = () => turn(place)));
  turn(Number(sessionStorage.getItem("lesson-contents")) || 0);
  const whole = element("button", "whole", texts.overview);
  whole.onclick = () => go("");
  parentElement.append(element("div", "contents", element("div", "tabs", ...tabs, whole), table, picture));
  return {
    show(current) {
      for (const [key, anchor] of links) {
        if (key === current) anchor.setAttribute("aria-current", "step");
        else anchor.removeAttribute("aria-current");
      }
      const fold = folds.find(({ keys }) => keys.includes(current));
      if (fold) fold.open = true;
      follow();
      mark(current);
    },
  };
}

// A box for each part of the model; what a step is about is filled. On the way back the arrows turn around.
function diagram(boxes, edges, texts, go) {
  const columns = Math.max(...boxes.map(({ column }) => column)) + 1;
  const rows = Math.max(...boxes.map(({ row }) => row)) + 1;
  const svg = shape("svg", { viewBox: `-16 -4 ${(columns - 1) * ACROSS + WIDE + 32} ${(rows - 1) * DOWN + HIGH + 12}`, role: "group", "aria-label": texts.whole });
  const heads = ["forward", "backward"].map((way) => {
    const marker = shape("marker", { id: way, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto-start-reverse" });
    marker.append(shape("path", { d: "M0 0 L8 4 L0 8 Z", class: "head" }));
    return marker;
  });
  const definitions = shape("defs", {});
  definitions.append(...heads);
  svg.append(definitions);
  const place = ({ column, row }) => [column * ACROSS, row * DOWN];
  for (const [from, to, kind] of edges) svg.append(shape("path", { d: way(place(boxes[from]), place(boxes[to]), kind), class: `edge ${kind}` }));
  let back = false;
  const drawn = boxes.map((box) => {
    const [x, y] = place(box);
    const text = shape("text", { x: x + WIDE / 2, y: y + HIGH / 2 + 4 });
    text.append(box.label);
    const anchor = shape("a", { class: "box", href: address(box.keys[0]), "aria-label": box.name });
    anchor.append(shape("rect", { x, y, width: WIDE, height: HIGH, rx: 4 }), text);
    anchor.onclick = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      go((back && box.back[0]) || box.keys[0] || box.back[0]);
    };
    svg.append(anchor);
    return { box, anchor };
  });
  return {
    picture: element("div", "diagram", svg),
    mark(current) {
      back = current.startsWith("back.");
      svg.classList.toggle("back", back);
      for (const { box, anchor } of drawn) {
        if (box.keys.includes(current) || box.back.includes(current)) anchor.setAttribute("aria-current", "step");
        else anchor.removeAttribute("aria-current");
      }
    },
  };
}

function way([x1, y1], [x2, y2], kind) {
  if (kind === "residual") {
    const side = x1 === 0 ? x1 : x1 + WIDE; // outside of the two stacks
    const out = x1 === 0 ? -11 : 11;
    return `M${side} ${y1 + HIGH / 2} h${out} V${y2 + HIGH / 2} h${-out}`;
  }
  if (x1 === x2) return `M${x1 + WIDE / 2} ${y1 + HIGH} V${y2}`;
  const middle = (x1 + WIDE + x2) / 2;
  return `M${x1 + WIDE} ${y1 + HIGH / 2} H${middle} V${y2 + HIGH / 2} H${x2}`;
}

function link(key, go) {
  const anchor = element("a");
  anchor.href = address(key);
  anchor.onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(key);
  };
  return anchor;
}

function address(key) {
  const url = new URL(location.href);
  url.searchParams.set("step", key);
  for (const name of ["cell", "worked"]) url.searchParams.delete(name);
  return url.search;
}

function shape(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}
