// What a reader does on the map by pointer and keyboard: move, zoom, point, ask, draw a line around words.

function gesturesOn(stage, tip, map, { unit, screen, onMap, move, zoomAt, whole }, { placeOf, nearestTo }) {
  const pointers = new Map();
  let pressed = null;

  const at = (event) => {
    const box = stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  stage.onpointerdown = (event) => {
    if (!map.atlas || event.button > 0) return;
    pointers.set(event.pointerId, at(event));
    stage.setPointerCapture(event.pointerId);
    pressed = { at: at(event), moved: false, camera: { ...map.camera }, lasso: map.selecting || event.shiftKey };
    if (pressed.lasso) map.lasso = [onMap(...pressed.at)];
    map.flight = null;
  };
  stage.onpointermove = (event) => {
    if (!map.atlas) return;
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
      map.lasso.push(onMap(...here));
      return map.redraw();
    }
    move(map.camera.x - (here[0] - before[0]) / unit(), map.camera.y + (here[1] - before[1]) / unit(), map.camera.zoom);
  };
  stage.onpointerup = (event) => {
    if (!pointers.delete(event.pointerId) || pointers.size) return;
    const { moved, lasso: isLasso } = pressed;
    if (isLasso && moved) return choose();
    map.lasso = [];
    if (moved) return;
    const word = nearestTo(...at(event), 12);
    if (word >= 0) map.ask(map.atlas.words[word]);
  };
  stage.onpointercancel = (event) => {
    pointers.delete(event.pointerId);
    map.lasso = [];
    map.redraw();
  };
  stage.onpointerleave = () => pointers.size || hover(null);
  stage.addEventListener("wheel", (event) => {
    // Where the map is a picture among other things, the wheel scrolls the page until the reader has come to the map.
    if (!map.atlas || (map.data.small && !event.ctrlKey && map.root.getRootNode().activeElement !== stage)) return;
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 18 : 1;
    zoomAt(Math.exp(-bounded(event.deltaY * lines, -240, 240) * 0.0022), ...at(event));
  }, { passive: false });
  stage.onkeydown = (event) => {
    if (!map.atlas || event.ctrlKey || event.metaKey || event.altKey) return;
    const far = 0.15 * (map.size.width / unit());
    const moves = {
      ArrowLeft: () => move(map.camera.x - far, map.camera.y, map.camera.zoom),
      ArrowRight: () => move(map.camera.x + far, map.camera.y, map.camera.zoom),
      ArrowUp: () => move(map.camera.x, map.camera.y + far, map.camera.zoom),
      ArrowDown: () => move(map.camera.x, map.camera.y - far, map.camera.zoom),
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

  function hover(here) {
    const word = here && !map.glide ? nearestTo(...here, 14) : -1;
    if (word === map.hovered) return;
    map.hovered = word;
    tell({ hovered: map.atlas.words[word] });
    stage.style.cursor = word >= 0 ? "pointer" : "";
    tip.hidden = word < 0;
    if (word >= 0) {
      const [left, top] = screen(...placeOf(word));
      const about = [map.atlas.groups["part of speech"][map.atlas.tags[word]], filled(map.texts.tier, { tier: map.atlas.groups.frequency[map.atlas.tiers[word]] || "–" })];
      const cluster = map.atlas.clusters[map.atlas.finest[word]]?.name;
      const more = cluster ? [filled(map.texts.cluster, { cluster }), filled(map.texts.kept, { kept: map.atlas.kept[word], k: map.data.judged })] : [];
      tip.replaceChildren(element("b", "", map.atlas.words[word]), element("span", "", ` ${about.join(" · ")}`), ...more.flatMap((text) => [element("br"), element("span", "", text)]));
      tip.style.left = `${bounded(left + 14, 0, Math.max(0, map.size.width - 270))}px`;
      tip.style.top = `${top + (top > map.size.height - 110 ? -92 : 14)}px`;
    }
    map.redraw();
  }

  // Two maps beside each other: what is pointed at or selected on one is marked on the other.
  const tell = (detail) => window.dispatchEvent(new CustomEvent("explorer-atlas", { detail: { from: map.root, ...detail } }));
  window.addEventListener("explorer-atlas", function listen({ detail }) {
    if (!map.root.isConnected) return window.removeEventListener("explorer-atlas", listen);
    if (detail.from === map.root || !map.atlas || !map.index) return;
    if ("hovered" in detail) map.hovered = map.index.get(detail.hovered) ?? -1;
    else {
      map.selected = detail.selected.map((word) => map.index.get(word)).filter((word) => word !== undefined);
      map.list();
    }
    map.redraw();
  });

  function choose() {
    const outline = map.lasso.map(([x, y]) => [x * REACH, y * REACH]);
    map.lasso = [];
    map.selected = [];
    for (let word = 0; word < map.atlas.count; word++) {
      if (isInside(outline, map.atlas.places[2 * word], map.atlas.places[2 * word + 1])) map.selected.push(word);
    }
    select();
  }

  function clear() {
    [map.selected, map.lasso] = [[], []];
    select();
  }

  function select() {
    tell({ selected: map.selected.map((word) => map.atlas.words[word]) });
    map.redraw();
    map.list();
  }

  return { hover, clear };
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
