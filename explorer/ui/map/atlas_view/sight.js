// Where one looks on the map: the middle and the zoom of the view, how they move, and the address that holds them.

const NEAREST = 1; // the whole map fits
const FURTHEST = 400; // how far one may zoom in
const FLIGHT = 700; // milliseconds
const PAUSE = 250; // milliseconds without a move until the address and the lists say what is in view

const bounded = (value, least, most) => Math.min(most, Math.max(least, value));

const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

function sightOn(map) {
  const unit = () => Math.min(map.size.width, map.size.height) * 0.485 * map.camera.zoom;
  const screen = (x, y) => [map.size.width / 2 + (x - map.camera.x) * unit(), map.size.height / 2 - (y - map.camera.y) * unit()];
  const onMap = (left, top) => [map.camera.x + (left - map.size.width / 2) / unit(), map.camera.y - (top - map.size.height / 2) / unit()];
  const isIn = ([left, top], margin = 0) => left >= margin && top >= margin && left <= map.size.width - margin && top <= map.size.height - margin;

  function fly(target) {
    if (isStill()) {
      map.camera = target;
      return map.redraw();
    }
    const distance = Math.hypot(target.x - map.camera.x, target.y - map.camera.y);
    const both = Math.min(map.camera.zoom, target.zoom);
    const dip = Math.max(0, Math.log(both) + Math.log(Math.max(distance, 1e-6) * 0.7)); // seen from above on a long way
    map.flight = { from: { ...map.camera }, to: target, start: performance.now(), dip };
    map.redraw();
  }

  function step(now) {
    const share = Math.min(1, (now - map.flight.start) / FLIGHT);
    const eased = share < 0.5 ? 2 * share * share : 1 - 2 * (1 - share) * (1 - share);
    const { from, to, dip } = map.flight;
    const depth = Math.log(from.zoom) * (1 - eased) + Math.log(to.zoom) * eased - dip * Math.sin(Math.PI * eased);
    map.camera = { x: from.x + (to.x - from.x) * eased, y: from.y + (to.y - from.y) * eased, zoom: Math.exp(depth) };
    if (share === 1) [map.camera, map.flight] = [{ ...to }, null];
  }

  // What a reader moves stands in the address, so that a link holds the place.
  function move(x, y, zoom) {
    map.flight = null;
    map.camera = { x: bounded(x, -1, 1), y: bounded(y, -1, 1), zoom: bounded(zoom, NEAREST, FURTHEST) };
    map.redraw();
    keep(map.camera);
  }

  function zoomAt(factor, left = map.size.width / 2, top = map.size.height / 2) {
    const [x, y] = onMap(left, top);
    const zoom = bounded(map.camera.zoom * factor, NEAREST, FURTHEST);
    const share = map.camera.zoom / zoom;
    move(x + (map.camera.x - x) * share, y + (map.camera.y - y) * share, zoom);
  }

  let keeping = 0;
  function keep(place) {
    if (!map.data.keeps) return;
    clearTimeout(keeping);
    keeping = setTimeout(() => {
      if (!map.root.isConnected) return;
      const url = new URL(location.href);
      if (place) url.searchParams.set("at", written(place));
      else if (url.searchParams.has("at")) url.searchParams.delete("at");
      else return;
      history.replaceState(history.state, "", url);
    }, PAUSE);
  }

  const written = ({ x, y, zoom }) => [x.toFixed(4), y.toFixed(4), zoom.toFixed(2)].join(",");

  function placeInAddress() {
    const numbers = (map.data.keeps && new URL(location.href).searchParams.get("at")?.split(",").map(Number)) || [];
    if (numbers.length !== 3 || !numbers.every(Number.isFinite)) return null;
    const [x, y, zoom] = numbers;
    return { x: bounded(x, -1, 1), y: bounded(y, -1, 1), zoom: bounded(zoom, NEAREST, FURTHEST) };
  }

  function whole() {
    fly({ x: 0, y: 0, zoom: NEAREST });
    keep(map.data.lit.centre ? { x: 0, y: 0, zoom: NEAREST } : null);
  }

  return { unit, screen, onMap, isIn, fly, step, move, zoomAt, keep, written, placeInAddress, whole };
}
