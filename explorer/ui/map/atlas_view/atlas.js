// The map of all words of a model: points to zoom into, names that get finer, the asked word and its neighbours lit.
// Its rooms are the scripts before this one; what they share is the `map`. Words come from outside: they are drawn, or
// enter the page as text, never as HTML.

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
  const map = {
    root,
    data: {},
    texts: {},
    atlas: null, // as it is drawn
    home: null, // with the model's own places
    away: null, // with the places of the other model, once they were asked for
    glide: null, // from one to the other
    painter: null,
    colours: [],
    index: null, // word → number
    lit: [], // numbers of the lit words
    camera: { x: 0, y: 0, zoom: 1 },
    size: { width: 0, height: 0, ratio: 1 },
    flight: null,
    hovered: -1,
    selecting: false, // whether dragging draws a line around words
    lasso: [],
    selected: [],
    style: (name) => getComputedStyle(root).getPropertyValue(name).trim() || "#888888",
    isDark: () => luminance(map.style("--st-background-color")) < 0.4,
    covered: () => [tools, legend, travel].filter((each) => !each.hidden).map((each) => {
      const { offsetLeft, offsetTop, offsetWidth, offsetHeight } = each;
      return [offsetLeft, offsetTop, offsetLeft + offsetWidth, offsetTop + offsetHeight];
    }),
    redraw,
    list: () => list(),
    hrefOf,
    ask: (word) => visit({ currentTarget: { href: hrefOf(word) }, preventDefault() {} }),
  };
  const sight = sightOn(map);
  const { unit, screen, isIn, fly, step, keep, written, placeInAddress } = sight;
  const finding = findingOn(map, sight);
  const { centreNow } = finding;
  const drawNames = namesOver(map, sight, finding, context);
  const { hover, clear } = gesturesOn(stage, tip, map, sight, finding);
  const list = listsBeside(beside, status, map, sight, finding, clear);
  const { drawTools, drawLegend } = toolsOn(tools, legend, stage, map, sight);
  let groups = null; // the group of colours of each word
  let regionColours = new Map();
  let asked = false; // whether a frame is on its way
  let timer = 0;

  root.show = (newData) => {
    const before = map.data;
    [map.data, map.texts] = [newData, newData.texts];
    context.family = getComputedStyle(root).fontFamily;
    stage.setAttribute("aria-label", map.texts.map);
    keys.textContent = matchMedia("(pointer: coarse)").matches ? map.texts.touch : map.texts.keys;
    caption.textContent = map.texts.caption;
    root.classList.toggle("small", map.data.small);
    if (before.address !== map.data.address) open();
    else if (map.atlas) {
      if (before.other?.address !== map.data.other?.address) stay();
      if (before.colour !== map.data.colour) colour();
      if (JSON.stringify(before.lit) !== JSON.stringify(map.data.lit)) light();
      redraw();
      list();
    }
    drawTools();
    if (map.atlas) drawTravel();
  };

  async function open() {
    const address = map.data.address;
    status.textContent = map.texts.loading;
    try {
      const opened = await atlasAt(address);
      if (address !== map.data.address) return;
      map.atlas = map.home = turned(opened, map.data.turn);
      [map.index, map.selected, map.hovered, map.away, map.glide] = [null, [], -1, null, null];
    } catch (error) {
      status.textContent = `${map.texts.failed} ${error.message}`;
      return;
    }
    regionColours = new Map(map.data.regions);
    measure();
    prepare();
    colour();
    const kept = placeInAddress();
    light(true, !kept);
    if (kept) map.camera = kept;
    redraw();
    list();
    drawTravel();
    root.dataset.ready = map.atlas.model;
  }

  // A painter belongs to one canvas, which keeps the first kind of context that it is asked for.
  function prepare() {
    const canvas = element("canvas", "points");
    stage.replaceChildren(canvas, names);
    map.painter = webglPainter(canvas, map.atlas);
    if (!map.painter) {
      const plain = element("canvas", "points");
      stage.replaceChildren(plain, names);
      map.painter = canvasPainter(plain, map.atlas);
    }
    canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      const plain = element("canvas", "points");
      stage.replaceChildren(plain, names);
      map.painter = canvasPainter(plain, map.atlas);
      root.dataset.painter = map.painter.name;
      measure();
      colour();
    });
    root.dataset.painter = map.painter.name;
    measure();
  }

  function measure() {
    const box = stage.getBoundingClientRect();
    map.size = { width: box.width, height: box.height, ratio: Math.min(2, window.devicePixelRatio || 1) };
    for (const canvas of stage.querySelectorAll("canvas")) {
      canvas.width = Math.round(map.size.width * map.size.ratio);
      canvas.height = Math.round(map.size.height * map.size.ratio);
    }
    redraw();
  }

  function colour() {
    const own = { "part of speech": map.atlas.tags, frequency: map.atlas.tiers, density: map.atlas.densities };
    groups = own[map.data.colour] ?? Uint8Array.from(map.atlas.regions, (region) => regionColours.get(region));
    map.colours = map.data.palettes[map.data.colour] ?? map.data.palettes.cluster;
    map.painter.group(groups);
    painted = "";
    drawLegend();
    redraw();
  }

  // The asked word and its neighbours: the view goes there, unless the word is well in view already.
  function light(first = false, mayMove = true) {
    map.index ??= new Map(map.atlas.words.map((word, number) => [word, number]));
    map.lit = map.data.lit.words.map(({ word }) => map.index.get(word)).filter((word) => word !== undefined);
    const centre = centreNow();
    if (!centre || !mayMove) return;
    if (map.data.small) return first ? undefined : fly({ x: 0, y: 0, zoom: NEAREST });
    if (!first && map.camera.zoom >= NAMED && isIn(screen(centre.x, centre.y), 60)) return;
    const [x, y, zoom] = map.data.lit.around;
    const target = { x, y, zoom };
    if (first) map.camera = target;
    else fly(target);
    keep(null);
  }

  // To the places of another model, and back

  travel.onclick = async () => {
    const { other } = map.data;
    try {
      map.away ??= placedAsOn(turned(await atlasAt(other.address), other.turn), map.home);
    } catch (error) {
      status.textContent = `${map.texts.failed} ${error.message}`;
      return;
    }
    if (other.address !== map.data.other?.address || map.glide) return;
    hover(null);
    map.glide = { from: map.atlas, to: map.atlas === map.home ? map.away : map.home, start: performance.now() };
    fly({ x: 0, y: 0, zoom: NEAREST }); // the whole map: words go far
    if (isStill()) arrive();
    drawTravel();
    redraw();
  };

  function arrive() {
    [map.atlas, map.glide] = [map.glide.to, null];
    map.painter.place(map.atlas.places);
    drawTravel();
  }

  function stay() {
    if (map.atlas !== map.home) map.painter.place(map.home.places);
    [map.atlas, map.away, map.glide] = [map.home, null, null];
  }

  function drawTravel() {
    travel.hidden = !map.data.other;
    if (travel.hidden) return;
    const goes = (map.glide?.to ?? map.atlas) === map.home;
    travel.textContent = goes ? `▶ ${map.texts.there}` : `◀ ${map.texts.back}`;
    root.dataset.places = map.glide ? "" : goes ? map.data.own : map.data.other.name;
  }

  function glideOn(now) {
    const share = (now - map.glide.start) / GLIDE;
    if (share >= 1) return arrive();
    map.atlas = between(map.glide.from, map.glide.to, Math.max(0, share));
    map.painter.place(map.atlas.places);
  }

  // Drawing

  function redraw() {
    if (asked || !map.atlas || !map.painter || !map.size.width) return;
    asked = true;
    requestAnimationFrame((now) => {
      asked = false;
      if (!root.isConnected) return;
      if (map.flight) step(now);
      if (map.glide) glideOn(now);
      draw();
      if (map.flight || map.glide) redraw();
      clearTimeout(timer);
      timer = setTimeout(list, PAUSE);
    });
  }

  let painted = ""; // the colours that the painter has

  function draw() {
    const dark = map.isDark();
    const zoomed = Math.log2(map.camera.zoom);
    const strength = bounded((map.data.small ? 0.38 : 0.5) + 0.06 * zoomed, 0, 0.8); // pale from far, so that what is lit stands out
    const shown = map.data.colour === "density" ? 0.9 : strength; // a scale needs its ends
    const palette = map.colours.map((pair) => mixed(pair[Number(dark)], map.style("--st-background-color"), shown));
    if (painted !== String(palette)) map.painter.colour(palette);
    painted = String(palette);
    const few = Math.sqrt(80_000 / Math.max(map.atlas.count, 1_000));
    map.painter.paint({
      ...map.size,
      ...map.camera,
      scale: unit(),
      size: bounded((1.5 + 0.75 * zoomed) * Math.min(few, 2), 1.2, 8) * (map.data.small ? 0.85 : 1),
    });
    drawNames();
    root.dataset.at = written(map.camera);
    root.dataset.flying = String(Boolean(map.flight));
  }

  function hrefOf(word) {
    const url = new URL(map.data.page || location.href, location.href);
    setParameter(url, map.data.names, word);
    if (map.data.model) url.searchParams.set("model", map.data.model);
    return url.href;
  }

  new ResizeObserver(measure).observe(stage);
  return root;
}
