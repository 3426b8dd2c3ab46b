// From one map to another: the map of another model turned over this one, and words on their way to their places there.

const GLIDE = 1600; // milliseconds
const LOST = 65535; // the cluster of a word that the other map lacks

// A map as it lies when it is turned: places become places · matrix.
function turned(atlas, matrix) {
  if (!matrix) return atlas;
  const [[a, b], [c, d]] = matrix;
  const on = (x, y) => [x * a + y * c, x * b + y * d];
  const places = new Int16Array(atlas.places.length);
  for (let at = 0; at < places.length; at += 2) {
    const [x, y] = on(atlas.places[at], atlas.places[at + 1]);
    [places[at], places[at + 1]] = [Math.round(x), Math.round(y)];
  }
  const clusters = atlas.clusters.map((cluster) => {
    const [x, y] = on(cluster.x, cluster.y);
    return { ...cluster, x, y };
  });
  return { ...atlas, places, clusters };
}

// The words of one map at their places on another, with the clusters there; a word that is not there stays where it is.
function placedAsOn(other, atlas) {
  const index = new Map(other.words.map((word, number) => [word, number]));
  const places = atlas.places.slice();
  const finest = new Uint16Array(atlas.count).fill(LOST);
  const kept = atlas.kept.slice();
  atlas.words.forEach((word, number) => {
    const there = index.get(word);
    if (there === undefined) return;
    [places[2 * number], places[2 * number + 1]] = [other.places[2 * there], other.places[2 * there + 1]];
    [finest[number], kept[number]] = [other.finest[there], other.kept[there]];
  });
  return { ...atlas, places, finest, kept, clusters: other.clusters, depth: other.depth };
}

// For each cluster the word that its name stands on; −1 where none of its words is here.
function anchored(atlas) {
  const nearest = atlas.clusters.map(() => [-1, Infinity]);
  for (let word = 0; word < atlas.count; word++) {
    const [x, y] = [atlas.places[2 * word] / REACH, atlas.places[2 * word + 1] / REACH];
    for (let each = atlas.clusters[atlas.finest[word]]; each; each = atlas.clusters[each.parent]) {
      const away = Math.hypot(x - each.x, y - each.y);
      if (away < nearest[each.number][1]) nearest[each.number] = [word, away];
    }
  }
  return nearest.map(([word]) => word);
}

// All words on their way: this share of it is behind them. A name of a cluster goes with the word that it stands on: in
// the first half the names of where the words come from, in the second of where they go.
function between(from, to, share) {
  const eased = share * share * (3 - 2 * share);
  const places = new Int16Array(from.places.length);
  for (let at = 0; at < places.length; at++) places[at] = from.places[at] + (to.places[at] - from.places[at]) * eased;
  const named = share < 0.5 ? from : to;
  named.anchors ??= anchored(named);
  const clusters = named.clusters.map((cluster, number) => {
    const word = named.anchors[number];
    return word < 0 ? cluster : { ...cluster, x: places[2 * word] / REACH, y: places[2 * word + 1] / REACH };
  });
  return { ...from, places, clusters, finest: named.finest, depth: named.depth };
}
