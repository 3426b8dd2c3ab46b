// What two scenes share moves from its place on the first to that on the second.

const GLIDE = 260; // milliseconds
const still = matchMedia("(prefers-reduced-motion: reduce)");

// What may glide from scene to scene: words and numbers, and the matrices of equations.
const GLIDING = "[data-glide]:not(.covered)";
const gliders = (section) => [section, ...[...section.querySelectorAll(".tensors-host")].map(({ shadowRoot }) => shadowRoot)].flatMap((root) => [...root.querySelectorAll(GLIDING)]);
const rectangles = (section) => new Map(gliders(section).map((each) => [each.dataset.glide, each.getBoundingClientRect()]));

// What stood on the scene before moves to its new place, and to its new size.
function glide(section, from) {
  for (const each of gliders(section)) {
    const old = from.get(each.dataset.glide);
    const now = each.getBoundingClientRect();
    if (!old?.width || !now.width) continue;
    const scale = now.width / (each.offsetWidth || now.width); // of the stage, and of what is drawn larger on it
    const move = `translate(${(old.left - now.left) / scale}px, ${(old.top - now.top) / scale}px)`;
    const grow = each.tagName === "FIGURE" ? ` scale(${old.width / now.width})` : "";
    each.animate([{ transformOrigin: "0 0", transform: move + grow }, { transformOrigin: "0 0", transform: "none" }], { duration: GLIDE, easing: "ease-out" });
  }
}
