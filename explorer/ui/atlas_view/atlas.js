// The map of all words of a model: points to zoom into, names that get finer, the asked word and its neighbours lit.
// Words come from outside: they are drawn, or enter the page as text, never as HTML.

const NEAREST = 1; // the whole map fits
const FURTHEST = 400; // how far one may zoom in
const LEVEL = 2.7; // how much one zooms in until the names are of the next level
const NAMED = 4; // the zoom from which words have their names
const MOST_NAMES = 90;
const FLIGHT = 700; // milliseconds
const PAUSE = 250; // milliseconds without a move until the lists say what is in view
const LISTED = { clusters: 8, words: 24, selected: 60 };

export default function ({ data, parentElement }) {
  const view = parentElement.querySelector(".atlas") ?? build(parentElement);
  view.show(data);
}

function build(parentElement) {
  const root = element("div", "atlas");
  const points = element("canvas", "points");
  const names = element("canvas", "names");
  const tools = element("div", "tools");
  const tip = element("div", "tip");
  const travel = element("button", "travel");
  const legend = element("div", "legend");
  const stage = element("div", "stage", points, names);
  const picture = element("div", "picture", stage, travel, tools, legend, tip);
  const keys = element("p", "keys");
  const status = element("p", "status");
  const caption = element("p", "caption");
  const beside = element("div", "beside");
  keys.id = "keys";
  tip.hidden = legend.hidden = travel.hidden = true;
  travel.type = "button";
  stage.tabIndex = 0;
  stage.setAttribute("role", "application");
  stage.setAttribute("aria-describedby", keys.id);
  status.setAttribute("role", "status");
  root.append(picture, caption, status, beside, keys);
  parentElement.append(root);

  const context = names.getContext("2d");
  const label = labeller(context);
  let data = {};
  let texts = {};
  let atlas = null; // as it is drawn
  let home = null; // with the model's own places
  let away = null; // with the places of the other model, once they were asked for
  let glide = null; // from one to the other
  let painter = null;
  let groups = null; // the group of colours of each word
  let colours = [];
  let regionColours = new Map();
  let index = null; // word → number
  let lit = []; // numbers of the lit words
  let camera = { x: 0, y: 0, zoom: 1 };
  let size = { width: 0, height: 0, ratio: 1 };
  let flight = null;
  let hovered = -1;
  let selecting = false; // whether dragging draws a line around words
  let lasso = [];
  let selected = [];
  let asked = false; // whether a frame is on its way
  let timer = 0;

  const placeOf = (word) => [atlas.places[2 * word] / REACH, atlas.places[2 * word + 1] / REACH];
  const unit = () => Math.min(size.width, size.height) * 0.485 * camera.zoom;
  const screen = (x, y) => [size.width / 2 + (x - camera.x) * unit(), size.height / 2 - (y - camera.y) * unit()];
  const onMap = (left, top) => [camera.x + (left - size.width / 2) / unit(), camera.y - (top - size.height / 2) / unit()];
  const isDark = () => luminance(style("--st-background-color")) < 0.4;
  const style = (name) => getComputedStyle(root).getPropertyValue(name).trim() || "#888888";
  const isIn = ([left, top], margin = 0) => left >= margin && top >= margin && left <= size.width - margin && top <= size.height - margin;

  root.show = (newData) => {
    const before = data;
    [data, texts] = [newData, newData.texts];
    context.family = getComputedStyle(root).fontFamily;
    stage.setAttribute("aria-label", texts.map);
    keys.textContent = texts.keys;
    caption.textContent = texts.caption;
    root.classList.toggle("small", data.small);
    if (before.address !== data.address) open();
    else if (atlas) {
      if (before.other?.address !== data.other?.address) stay();
      if (before.colour !== data.colour) colour();
      if (JSON.stringify(before.lit) !== JSON.stringify(data.lit)) light();
      redraw();
      list();
    }
    drawTools();
    if (atlas) drawTravel();
  };

  async function open() {
    const address = data.address;
    status.textContent = texts.loading;
    try {
      const opened = await atlasAt(address);
      if (address !== data.address) return;
      atlas = home = turned(opened, data.turn);
      [index, selected, hovered, away, glide] = [null, [], -1, null, null];
    } catch (error) {
      status.textContent = `${texts.failed} ${error.message}`;
      return;
    }
    regionColours = new Map(data.regions);
    measure();
    prepare();
    colour();
    const kept = placeInAddress();
    light(true, !kept);
    if (kept) camera = kept;
    redraw();
    list();
    drawTravel();
    root.dataset.ready = atlas.model;
  }

  // A painter belongs to one canvas, which keeps the first kind of context that it is asked for.
  function prepare() {
    const canvas = element("canvas", "points");
    stage.replaceChildren(canvas, names);
    painter = webglPainter(canvas, atlas);
    if (!painter) {
      const plain = element("canvas", "points");
      stage.replaceChildren(plain, names);
      painter = canvasPainter(plain, atlas);
    }
    canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      const plain = element("canvas", "points");
      stage.replaceChildren(plain, names);
      painter = canvasPainter(plain, atlas);
      root.dataset.painter = painter.name;
      measure();
      colour();
    });
    root.dataset.painter = painter.name;
    measure();
  }

  function measure() {
    const box = stage.getBoundingClientRect();
    size = { width: box.width, height: box.height, ratio: Math.min(2, window.devicePixelRatio || 1) };
    for (const canvas of stage.querySelectorAll("canvas")) {
      canvas.width = Math.round(size.width * size.ratio);
      canvas.height = Math.round(size.height * size.ratio);
    }
    redraw();
  }

  function colour() {
    const own = { "part of speech": atlas.tags, frequency: atlas.tiers, density: atlas.densities };
    groups = own[data.colour] ?? Uint8Array.from(atlas.regions, (region) => regionColours.get(region));
    colours = data.palettes[data.colour] ?? data.palettes.cluster;
    painter.group(groups);
    painted = "";
    drawLegend();
    redraw();
  }

  // The asked word and its neighbours: the view goes there, unless the word is well in view already.
  function light(first = false, mayMove = true) {
    index ??= new Map(atlas.words.map((word, number) => [word, number]));
    lit = data.lit.words.map(({ word }) => index.get(word)).filter((word) => word !== undefined);
    const centre = centreNow();
    if (!centre || !mayMove) return;
    if (data.small) return first ? undefined : fly({ x: 0, y: 0, zoom: NEAREST });
    if (!first && camera.zoom >= NAMED && isIn(screen(centre.x, centre.y), 60)) return;
    const [x, y, zoom] = data.lit.around;
    const target = { x, y, zoom };
    if (first) camera = target;
    else fly(target);
    keep(null);
  }

  // Where the asked word is; a formula has a place on the model's own map only.
  function centreNow() {
    const { centre } = data.lit;
    const word = index?.get(centre?.word);
    if (word === undefined) return atlas === home ? centre : null;
    const [x, y] = placeOf(word);
    return { word: centre.word, x, y };
  }

  // To the places of another model, and back

  travel.onclick = async () => {
    const { other } = data;
    try {
      away ??= placedAsOn(turned(await atlasAt(other.address), other.turn), home);
    } catch (error) {
      status.textContent = `${texts.failed} ${error.message}`;
      return;
    }
    if (other.address !== data.other?.address || glide) return;
    hover(null);
    glide = { from: atlas, to: atlas === home ? away : home, start: performance.now() };
    fly({ x: 0, y: 0, zoom: NEAREST }); // the whole map: words go far
    if (isStill()) arrive();
    drawTravel();
    redraw();
  };

  function arrive() {
    [atlas, glide] = [glide.to, null];
    painter.place(atlas.places);
    drawTravel();
  }

  function stay() {
    if (atlas !== home) painter.place(home.places);
    [atlas, away, glide] = [home, null, null];
  }

  function drawTravel() {
    travel.hidden = !data.other;
    if (travel.hidden) return;
    const goes = (glide?.to ?? atlas) === home;
    travel.textContent = goes ? `▶ ${texts.there}` : `◀ ${texts.back}`;
    root.dataset.places = glide ? "" : goes ? data.own : data.other.name;
  }

  // Moves

  const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  function fly(target) {
    if (isStill()) {
      camera = target;
      return redraw();
    }
    const away = Math.hypot(target.x - camera.x, target.y - camera.y);
    const both = Math.min(camera.zoom, target.zoom);
    const dip = Math.max(0, Math.log(both) + Math.log(Math.max(away, 1e-6) * 0.7)); // seen from above on a long way
    flight = { from: { ...camera }, to: target, start: performance.now(), dip };
    redraw();
  }

  function step(now) {
    const share = Math.min(1, (now - flight.start) / FLIGHT);
    const eased = share < 0.5 ? 2 * share * share : 1 - 2 * (1 - share) * (1 - share);
    const { from, to, dip } = flight;
    const depth = Math.log(from.zoom) * (1 - eased) + Math.log(to.zoom) * eased - dip * Math.sin(Math.PI * eased);
    camera = { x: from.x + (to.x - from.x) * eased, y: from.y + (to.y - from.y) * eased, zoom: Math.exp(depth) };
    if (share === 1) [camera, flight] = [{ ...to }, null];
  }

  function glideOn(now) {
    const share = (now - glide.start) / GLIDE;
    if (share >= 1) return arrive();
    atlas = between(glide.from, glide.to, Math.max(0, share));
    painter.place(atlas.places);
  }

  const bounded = (value, least, most) => Math.min(most, Math.max(least, value));

  // What a reader moves stands in the address, so that a link holds the place.
  function move(x, y, zoom) {
    flight = null;
    camera = { x: bounded(x, -1, 1), y: bounded(y, -1, 1), zoom: bounded(zoom, NEAREST, FURTHEST) };
    redraw();
    keep(camera);
  }

  function zoomAt(factor, left = size.width / 2, top = size.height / 2) {
    const [x, y] = onMap(left, top);
    const zoom = bounded(camera.zoom * factor, NEAREST, FURTHEST);
    const share = camera.zoom / zoom;
    move(x + (camera.x - x) * share, y + (camera.y - y) * share, zoom);
  }

  let keeping = 0;
  function keep(place) {
    if (!data.keeps) return;
    clearTimeout(keeping);
    keeping = setTimeout(() => {
      if (!root.isConnected) return;
      const url = new URL(location.href);
      if (place) url.searchParams.set("at", written(place));
      else if (url.searchParams.has("at")) url.searchParams.delete("at");
      else return;
      history.replaceState(history.state, "", url);
    }, PAUSE);
  }

  const written = ({ x, y, zoom }) => [x.toFixed(4), y.toFixed(4), zoom.toFixed(2)].join(",");

  function placeInAddress() {
    const numbers = (data.keeps && new URL(location.href).searchParams.get("at")?.split(",").map(Number)) || [];
    if (numbers.length !== 3 || !numbers.every(Number.isFinite)) return null;
    const [x, y, zoom] = numbers;
    return { x: bounded(x, -1, 1), y: bounded(y, -1, 1), zoom: bounded(zoom, NEAREST, FURTHEST) };
  }

  // Drawing

  function redraw() {
    if (asked || !atlas || !painter || !size.width) return;
    asked = true;
    requestAnimationFrame((now) => {
      asked = false;
      if (!root.isConnected) return;
      if (flight) step(now);
      if (glide) glideOn(now);
      draw();
      if (flight || glide) redraw();
      clearTimeout(timer);
      timer = setTimeout(list, PAUSE);
    });
  }

  let painted = ""; // the colours that the painter has

  function draw() {
    const dark = isDark();
    const zoomed = Math.log2(camera.zoom);
    const strength = bounded((data.small ? 0.38 : 0.5) + 0.06 * zoomed, 0, 0.8); // pale from far, so that what is lit stands out
    const shown = data.colour === "density" ? 0.9 : strength; // a scale needs its ends
    const palette = colours.map((pair) => mixed(pair[Number(dark)], style("--st-background-color"), shown));
    if (painted !== String(palette)) painter.colour(palette);
    painted = String(palette);
    const few = Math.sqrt(80_000 / Math.max(atlas.count, 1_000));
    painter.paint({
      ...size,
      ...camera,
      scale: unit(),
      size: bounded((1.5 + 0.75 * zoomed) * Math.min(few, 2), 1.2, 8) * (data.small ? 0.85 : 1),
    });
    drawNames();
    root.dataset.at = written(camera);
    root.dataset.flying = String(Boolean(flight));
  }

  function drawNames() {
    const { width, height, ratio } = size;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const [ink, halo, strong] = [style("--st-text-color"), style("--st-background-color"), style("--st-primary-color")];
    const covered = [tools, legend, travel].filter((each) => !each.hidden).map((each) => {
      const { offsetLeft, offsetTop, offsetWidth, offsetHeight } = each;
      return [offsetLeft, offsetTop, offsetLeft + offsetWidth, offsetTop + offsetHeight];
    });
    label.begin(covered);
    const common = { halo, width };
    drawLines(strong);
    const [centre, near] = [centreNow(), data.lit.words];
    if (centre) {
      const [left, top] = screen(centre.x, centre.y);
      dot(left, top, data.small ? 6 : 7, strong, halo);
      if (isIn([left, top])) label.write(centre.word, left, top, { ...common, size: 21, weight: 700, colour: strong, radius: 8, always: true });
    }
    if (hovered >= 0) {
      const [left, top] = screen(...placeOf(hovered));
      dot(left, top, 6, ink, halo);
      label.write(atlas.words[hovered], left, top, { ...common, size: 15, weight: 700, colour: ink, radius: 7, always: true });
    }
    for (const word of selected.length > 400 ? [] : selected) ring(...screen(...placeOf(word)), ink);
    const narrow = width < 560;
    const level = levelNow();
    if (camera.zoom >= NAMED || near.length) {
      for (const word of lit) {
        const [left, top] = screen(...placeOf(word));
        if (centre?.word === atlas.words[word] || !isIn([left, top])) continue;
        if (camera.zoom >= 2.5) label.write(atlas.words[word], left, top, { ...common, size: 14.5, weight: 600, colour: strong, radius: 5 });
      }
    }
    const own = centre && clusterOf(index?.get(centre.word), level);
    for (const cluster of [...named(level)].sort((a, b) => (b === own) - (a === own))) {
      const [left, top] = screen(cluster.x, cluster.y);
      if (!isIn([left, top], -20)) continue;
      const words = cluster.name.split(", ").slice(0, width < 440 || (narrow && level > 1) ? 1 : level === 1 ? 2 : 3);
      const type = level === 1 ? (narrow ? 13.5 : 16.5) : 14.5;
      // The asked word stands in its own cluster, and must not hide the name of that.
      const shifts = cluster === own ? [0, 1.5, -1.5, 3, -3] : [0];
      shifts.some((lines) => label.write(words.join(" · "), left, top + lines * type, { ...common, size: type, weight: 700, colour: ink }));
    }
    if (camera.zoom < NAMED) return lassoed(strong);
    const isLit = new Set(lit);
    let count = 0;
    for (const word of inView(MOST_NAMES * 6)) {
      if (isLit.has(word)) continue;
      const [left, top] = screen(...placeOf(word));
      if (label.write(atlas.words[word], left, top, { ...common, size: 13, colour: ink, radius: 4 }) && ++count >= MOST_NAMES) break;
    }
    lassoed(strong);
  }

  function drawLines(strong) {
    const centre = centreNow();
    const [left, top] = centre ? screen(centre.x, centre.y) : [0, 0];
    const halo = style("--st-background-color");
    context.strokeStyle = strong;
    for (const word of lit) {
      const [x, y] = screen(...placeOf(word));
      if (centre) {
        context.globalAlpha = 0.45;
        context.lineWidth = 1.25;
        context.beginPath();
        context.moveTo(left, top);
        context.lineTo(x, y);
        context.stroke();
        context.globalAlpha = 1;
      }
    }
    for (const word of lit) dot(...screen(...placeOf(word)), data.small ? 3.5 : 4.5, strong, halo);
  }

  function dot(left, top, radius, fill, halo) {
    context.beginPath();
    context.arc(left, top, radius, 0, 2 * Math.PI);
    context.fillStyle = fill;
    context.fill();
    context.lineWidth = 1.5;
    context.strokeStyle = halo;
    context.stroke();
  }

  function ring(left, top, ink) {
    context.beginPath();
    context.arc(left, top, 5, 0, 2 * Math.PI);
    context.lineWidth = 1.5;
    context.strokeStyle = ink;
    context.stroke();
  }

  function lassoed(strong) {
    if (lasso.length < 2) return;
    context.beginPath();
    for (const place of lasso) context.lineTo(...screen(...place));
    context.closePath();
    context.lineWidth = 2;
    context.strokeStyle = strong;
    context.stroke();
    context.globalAlpha = 0.12;
    context.fillStyle = strong;
    context.fill();
    context.globalAlpha = 1;
  }

  const levelNow = () => bounded(1 + Math.floor(Math.log(camera.zoom) / Math.log(LEVEL) + 0.05), 1, atlas.depth);

  // The cluster of a level in which a word lies; none for a word that is not on the map.
  function clusterOf(word, level) {
    let cluster = atlas.clusters[atlas.finest[word]];
    while (cluster && cluster.level > level) cluster = atlas.clusters[cluster.parent];
    return cluster;
  }

  // The clusters of a level, the largest first.
  const byLevel = new Map();
  function named(level) {
    if (byLevel.of !== atlas) byLevel.clear();
    byLevel.of = atlas;
    if (!byLevel.has(level)) byLevel.set(level, atlas.clusters.filter((each) => each.level === level).sort((a, b) => b.size - a.size));
    return byLevel.get(level);
  }

  // The first words in view; they stand in the order of their frequency.
  function inView(most = Infinity) {
    const [left, top] = onMap(0, 0).map((each) => each * REACH);
    const [right, bottom] = onMap(size.width, size.height).map((each) => each * REACH);
    const words = [];
    for (let word = 0; word < atlas.count && words.length < most; word++) {
      const [x, y] = [atlas.places[2 * word], atlas.places[2 * word + 1]];
      if (x > left && x < right && y < top && y > bottom) words.push(word);
    }
    return words;
  }

  function nearestTo(left, top, reach) {
    const [x, y] = onMap(left, top).map((each) => each * REACH);
    let [best, least] = [-1, (reach * REACH) / unit()];
    least *= least;
    for (let word = 0; word < atlas.count; word++) {
      const [across, down] = [atlas.places[2 * word] - x, atlas.places[2 * word + 1] - y];
      const distance = across * across + down * down;
      if (distance < least) [best, least] = [word, distance];
    }
    return best;
  }

  // Pointer

  const pointers = new Map();
  let pressed = null;

  const at = (event) => {
    const box = stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  stage.onpointerdown = (event) => {
    if (!atlas || event.button > 0) return;
    pointers.set(event.pointerId, at(event));
    stage.setPointerCapture(event.pointerId);
    pressed = { at: at(event), moved: false, camera: { ...camera }, lasso: selecting || event.shiftKey };
    if (pressed.lasso) lasso = [onMap(...pressed.at)];
    flight = null;
  };
  stage.onpointermove = (event) => {
    if (!atlas) return;
    const here = at(event);
    if (!pointers.has(event.pointerId)) return hover(here);
    const before = pointers.get(event.pointerId);
    pointers.set(event.pointerId, here);
    if (pointers.size === 2) {
      const [other] = [...pointers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
      const apart = (one) => Math.max(20, Math.hypot(one[0] - other[0], one[1] - other[1]));
      pressed.moved = true;
      return zoomAt(apart(here) / apart(before), (here[0] + other[0]) / 2, (here[1] + other[1]) / 2);
    }
    pressed.moved ||= Math.hypot(here[0] - pressed.at[0], here[1] - pressed.at[1]) > 4;
    if (!pressed.moved) return;
    if (pressed.lasso) {
      lasso.push(onMap(...here));
      return redraw();
    }
    move(camera.x - (here[0] - before[0]) / unit(), camera.y + (here[1] - before[1]) / unit(), camera.zoom);
  };
  stage.onpointerup = (event) => {
    if (!pointers.delete(event.pointerId) || pointers.size) return;
    const { moved, lasso: isLasso } = pressed;
    if (isLasso && moved) return choose();
    lasso = [];
    if (moved) return;
    const word = nearestTo(...at(event), 12);
    if (word >= 0) ask(atlas.words[word]);
  };
  stage.onpointercancel = (event) => {
    pointers.delete(event.pointerId);
    lasso = [];
    redraw();
  };
  stage.onpointerleave = () => pointers.size || hover(null);
  stage.addEventListener("wheel", (event) => {
    // Where the map is a picture among other things, the wheel scrolls the page until the reader has come to the map.
    if (!atlas || (data.small && !event.ctrlKey && root.getRootNode().activeElement !== stage)) return;
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 18 : 1;
    zoomAt(Math.exp(-bounded(event.deltaY * lines, -240, 240) * 0.0022), ...at(event));
  }, { passive: false });
  stage.onkeydown = (event) => {
    if (!atlas || event.ctrlKey || event.metaKey || event.altKey) return;
    const far = 0.15 * (size.width / unit());
    const moves = {
      ArrowLeft: () => move(camera.x - far, camera.y, camera.zoom),
      ArrowRight: () => move(camera.x + far, camera.y, camera.zoom),
      ArrowUp: () => move(camera.x, camera.y + far, camera.zoom),
      ArrowDown: () => move(camera.x, camera.y - far, camera.zoom),
      "+": () => zoomAt(1.5),
      "=": () => zoomAt(1.5),
      "-": () => zoomAt(1 / 1.5),
      0: whole,
      Escape: clear,
    };
    if (!moves[event.key]) return;
    event.preventDefault();
    moves[event.key]();
  };

  function whole() {
    fly({ x: 0, y: 0, zoom: NEAREST });
    keep(data.lit.centre ? { x: 0, y: 0, zoom: NEAREST } : null);
  }

  function hover(here) {
    const word = here && !glide ? nearestTo(...here, 14) : -1;
    if (word === hovered) return;
    hovered = word;
    tell({ hovered: atlas.words[word] });
    stage.style.cursor = word >= 0 ? "pointer" : "";
    tip.hidden = word < 0;
    if (word >= 0) {
      const [left, top] = screen(...placeOf(word));
      const about = [atlas.groups["part of speech"][atlas.tags[word]], filled(texts.tier, { tier: atlas.groups.frequency[atlas.tiers[word]] || "–" })];
      const cluster = atlas.clusters[atlas.finest[word]]?.name;
      const more = cluster ? [filled(texts.cluster, { cluster }), filled(texts.kept, { kept: atlas.kept[word], k: data.judged })] : [];
      tip.replaceChildren(element("b", "", atlas.words[word]), element("span", "", ` ${about.join(" · ")}`), ...more.flatMap((text) => [element("br"), element("span", "", text)]));
      tip.style.left = `${bounded(left + 14, 0, Math.max(0, size.width - 270))}px`;
      tip.style.top = `${top + (top > size.height - 110 ? -92 : 14)}px`;
    }
    redraw();
  }

  // Two maps beside each other: what is pointed at or selected on one is marked on the other.
  const tell = (detail) => window.dispatchEvent(new CustomEvent("explorer-atlas", { detail: { from: root, ...detail } }));
  window.addEventListener("explorer-atlas", function listen({ detail }) {
    if (!root.isConnected) return window.removeEventListener("explorer-atlas", listen);
    if (detail.from === root || !atlas || !index) return;
    if ("hovered" in detail) hovered = index.get(detail.hovered) ?? -1;
    else {
      selected = detail.selected.map((word) => index.get(word)).filter((word) => word !== undefined);
      list();
    }
    redraw();
  });

  const hrefOf = (word) => {
    const url = new URL(data.page || location.href, location.href);
    url.searchParams.set(data.parameter, word);
    if (data.model) url.searchParams.set("model", data.model);
    return url.href;
  };

  function ask(word) {
    visit({ currentTarget: { href: hrefOf(word) }, preventDefault() {} });
  }

  // Selecting

  function choose() {
    const outline = lasso.map(([x, y]) => [x * REACH, y * REACH]);
    lasso = [];
    selected = [];
    for (let word = 0; word < atlas.count; word++) {
      if (isInside(outline, atlas.places[2 * word], atlas.places[2 * word + 1])) selected.push(word);
    }
    select();
  }

  function clear() {
    [selected, lasso] = [[], []];
    select();
  }

  function select() {
    tell({ selected: selected.map((word) => atlas.words[word]) });
    redraw();
    list();
  }

  // The CSV is the answer to the question about these words, as every door gives it.
  async function download() {
    const words = selected.map((word) => atlas.words[word]);
    const response = await fetch(new URL("api/v1/atlas?format=csv", location.href), { method: "POST", body: JSON.stringify({ model: atlas.model, words }) });
    if (!response.ok) {
      status.textContent = (await response.json()).error;
      return;
    }
    const link = element("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = "words.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href));
  }

  // What stands around the picture

  function button(text, help, act, className = "") {
    const made = element("button", className, text);
    made.type = "button";
    made.title = help;
    made.setAttribute("aria-label", help);
    made.onclick = act;
    return made;
  }

  function drawTools() {
    if (tools.childElementCount) return;
    const around = button("⬚", texts.select, () => {
      selecting = !selecting;
      around.setAttribute("aria-pressed", String(selecting));
      stage.classList.toggle("selecting", selecting);
    });
    around.setAttribute("aria-pressed", "false");
    const home = button("⤢", texts.whole, whole);
    tools.append(button("+", texts.closer, () => zoomAt(1.6)), button("−", texts.further, () => zoomAt(1 / 1.6)), home, ...(data.small ? [] : [around]));
  }

  function drawLegend() {
    const groupNames = atlas.groups[data.colour];
    const dark = Number(isDark());
    const entries = (groupNames ?? []).map((name, number) => {
      const mark = element("i");
      mark.style.background = colours[number][dark];
      return data.colour === "density" ? mark : element("span", "", mark, name || texts.unknown);
    });
    if (data.colour === "density") legend.replaceChildren(element("span", "", texts.sparse), element("span", "scale", ...entries), element("span", "", texts.dense));
    else legend.replaceChildren(...entries);
    legend.hidden = !entries.length;
  }

  // What a screen reader reads, and a help for everybody: the clusters and the words in view, in words.
  function list() {
    if (!atlas) return;
    const words = inView();
    const level = levelNow();
    const clusters = named(level).filter((each) => isIn(screen(each.x, each.y)));
    const places = atlas === away ? `${texts.away} ` : "";
    const sentence = places + filled(texts.view, { words: words.length.toLocaleString("en"), clusters: clusters.length.toLocaleString("en") });
    if (status.textContent !== sentence) status.textContent = sentence;
    const parts = [];
    if (selected.length) parts.push(selection());
    const { centre } = data.lit;
    if (centre && lit.length) parts.push(part(filled(texts.near, { word: centre.word }), lit.filter((word) => atlas.words[word] !== centre.word).map(link)));
    parts.push(part(texts.clusters, clusters.slice(0, LISTED.clusters).map((cluster) => {
      const go = element("button", "link", cluster.name);
      go.type = "button";
      go.onclick = () => {
        fly({ x: cluster.x, y: cluster.y, zoom: Math.min(FURTHEST, LEVEL ** level * 1.1) });
      };
      return element("li", "", go, element("span", "count", cluster.size.toLocaleString("en")));
    }), "rows"));
    parts.push(part(texts.words, words.slice(0, LISTED.words).map(link)));
    const active = root.getRootNode().activeElement;
    if (!beside.contains(active)) beside.replaceChildren(...parts); // the focus of who reads the list stays in it
  }

  function part(title, items, className = "") {
    const entries = element("ul", className, ...items);
    return element("section", "", element("h2", "", title), entries);
  }

  function link(word) {
    const anchor = element("a", "", atlas.words[word]);
    anchor.href = hrefOf(atlas.words[word]);
    anchor.onclick = visit;
    return element("li", "", anchor);
  }

  function selection() {
    const title = filled(selected.length === 1 ? texts.selected_one : texts.selected, { count: selected.length.toLocaleString("en") });
    const actions = element("div", "actions");
    if (selected.length <= data.most) actions.append(button(texts.csv, texts.csv, download, "plain"));
    else actions.append(element("span", "", texts.too_many));
    if (navigator.clipboard) {
      actions.append(button(texts.copy, texts.copy, () => navigator.clipboard.writeText(selected.map((word) => atlas.words[word]).join("\n")), "plain"));
    }
    actions.append(button(texts.clear, texts.clear, clear, "plain"));
    const section = part(title, selected.slice(0, LISTED.selected).map(link));
    section.classList.add("selection");
    section.insertBefore(actions, section.lastChild);
    return section;
  }

  beside.addEventListener("focusout", () => setTimeout(list)); // what changed while the focus was in it

  new ResizeObserver(measure).observe(stage);
  return root;
}

// Whether a place lies inside of an outline: a line from it to the right crosses it an odd number of times.
function isInside(outline, x, y) {
  let inside = false;
  for (let one = 0, other = outline.length - 1; one < outline.length; other = one++) {
    const [[x1, y1], [x2, y2]] = [outline[one], outline[other]];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
  }
  return inside;
}
