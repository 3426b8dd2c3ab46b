// A scene as an SVG of its own, for other people's slides: everything that the browser has drawn, as shapes and as text
// that stays text. It has no style sheet, no font of its own and nothing from another place, so that programs that draw
// little else than shapes open it as well.

const ink = document.createElement("canvas").getContext("2d");
const PAINT = ["fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-dasharray", "paint-order", "opacity", "fill-opacity", "stroke-opacity", "font-size", "font-weight", "font-style", "font-family", "text-anchor"]; // prettier-ignore
const UNDER = 0.16; // of the size of type, from its baseline to a line beneath
const isClear = (colour) => colour === "transparent" || /^rgba\(.*, 0\)$/.test(colour);

function asSvg(section) {
  const frame = section.getBoundingClientRect();
  const scale = frame.width / STAGE.width;
  const svg = shape("svg", { xmlns: SVG, width: STAGE.width, height: STAGE.height, viewBox: `0 0 ${STAGE.width} ${STAGE.height}` });
  const at = ({ left, top, width, height }) => ({ x: round((left - frame.left) / scale), y: round((top - frame.top) / scale), width: round(width / scale), height: round(height / scale) });
  svg.append(shape("title", {}, section.getAttribute("aria-label") ?? ""), shape("rect", { width: STAGE.width, height: STAGE.height, fill: getComputedStyle(document.body).backgroundColor }));

  // The background and the borders of a box.
  function box(style, { x, y, width, height }, sides = borders(style)) {
    if (style.backgroundImage.includes("gradient")) svg.append(shape("path", { d: `M${x} ${y + height}L${x + width} ${y}`, stroke: style.color, "stroke-width": 2 }));
    const [fill, radius] = [style.backgroundColor, parseFloat(style.borderTopLeftRadius) || 0];
    const rx = style.borderTopLeftRadius.endsWith("%") ? (width * radius) / 100 : radius;
    const [top] = sides;
    const isFrame = top.wide && sides.every(({ wide, colour }) => wide === top.wide && colour === top.colour);
    if (!isClear(fill) || isFrame) {
      const inset = isFrame ? top.wide / 2 : 0;
      const lines = isFrame ? { stroke: top.colour, "stroke-width": top.wide } : {};
      svg.append(shape("rect", { x: x + inset, y: y + inset, width: Math.max(0, width - 2 * inset), height: Math.max(0, height - 2 * inset), rx, fill: isClear(fill) ? "none" : fill, ...lines }));
    }
    if (isFrame) return;
    const ends = [[x, y, x + width, y], [x + width, y, x + width, y + height], [x, y + height, x + width, y + height], [x, y, x, y + height]]; // prettier-ignore
    sides.forEach(({ wide, colour }, side) => {
      const [x1, y1, x2, y2] = ends[side];
      if (wide) svg.append(shape("line", { x1, y1, x2, y2, stroke: colour, "stroke-width": wide }));
    });
  }

  const borders = (style) =>
    ["Top", "Right", "Bottom", "Left"].map((side) => {
      const [wide, colour] = [parseFloat(style[`border${side}Width`]), style[`border${side}Color`]];
      return { wide: style[`border${side}Style`] === "none" || isClear(colour) ? 0 : wide, colour };
    });

  // What a style sheet draws before or after the content of an element: a frame around it, or a dot before its text.
  function besides(node, which) {
    const style = getComputedStyle(node, which);
    if (style.content !== '""' || style.display === "none") return;
    const [px, around] = [(name) => parseFloat(style[name]) || 0, at(node.getBoundingClientRect())];
    if (style.position === "absolute") {
      return box(style, { x: around.x + px("left"), y: around.y + px("top"), width: around.width - px("left") - px("right"), height: around.height - px("top") - px("bottom") });
    }
    const range = document.createRange();
    range.selectNodeContents(node);
    const first = at([...range.getClientRects()].find(({ width }) => width) ?? node.getBoundingClientRect());
    box(style, { x: first.x - px("marginRight") - px("width"), y: first.y + (first.height - px("height")) / 2, width: px("width"), height: px("height") });
  }

  // A text, line by line, as wide as it stands there, whatever font the other program has.
  function text(node, style, underline) {
    const range = document.createRange();
    const lines = [];
    for (const { 0: word, index } of node.data.matchAll(/\S+\s*/g)) {
      range.setStart(node, index);
      range.setEnd(node, index + word.trimEnd().length);
      const [rectangle] = range.getClientRects();
      if (!rectangle?.width) continue;
      const line = lines.at(-1);
      if (line && Math.abs(line.top - rectangle.top) < 2) Object.assign(line, { end: index + word.trimEnd().length, right: rectangle.right });
      else lines.push({ start: index, end: index + word.trimEnd().length, left: rectangle.left, right: rectangle.right, top: rectangle.top, height: rectangle.height });
    }
    ink.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const { fontBoundingBoxAscent: above, fontBoundingBoxDescent: below } = ink.measureText("x");
    for (const { start, end, left, right, top, height } of lines) {
      const place = at({ left, top, width: right - left, height });
      const larger = place.height / (above + below); // an equation may be drawn larger as a whole
      const size = round(parseFloat(style.fontSize) * larger);
      const line = round(place.y + above * larger);
      const looks = { x: place.x, y: line, "font-size": size, "font-family": style.fontFamily, "font-weight": style.fontWeight, "font-style": style.fontStyle, fill: style.color };
      if (node.parentElement.localName === "mi" && node.data.length === 1) looks["font-style"] = "italic"; // as mathematics has a letter
      const written = node.data.slice(start, end).replace(/\s+/g, " ");
      svg.append(shape("text", written.length > 1 ? { ...looks, textLength: place.width } : looks, written));
      if (underline) svg.append(shape("line", { x1: place.x, x2: place.x + place.width, y1: line + UNDER * size, y2: line + UNDER * size, stroke: underline.textDecorationColor, "stroke-width": 2 }));
    }
  }

  // A drawing of the page's own: the same shapes, painted as the style sheet has it.
  function drawing(node) {
    const { a, d, e, f } = node.getScreenCTM();
    const copy = shape("g", { transform: `translate(${round((e - frame.left) / scale)} ${round((f - frame.top) / scale)}) scale(${a / scale} ${d / scale})` });
    const paint = (from, to) => {
      for (const child of from.children) {
        const style = getComputedStyle(child);
        if (style.visibility === "hidden" || style.display === "none" || /^(style|title|desc|defs)$/.test(child.tagName)) continue;
        const made = child.cloneNode(false);
        for (const name of ["class", "style", "data-glide", "data-reveal", "href"]) made.removeAttribute(name);
        for (const name of PAINT) if (style.getPropertyValue(name)) made.setAttribute(name, style.getPropertyValue(name));
        if (!child.children.length) made.textContent = child.textContent;
        paint(child, made);
        to.append(made);
      }
    };
    paint(node, copy);
    svg.append(copy);
  }

  function visit(node, underline) {
    if (node.nodeType === Node.TEXT_NODE) {
      const style = getComputedStyle(node.parentElement);
      return style.visibility === "hidden" || style.fontSize === "0px" ? undefined : text(node, style, underline);
    }
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    const style = getComputedStyle(node);
    const place = at(node.getBoundingClientRect());
    if (style.display === "none" || style.opacity === "0" || node.localName === "style") return;
    if (style.visibility !== "hidden") {
      if (node.localName === "svg") return drawing(node);
      if (node.localName === "img") svg.append(shape("image", { ...place, href: node.src }));
      else if (node.localName === "canvas" && place.width) svg.append(shape("image", { ...place, href: node.toDataURL() }));
      else if (place.width && place.height) box(style, place);
      besides(node, "::before");
      if (node.localName === "mfrac") {
        const y = (at(node.children[0].getBoundingClientRect()).y + at(node.children[0].getBoundingClientRect()).height + at(node.children[1].getBoundingClientRect()).y) / 2;
        svg.append(shape("line", { x1: place.x, x2: place.x + place.width, y1: y, y2: y, stroke: style.color, "stroke-width": 2 }));
      }
      if (node.localName === "msqrt") {
        const { x } = at(node.firstElementChild.getBoundingClientRect());
        const bottom = place.y + place.height;
        svg.append(shape("path", { d: `M${place.x} ${place.y + place.height * 0.6}L${(place.x + x) / 2} ${bottom}L${x} ${place.y + 1}H${place.x + place.width}`, fill: "none", stroke: style.color, "stroke-width": 2 }));
      }
    }
    const under = style.textDecorationLine === "underline" ? style : style.display === "inline-block" ? null : underline;
    for (const child of (node.shadowRoot ?? node).childNodes) visit(child, under);
    if (style.visibility !== "hidden") besides(node, "::after");
  }

  visit(section, null);
  return new XMLSerializer().serializeToString(svg);
}

const round = (number) => Math.round(number * 100) / 100;
