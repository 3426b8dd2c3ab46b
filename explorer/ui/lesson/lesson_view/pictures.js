// Pictures that Python drew: here they get what a file has not, a light that walks through them, a button for the next
// word, a place for the keyboard, a download. A picture's own words were escaped where it was drawn.

const TAKES = 4200; // milliseconds at a box, at speed 1
const SPEEDS = [0.5, 1, 2, 4];

const views = new WeakMap(); // root of an instance → what it shows
let playing = null; // the picture of the whole that is there, which has the space bar and the arrow keys

document.addEventListener("keydown", (event) => {
  if (!playing?.root.isConnected || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  const target = event.composedPath()[0];
  if (target.isContentEditable || target.closest?.("input, textarea, select, [role=combobox], [role=listbox], [role=slider]")) return;
  if (event.key === " " && !target.closest?.("button, summary, [role=button], [role=tab], [role=radio]")) playing.toggle();
  else if (["ArrowRight", "PageDown"].includes(event.key) && !target.closest?.("[role=tab], [role=radio], [role=radiogroup]")) playing.enter();
  else return;
  event.preventDefault();
});

export default function ({ data, parentElement, setStateValue }) {
  const signature = JSON.stringify(data);
  let view = views.get(parentElement);
  if (view?.signature !== signature) {
    view?.leave();
    view = { signature, go: () => {}, ...draw(data, parentElement, (key) => views.get(parentElement).go(key), view?.at()) };
    views.set(parentElement, view);
  }
  view.go = (key) => setStateValue("step", [key, Date.now()]);
  return () => view.leave();
}

// `from` is the word that a reader was at before the settings of a decoding changed.
function draw(data, parentElement, go, from = 0) {
  parentElement.querySelector(".picture")?.remove();
  const stage = element("div", "stage");
  stage.setAttribute("role", "group");
  const show = (svg) => {
    stage.innerHTML = svg;
    dress(stage, go);
  };
  show(data.svgs[0]);
  const parts = { whole: wholeParts, decoding: decodingParts }[data.kind]?.(data, stage, show, go, from) ?? { above: [], leave() {} };
  const below = element("div", "below", ...(data.file ? [button(data.texts.download, () => save(data.file, `${data.name}.svg`))] : []));
  const root = element("div", `picture ${data.kind}`);
  root.classList.toggle("talk", Boolean(data.talk));
  if (data.folded) {
    const fold = element("details", "", element("summary", "", data.folded), stage, below);
    root.append(fold);
  } else root.append(...parts.above, stage, below);
  parentElement.append(root);
  if (stage.scrollWidth > stage.clientWidth || data.folded) stage.tabIndex = 0; // it scrolls where the window is narrow
  parts.start?.(root);
  return { leave: parts.leave, at: parts.at ?? (() => 0) };
}

// The picture becomes part of the page: its title would stand over all of it as a tooltip, so it becomes a label.
function dress(stage, go) {
  const svg = stage.querySelector("svg");
  stage.setAttribute("aria-label", svg.getAttribute("aria-label"));
  svg.querySelector(":scope > title").remove();
  for (const looking of svg.querySelectorAll(".looking")) {
    svg.setAttribute("role", "group");
    looking.setAttribute("tabindex", 0);
    looking.setAttribute("role", "img");
  }
  for (const anchor of svg.querySelectorAll("a[data-step]")) {
    anchor.setAttribute("href", address(anchor.dataset.step));
    anchor.onclick = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      go((svg.classList.contains("back") && anchor.dataset.back) || anchor.dataset.step);
    };
  }
}

