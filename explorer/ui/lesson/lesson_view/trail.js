// The number that is open: the trail that led to it, its name, its digits. Labels come from outside: they enter the page
// as text, never as HTML.

const view = { root: null, open: () => {} };

// A reader opens the worked cell of an equation.
document.addEventListener("explorer-open", (event) => {
  if (!view.root?.isConnected) return;
  event.preventDefault();
  view.open(event.detail);
});

export default function ({ data, parentElement, setTriggerValue }) {
  view.open = (cell) => setTriggerValue("open", cell);
  parentElement.querySelector(".how")?.remove();
  const root = element("div", "how");
  const walk = (cell, trail) => setTriggerValue("walk", { cell, trail });

  if (data.trail?.length > 1) {
    const crumbs = data.trail.map(({ place, label, cell }, at) => {
      const last = at === data.trail.length - 1;
      const crumb = last ? element("span", "", label) : door(label, () => walk(cell, at));
      if (last) crumb.setAttribute("aria-current", "true");
      const isNew = place && place !== data.trail[at - 1]?.place; // said where it changes
      return element("li", "", ...(isNew ? [element("span", "quiet", `${place}: `)] : []), crumb);
    });
    const trail = element("nav", "", element("ol", "trail", ...crumbs));
    trail.setAttribute("aria-label", data.texts.trail);
    root.append(trail);
  }
  if (data.place) root.append(element("p", "quiet", data.place));
  if (data.title) root.append(element("h3", "", data.title));
  if (data.number) root.append(element("p", "number", data.number));
  if (data.line) root.append(element("p", "sum", data.line));
  if (data.source) {
    const [before, after] = data.texts.copied.split("{cell}");
    root.append(element("p", "sum", before, door(data.source.label, () => walk(data.source.cell, null)), after));
  }
  parentElement.append(root);
  view.root = root;
}

function door(label, onclick) {
  const node = element("button", "", label);
  node.type = "button";
  node.onclick = onclick;
  return node;
}
