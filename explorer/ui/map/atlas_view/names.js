// What stands over the points: the asked word and its neighbours with their lines, names of clusters and words, the line
// that is drawn around words.

const NAMED = 4; // the zoom from which words have their names
const MOST_NAMES = 90;

function namesOver(map, { screen, isIn }, { placeOf, centreNow, levelNow, clusterOf, named, inView }, context) {
  const label = labeller(context);

  function drawNames() {
    const { width, height, ratio } = map.size;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const [ink, halo, strong] = [map.style("--st-text-color"), map.style("--st-background-color"), map.style("--st-primary-color")];
    label.begin(map.covered());
    const common = { halo, width };
    const [centre, near] = [centreNow(), map.data.lit.words];
    const neighbours = map.lit.filter((word) => map.atlas.words[word] !== centre?.word).map((word) => screen(...placeOf(word)));
    const avoid = neighbours.map(([left, top]) => [left - 4, top - 4, left + 4, top + 4]);
    if (centre) drawLines(screen(centre.x, centre.y), neighbours, strong);
    for (const place of neighbours) dot(...place, map.data.small ? 3.5 : 4.5, strong, halo);
    if (centre) {
      const [left, top] = screen(centre.x, centre.y);
      dot(left, top, map.data.small ? 6 : 7, strong, halo);
      if (isIn([left, top])) label.write(centre.word, left, top, { ...common, avoid, size: 21, weight: 700, colour: strong, radius: 8, around: true, always: true });
    }
    if (map.hovered >= 0) {
      const [left, top] = screen(...placeOf(map.hovered));
      dot(left, top, 6, ink, halo);
      label.write(map.atlas.words[map.hovered], left, top, { ...common, size: 15, weight: 700, colour: ink, radius: 7, always: true });
    }
    for (const word of map.selected.length > 400 ? [] : map.selected) ring(...screen(...placeOf(word)), ink);
    const narrow = width < 560;
    const level = levelNow();
    if (map.camera.zoom >= NAMED || near.length) {
      for (const word of map.lit) {
        const [left, top] = screen(...placeOf(word));
        if (centre?.word === map.atlas.words[word] || !isIn([left, top])) continue;
        if (map.camera.zoom >= 2.5) label.write(map.atlas.words[word], left, top, { ...common, size: 14.5, weight: 600, colour: strong, radius: 5, around: true });
      }
    }
    const own = centre && clusterOf(map.index?.get(centre.word), level);
    for (const cluster of [...named(level)].sort((a, b) => (b === own) - (a === own))) {
      const [left, top] = screen(cluster.x, cluster.y);
      if (!isIn([left, top], -20)) continue;
      const words = cluster.name.split(", ").slice(0, width < 440 || (narrow && level > 1) || level === 1 ? 2 : 3);
      const type = level === 1 ? (narrow ? 13.5 : 16.5) : 14.5;
      // The asked word stands in its own cluster, and must not hide the name of that.
      const shifts = cluster === own ? [0, 1.5, -1.5, 3, -3] : [0];
      shifts.some((lines) => label.write(words.join(" · "), left, top + lines * type, { ...common, avoid, size: type, weight: 700, colour: ink }));
    }
    if (map.camera.zoom < NAMED) return lassoed(strong);
    const isLit = new Set(map.lit);
    let count = 0;
    for (const word of inView(MOST_NAMES * 6)) {
      if (isLit.has(word)) continue;
      const [left, top] = screen(...placeOf(word));
      if (label.write(map.atlas.words[word], left, top, { ...common, size: 13, colour: ink, radius: 4 }) && ++count >= MOST_NAMES) break;
    }
    lassoed(strong);
  }

  function drawLines(centre, places, strong) {
    context.strokeStyle = strong;
    context.lineWidth = 1.25;
    context.globalAlpha = 0.45;
    for (const place of places) {
      context.beginPath();
      context.moveTo(...centre);
      context.lineTo(...place);
      context.stroke();
    }
    context.globalAlpha = 1;
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
    if (map.lasso.length < 2) return;
    context.beginPath();
    for (const place of map.lasso) context.lineTo(...screen(...place));
    context.closePath();
    context.lineWidth = 2;
    context.strokeStyle = strong;
    context.stroke();
    context.globalAlpha = 0.12;
    context.fillStyle = strong;
    context.fill();
    context.globalAlpha = 1;
  }

  return drawNames;
}
