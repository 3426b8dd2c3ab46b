// What two scenes share moves from its place on the first to that on the second.

const GLIDE = 260; // milliseconds
const still = matchMedia("(prefers-reduced-motion: reduce)");

// What may glide from scene to scene: words and numbers, the matrices of equations, and the dots of a map.
const GLIDING = "[data-glide]:not(.covered)";
const gliders = (section) => [section, ...[...section.querySelectorAll(".tensors-host")].map(({ shadowRoot }) => shadowRoot)].flatMap((root) => [...root.querySelectorAll(GLIDING)]);

// Where everything is that has a name; a word that stands there more than once, where it is first.
function standing(section) {
  const named = new Map();
  for (const each of gliders(section)) {
    const name = each.dataset.glide;
    if (!named.has(name)) named.set(name, { box: each.getBoundingClientRect(), camera: cameraOf(each) });
  }
  return named;
}

// What stood on the scene before moves to its new place, and to its new size.
function glide(section, from) {
  for (const each of gliders(section)) {
    const old = from.get(each.dataset.glide);
    if (!old) continue;
    const [origin, start] = old.camera ? zoomed(old.camera, cameraOf(each)) : moved(each, old.box, each.getBoundingClientRect());
    if (start) each.animate([{ transformOrigin: origin, transform: start }, { transformOrigin: origin, transform: "none" }], { duration: GLIDE, easing: "ease-out" });
  }
}

function moved(node, old, now) {
  if (!old.width || !now.width) return [];
  const scale = node.ownerSVGElement?.getScreenCTM().a ?? now.width / node.offsetWidth; // of the stage, and of what is drawn larger on it
  const grow = node.tagName === "FIGURE" ? ` scale(${old.width / now.width})` : "";
  return ["0 0", `translate(${(old.left - now.left) / scale}px, ${(old.top - now.top) / scale}px)${grow}`];
}

// The place in the middle of a map of all words, how far one place is from the next on the stage, and where this middle is.
const cameraOf = ({ dataset: { camera } }) => camera?.split(" ").map(Number);

function zoomed([oldX, oldY, oldFar], [x, y, far, left, top]) {
  return [`${left}px ${top}px`, `translate(${(x - oldX) * oldFar}px, ${(oldY - y) * oldFar}px) scale(${oldFar / far})`];
}
