// What is where on the map: places of words, clusters by their levels, the words in view.

const LEVEL = 2.7; // how much one zooms in until the names are of the next level

function findingOn(map, { unit, onMap }) {
  const placeOf = (word) => [map.atlas.places[2 * word] / REACH, map.atlas.places[2 * word + 1] / REACH];

  // Where the asked word is; a formula has a place on the model's own map only.
  function centreNow() {
    const { centre } = map.data.lit;
    const word = map.index?.get(centre?.word);
    if (word === undefined) return map.atlas === map.home ? centre : null;
    const [x, y] = placeOf(word);
    return { word: centre.word, x, y };
  }

  const levelNow = () => bounded(1 + Math.floor(Math.log(map.camera.zoom) / Math.log(LEVEL) + 0.05), 1, map.atlas.depth);

  // The cluster of a level in which a word lies; none for a word that is not on the map.
  function clusterOf(word, level) {
    let cluster = map.atlas.clusters[map.atlas.finest[word]];
    while (cluster && cluster.level > level) cluster = map.atlas.clusters[cluster.parent];
    return cluster;
  }

  // The clusters of a level, the largest first.
  const byLevel = new Map();
  function named(level) {
    if (byLevel.of !== map.atlas) byLevel.clear();
    byLevel.of = map.atlas;
    if (!byLevel.has(level)) byLevel.set(level, map.atlas.clusters.filter((each) => each.level === level).sort((a, b) => b.size - a.size));
    return byLevel.get(level);
  }

  // The first words in view; they stand in the order of their frequency.
  function inView(most = Infinity) {
    const [left, top] = onMap(0, 0).map((each) => each * REACH);
    const [right, bottom] = onMap(map.size.width, map.size.height).map((each) => each * REACH);
    const words = [];
    for (let word = 0; word < map.atlas.count && words.length < most; word++) {
      const [x, y] = [map.atlas.places[2 * word], map.atlas.places[2 * word + 1]];
      if (x > left && x < right && y < top && y > bottom) words.push(word);
    }
    return words;
  }

  function nearestTo(left, top, reach) {
    const [x, y] = onMap(left, top).map((each) => each * REACH);
    let [best, least] = [-1, (reach * REACH) / unit()];
    least *= least;
    for (let word = 0; word < map.atlas.count; word++) {
      const [across, down] = [map.atlas.places[2 * word] - x, map.atlas.places[2 * word + 1] - y];
      const distance = across * across + down * down;
      if (distance < least) [best, least] = [word, distance];
    }
    return best;
  }

  return { placeOf, centreNow, levelNow, clusterOf, named, inView, nearestTo };
}
