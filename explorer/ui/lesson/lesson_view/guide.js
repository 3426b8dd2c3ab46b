// A step in words: where one is, the way on and back by button and arrow key, the glossary's terms with their meaning.
// Words come from outside: they enter the page as text, never as HTML.

const SCROLLED = "[data-testid=stMain], [data-testid=stLayoutWrapper]:has(> .st-key-words)"; // the page, and its words
const PATIENCE = 3000; // milliseconds within which the server answers

// The step that stands here. It outlives reruns, between which Streamlit takes a component down for a moment: a key that
// is pressed then must not be lost, so the listener stays, and minds only a page that is there.
const view = {
  at: 0, equation: 0, counts: null, sent: null, since: 0, root: null, count: null, help: null, steps: [], texts: {}, report: () => {},
};

// Whether a matrix has the arrow keys: where a reader came to it by keyboard, until Escape or a click. A click on a number
// leaves them to the steps.
let walking = true;

// Before the matrices, which would take an arrow key, see it.
document.addEventListener("keydown", pressed, { capture: true });
document.addEventListener("pointerdown", () => (walking = false), { capture: true });

function pressed(event) {
  const by = { ArrowLeft: -1, PageUp: -1, ArrowRight: 1, PageDown: 1, n: 1 }[event.key];
  const isLetter = event.key.length === 1;
  const modified = event.ctrlKey || event.altKey || event.metaKey || (event.shiftKey && event.key !== "?");
  if (event.key === "Tab") walking = true;
  if (!view.root?.isConnected || modified) return;
  const target = event.composedPath()[0];
  const inMatrix = target.closest?.("[role=gridcell]");
  if (event.key === "Escape" && inMatrix) walking = false;
  if (inMatrix && !walking && event.key.startsWith("Arrow")) event.stopPropagation();
  if (isLetter && (takesLetters(target) || !letterKeys.areOn)) return;
  if (event.key === "s" && !event.repeat) return view.report("stage", Date.now());
  if (event.key === "?") return view.help.showPopover();
  if (event.key === "h" || /^[1-9]$/.test(event.key)) return turnHead(Number(event.key) - 1);
  if (!by || (event.key.startsWith("Page") ? takesPages(target) : !isLetter && takesArrows(target))) return;
  event.preventDefault();
  event.stopPropagation();
  go(by);
}

// To the equations, which another component draws.
function turnHead(head) {
  document.dispatchEvent(new CustomEvent("explorer-head", { detail: Number.isNaN(head) ? null : head }));
}

export default function ({ data, parentElement, setStateValue }) {
  view.report = setStateValue;
  // Quick presses run ahead of the server: what it says about a step before the last one asked for comes too late.
  const place = `${data.steps[data.current]} ${data.equation}`;
  const late = view.sent !== null && place !== view.sent && Date.now() - view.since < PATIENCE;
  if (late && view.root.isConnected) return;
  view.sent = null;
  view.at = data.current;
  view.steps = data.steps;
  view.texts = data.texts;
  view.equation = data.equation;
  view.counts = data.counts;
  show(data, parentElement);
  // Another step begins at its top: what led to it and its words stand there.
  if (view.shown && view.shown !== place) for (const node of document.querySelectorAll(SCROLLED)) node.scrollTo({ top: 0 });
  view.shown = place;
}

// On to the next step, or back; in a talk through the equations of each step, one by one.
function go(by) {
  let [at, equation] = [view.at, view.equation + by];
  const count = (step) => Math.max(1, view.counts?.[step] ?? 1);
  if (equation < 0 || equation >= count(at)) {
    at += by;
    if (at < 0 || at >= view.steps.length) return;
    equation = by < 0 ? count(at) - 1 : 0;
  }
  Object.assign(view, { at, equation, sent: `${view.steps[at]} ${equation}`, since: Date.now() });
  view.count.textContent = filled(view.texts.place, { place: at + 1, count: view.steps.length });
  view.report("step", [view.steps[at], Date.now(), equation]);
}

function takesArrows(target) {
  if (target.closest?.("[role=gridcell]")) return walking;
  return target.isContentEditable || target.closest?.("input, textarea, select, [role=slider], [role=tab], [role=radiogroup], [role=listbox], [role=menu]");
}

// Letters belong to whatever one writes in.
function takesLetters(target) {
  return target.isContentEditable || target.closest?.("input:not([type=checkbox]), textarea, select, [role=combobox], [role=listbox], [role=menu]");
}