function wholeParts({ stops, first, texts }, stage, show, go) {
  const svg = stage.querySelector("svg");
  svg.style.setProperty("--drawn", `${svg.getAttribute("width")}px`);
  const boxes = [...svg.querySelectorAll(".box")];
  const light = document.createElementNS("http://www.w3.org/2000/svg", "circle");
  light.setAttribute("class", "light");
  light.setAttribute("r", 8);
  svg.append(light);
  let at = -1;
  let timer = null;
  let speed = Number(sessionStorage.getItem("lesson-speed")) || 1;
  const count = element("span", "count");
  const sentence = element("p", "sentence", texts.begin);
  sentence.setAttribute("aria-live", "polite");
  const play = button(texts.play, () => toggle(), "play");
  const before = button("‹", () => pause(at - 1));
  const after = button("›", () => pause(at + 1));
  before.setAttribute("aria-label", texts.before);
  after.setAttribute("aria-label", texts.after);
  const pace = element("select", "", ...SPEEDS.map((each) => {
    const option = element("option", "", `${each}×`);
    option.value = each;
    option.selected = each === speed;
    return option;
  }));
  pace.setAttribute("aria-label", texts.speed);
  pace.onchange = () => {
    speed = Number(pace.value);
    sessionStorage.setItem("lesson-speed", speed);
    if (timer) wait();
  };
  const enter = button(texts.enter, () => go(stops[at]?.key ?? first), "enter");
  const bar = element("div", "bar", play, before, after, pace, count, enter);
  const label = () => {
    play.textContent = timer ? texts.pause : texts.play;
    before.disabled = at <= 0;
    after.disabled = at >= stops.length - 1;
  };
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => (at < stops.length - 1 ? (stand(at + 1), wait()) : pause(at)), TAKES / speed);
  };
  const pause = (place) => {
    clearTimeout(timer);
    timer = null;
    if (place !== at && place >= 0 && place < stops.length) stand(place);
    label();
  };
  const toggle = () => {
    if (timer) return pause(at);
    stand(at >= stops.length - 1 ? 0 : at + 1);
    wait();
    label();
  };
  const stand = (place) => {
    at = place;
    const stop = stops[at];
    boxes.forEach((box, number) => box.classList.toggle("lit", number === stop.box));
    svg.classList.toggle("back", stop.back);
    const { x, y, height } = boxes[stop.box].querySelector(".card").getBBox();
    light.style.transform = `translate(${x}px, ${y + height / 2}px)`;
    light.style.visibility = "visible";
    sentence.textContent = stop.sentence;
    count.textContent = filled(stop.back ? texts.back : texts.forward, { place: at + 1, count: stops.length });
    label();
    const seen = boxes[stop.box].getBoundingClientRect();
    if (seen.top < 130 || seen.bottom > innerHeight) boxes[stop.box].scrollIntoView({ block: "center", inline: "nearest", behavior: "smooth" });
  };
  label();
  const view = { toggle, enter: () => go(stops[at]?.key ?? first) };
  return {
    above: [element("div", "head", bar, sentence)],
    start(root) {
      view.root = root;
      playing = view;
    },
    leave() {
      clearTimeout(timer);
      timer = null;
      if (playing === view) playing = null;
    },
  };
}

function decodingParts({ svgs, chosen, texts }, stage, show, go, from) {
  let at = 0;
  const said = element("p", "said");
  said.setAttribute("aria-live", "polite");
  const next = button(texts.next_word, () => turn(at + 1), "next");
  const back = button(texts.word_back, () => turn(at - 1));
  const all = button(texts.start, () => turn(0));
  const turn = (place) => {
    at = Math.max(0, Math.min(svgs.length - 1, place));
    show(svgs[at]);
    next.disabled = at === svgs.length - 1;
    back.disabled = all.disabled = at === 0;
    said.textContent = filled(texts.words, { place: at + 1, count: svgs.length, words: chosen.slice(0, at + 1).join(" ") });
  };
  if (svgs.length) turn(from);
  return { above: [element("div", "bar", next, back, all), said], leave() {}, at: () => at };
}

function save(svg, name) {
  const link = element("a");
  link.href = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

function address(key) {
  const url = new URL(location.href);
  url.searchParams.set("step", key);
  for (const name of ["cell", "worked"]) url.searchParams.delete(name);
  return url.search;
}

function button(text, onclick, looks = "") {
  const node = element("button", looks, text);
  node.type = "button";
  node.onclick = onclick;
  return node;
}
