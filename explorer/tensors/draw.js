// Draws equations of tensors: inputs, operators and result from left to right, one worked cell written out beneath.
//
// `draw(element, { equations, levels, texts, stage, heading }, { onOpen, onWorked, blank })` is all there is to call: the
// caller opens cells, and makes what stands in a blank one. It needs no framework and asks nothing of any network. It
// computes no value: it takes numbers from the arrays and writes them into the templates that it is given; with
// calculator.js it sees whether what it wrote is true. Labels come from outside: they enter the page as text, never as
// HTML.
//
// Small matrices are tables. Large ones are heat maps on a canvas that zoom into digits; beside the canvas stands a grid of
// the cells around the cursor, which the keyboard moves in and a screen reader reads.
//
// `explorer.tensors.script` joins the files of this folder to one module.

export function draw(element, data, { onOpen = () => {}, onWorked = () => {}, blank = () => "" } = {}) {
  const root = node("div", "tensors");
  const reading = node("div", "reading");
  const ink = node("i", "ink");
  const page = {
    root, reading, onOpen, onWorked, blank,
    levels: data.levels,
    heading: data.heading ?? 2,
    texts: data.texts,
    way: data.stage ? "stage" : "page",
    // A larger window of a talk is no reason to show more, but to show it larger.
    get scale() {
      return data.stage && !data.height ? Math.max(1, Math.min(innerWidth / 1280, innerHeight / 720)) : 1;
    },
    above: data.height ? 0 : undefined, // pixels of that height above the equation, where they cannot be measured
    // Of the window, or of a frame in it that is scaled as a whole.
    get height() {
      return data.height ?? innerHeight;
    },
    width: 0,
    palette: null,
  };
  reading.hidden = true;
  reading.setAttribute("aria-hidden", "true");
  root.classList.toggle("stage", page.way === "stage");
  const equations = data.equations.map((equation, number) => new Equation(page, equation, number));
  root.append(...equations.map(({ section }) => section), reading, ink);
  element.append(root);

  const bySection = new Map(equations.map((equation) => [equation.section, equation]));
  const nearby = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) bySection.get(entry.target).near = entry.isIntersecting;
      page.width = root.clientWidth;
      // What a reader sees stands in this frame, the first equation before the others; what is only near, in the next.
      const soon = [];
      for (const { target, isIntersecting } of entries) {
        const equation = bySection.get(target);
        if (isIntersecting && inWindow(target.getBoundingClientRect())) equation.show();
        else if (isIntersecting) soon.push(equation);
      }
      if (soon.length) requestAnimationFrame(() => soon.forEach((equation) => equation.near && equation.show()));
    },
    { rootMargin: "500px" },
  );
  equations.forEach(({ section }) => nearby.observe(section));
  const resized = new ResizeObserver(() => {
    root.style.setProperty("--talk", `${24 * page.scale}px`);
    if (root.clientWidth === page.width || !root.clientWidth) return;
    page.width = root.clientWidth;
    equations.forEach((equation) => equation.resize());
  });
  resized.observe(root);
  // The theme changes without a word: but the colour of this element takes a moment to follow, and that is an event.
  const recolour = () => {
    page.palette = null;
    equations.forEach((equation) => equation.recolour());
  };
  ink.addEventListener("transitionend", recolour);
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", recolour);
  const turnHead = ({ detail }) => equations.forEach((equation) => equation.turnHead(detail ?? undefined));
  document.addEventListener("explorer-head", turnHead); // counted from 0; the next one without a number
  return {
    work: (equation, at) => equations[equation].work(at),
    light: (equation, cells) => equations[equation].light(cells),
    // What is in the window stands there at once, or everything: where it replaces another, nothing blinks and nothing
    // moves, and paper has no window.
    show({ everything = false } = {}) {
      page.width = root.clientWidth;
      const seen = equations.filter(({ section }) => everything || inWindow(section.getBoundingClientRect()));
      seen.forEach((equation) => equation.show());
    },
    stop() {
      nearby.disconnect();
      resized.disconnect();
      scheme.removeEventListener("change", recolour);
      document.removeEventListener("explorer-head", turnHead);
      root.remove();
    },
  };
}

const inWindow = ({ top, bottom }) => bottom > 0 && top < innerHeight;