// A presenter's remote sends Page Up and Page Down, wherever the focus is; what is longer than the window keeps them.
function takesPages(target) {
  return target.isContentEditable || target.closest?.("textarea, select, [aria-expanded=true][role=combobox], [role=listbox], [role=menu]");
}

function show({ steps, current, chapter, title, part, spans, terms, stage, keys, texts }, parentElement) {
  parentElement.querySelector(".guide")?.remove();
  view.count = element("span", "count", filled(texts.place, { place: current + 1, count: steps.length }));
  view.count.setAttribute("role", "status"); // says where one is, also to those who do not see it
  const previous = named(stage ? "←" : texts.previous, texts.previous, () => go(-1), current === 0);
  const next = named(stage ? "→" : texts.next, texts.next, () => go(1), current === steps.length - 1);
  previous.title = texts.keys_back;
  next.title = texts.keys_on;
  const turn = named(stage ? "✕" : texts.talk, stage ? texts.leave : texts.talk, () => view.report("stage", Date.now()));
  turn.title = texts.keys_talk;
  view.help = keysHelp(keys, texts);
  const asking = named("?", texts.keys, () => view.help.showPopover());
  asking.title = texts.keys;
  const ways = element("nav", "ways", previous, view.count, next, turn, asking);
  ways.setAttribute("aria-label", texts.steps);
  const prose = element("p", "prose", ...readings(spans, terms));
  const name = element("p", "chapter", chapter);
  view.root = element("div", stage ? "guide stage" : "guide", ways, name, element("p", "part", part), element("h2", "", title), prose, view.help);
  parentElement.append(view.root);
}

// What the keys do, and the switch of those of one letter.
function keysHelp(keys, texts) {
  const rows = keys.map(([names, meaning]) => element("div", "", element("dt", "", ...names.map((name) => element("kbd", "", name))), element("dd", "", meaning)));
  const box = element("input");
  box.type = "checkbox";
  box.checked = letterKeys.areOn;
  box.onchange = () => letterKeys.turn(box.checked);
  const help = element("div", "keys", element("b", "", texts.keys), element("dl", "", ...rows), element("label", "", box, texts.letters));
  help.popover = "auto"; // Escape and a click elsewhere close it, and the focus goes back
  help.setAttribute("role", "dialog");
  help.setAttribute("aria-label", texts.keys);
  help.addEventListener("toggle", ({ newState }) => newState === "open" && box.focus());
  return help;
}

// What follows a term without a space, such as a comma, stays on its line.
function readings(spans, terms) {
  const nodes = [];
  let term = null; // the one that was written last
  for (const span of spans) {
    const [closing] = term && !span.term && !span.emphasised ? span.text.match(/^\S*/) : [""];
    term?.append(closing);
    const read = reading({ ...span, text: span.text.slice(closing.length) }, terms);
    term = span.term ? element("span", "term-and-comma", ...read) : null;
    nodes.push(...(term ? [term] : read));
  }
  return nodes;
}

function reading({ text, emphasised, term }, terms) {
  if (!term) return [emphasised ? element("em", "", text) : text];
  const meaning = element("span", "meaning", element("b", "", terms[term][0]), ` ${terms[term][1]}`);
  meaning.popover = "manual";
  const link = button(text, () => (pinned = !pinned) ? open() : close());
  let pinned = false;
  const open = () => {
    if (!meaning.isConnected) return;
    meaning.showPopover();
    const box = link.getBoundingClientRect();
    const furthest = document.documentElement.clientWidth - meaning.offsetWidth - 12;
    meaning.style.left = `${Math.max(8, Math.min(box.left, furthest))}px`;
    meaning.style.top = `${box.bottom + 6}px`;
    link.setAttribute("aria-expanded", "true");
  };
  const close = () => {
    pinned = false;
    if (meaning.matches(":popover-open")) meaning.hidePopover();
    link.setAttribute("aria-expanded", "false");
  };
  link.className = "term";
  link.setAttribute("aria-expanded", "false");
  link.onpointerenter = () => pinned || open();
  link.onpointerleave = () => pinned || close();
  link.onblur = close;
  link.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  return [link, meaning];
}

// A button whose sign is short.
function named(sign, name, onclick, disabled) {
  const made = button(sign, onclick, disabled);
  if (sign !== name) made.setAttribute("aria-label", name);
  return made;
}

function button(text, onclick, disabled = false) {
  const node = element("button", "", text);
  node.type = "button";
  node.disabled = disabled;
  node.onclick = onclick;
  return node;
}
