// What all of them are made of: numbers as they are written, formulas, elements.

function write(value, { decimals: chosen, limit }) {
  if (chosen === null || chosen === undefined) return rounded(value, decimals(limit));
  // Beside numbers that show, one that is too small to show is 0; pointed at, it has all its digits.
  return limit >= 10 ** -chosen && Math.abs(value) < 1 ? inDecimals(value, chosen) : fixed(value, chosen);
}

function halfEven(value) {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}

const MATHML = "http://www.w3.org/1998/Math/MathML";
const MATHML_ATTRIBUTES = ["mathvariant", "stretchy", "fence", "separator", "accent", "width", "lspace", "rspace", "form"];

// MathML, which comes as text: its elements and what they look like, and nothing that acts.
function formula(text) {
  const parsed = new DOMParser().parseFromString(text, "application/xml").documentElement;
  return copied(parsed) ?? document.createTextNode(textOf(text));
}

function copied(source) {
  if (source.nodeType === Node.TEXT_NODE) return document.createTextNode(source.data);
  if (source.nodeType !== Node.ELEMENT_NODE || source.namespaceURI !== MATHML) return null;
  const made = document.createElementNS(MATHML, source.localName);
  if (source.getAttribute("class") === "bar") made.setAttribute("class", "bar"); // over a gradient's symbol
  for (const name of MATHML_ATTRIBUTES) if (source.hasAttribute(name)) made.setAttribute(name, source.getAttribute(name));
  made.append(...[...source.childNodes].map(copied).filter(Boolean));
  return made;
}

const textOf = (markup) => (markup ?? "").replace(/<[^>]*>/g, "");

function within(element, selector) {
  for (let at = element; at; at = at.getRootNode().host) if (at.closest?.(selector)) return true;
  return false;
}

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));

function node(tag, className = "", ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

const range = (from, to) => Array.from({ length: to - from }, (_, i) => from + i);
