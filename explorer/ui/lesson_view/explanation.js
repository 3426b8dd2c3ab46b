// How a number came about: the trail that led here, the sum with its numbers, the terms. Each factor that is a cell of
// a tensor is a door to that cell. Labels come from outside: they enter the page as text, never as HTML.

export default function ({ data, parentElement, setTriggerValue }) {
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
    trail.setAttribute("aria-label", "Trail");
    root.append(trail);
  }
  if (data.place) root.append(element("p", "quiet", data.place));
  if (data.title) root.append(element("h3", "", data.title));
  if (data.number) root.append(element("p", "number", data.number));
  if (data.sum) root.append(element("p", "sum", data.sum));
  if (data.terms?.length) {
    root.append(list(data.terms));
    if (data.rest.length) root.append(fold(data.rest));
    if (data.beyond) root.append(element("p", "quiet", data.beyond));
  }
  parentElement.append(root);

  // Drawn when it is unfolded: there may be hundreds.
  function fold(rest) {
    const details = element("details", "", element("summary", "", data.folded));
    details.addEventListener("toggle", () => details.append(list(rest)), { once: true });
    return details;
  }

  function list(terms) {
    return element("ul", "terms", ...terms.map(term));
  }

  function term({ factors, number }) {
    const parts = factors.map(({ label, number: value, cell }, place) => {
      const name = cell ? door(label, () => walk(cell, null)) : element("span", "symbol", label);
      const times = place ? [element("span", "times", "× ")] : [];
      return element("div", "factor", ...times, name, " ", element("span", "value", value));
    });
    return element("li", "", element("div", "factors", ...parts), element("div", "product", `= ${number}`));
  }
}

function door(label, onclick) {
  const node = element("button", "", label);
  node.type = "button";
  node.onclick = onclick;
  return node;
}

function element(tag, className = "", ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}
