// What all of them are made of: numbers as they are written, formulas, elements.

function write(value, { decimals: chosen, limit }) {
  if (chosen === null || chosen === undefined) return rounded(value, decimals(limit));
  // Beside numbers that show, one that is too small to show is 0; pointed at, it has all its digits.
  return limit >= 10 ** -chosen && Math.abs(value) < 1 ? inDecimals(value, chosen) : fixed(value, chosen);
}

// A number of a line, with more digits where it has more.
function withMore(value, part, more) {
  const text = write(value, part);
  if (!more || !Number.isFinite(value) || Math.abs(asNumber(text) - value) <= 1e-12 * Math.abs(value)) return text;
  const digits = part.decimals ?? decimals(part.limit);
  return digits === null ? inPowers(value, 1 + more) : fixed(value, digits + more, 1 + more);
}

// A number with the digits of another one that is written.
function writtenLike(value, text) {
  if (!Number.isFinite(value)) return exact(value);
  const [mantissa, power] = text.split("·10");
  const digits = (mantissa.split(".")[1] ?? "").length;
  return power === undefined ? inDecimals(value, digits) : inPowers(value, digits);
}

function halfEven(value) {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}

const MATHML = "http://www.w3.org/1998/Math/MathML";
const ACCENTS = { "~": "˜", "^": "ˆ" };

// A symbol, which comes as MathML, in plain elements: a browser without a font for mathematics sets the indices of MathML
// too high. What is no MathML is left out.
function symbolOf(text) {
  const parsed = new DOMParser().parseFromString(text, "application/xml").documentElement;
  return node("span", "symbol", ...(parsed.namespaceURI === MATHML ? typeset(parsed) : [textOf(text)]));
}

function typeset(source) {
  const parts = [...source.children].filter(({ namespaceURI }) => namespaceURI === MATHML);
  const inside = () => parts.flatMap(typeset);
  const text = source.textContent;
  switch (source.localName) {
    case "mi": return [[...text].length === 1 ? node("i", "", text) : text];
    case "mn": return [text];
    case "mo": return [source.previousElementSibling && source.nextElementSibling && "=>−".includes(text) ? ` ${text} ` : text];
    case "msup": return /^[′″]$/.test(parts[1].textContent) ? inside() : [...typeset(parts[0]), node("sup", "", ...typeset(parts[1]))];
    case "msub": return [...typeset(parts[0]), node("sub", "", ...typeset(parts[1]))];
    case "msubsup": return [...typeset(parts[0]), node("span", "scripts", node("sup", "", ...typeset(parts[2])), node("sub", "", ...typeset(parts[1])))];
    case "mover": return [node("span", "accented", ...typeset(parts[0]), node("span", /[a-z]/.test(parts[0].textContent) ? "accent low" : "accent", ACCENTS[parts[1].textContent] ?? ""))];
    case "msqrt": return ["√", node("span", "bar", ...inside())];
    default: return source.getAttribute("class") === "bar" ? [node("span", "bar", ...inside())] : inside(); // over a gradient's symbol
  }
}

const textOf = (markup) => (markup ?? "").replace(/<[^>]*>/g, "");
const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));

function node(tag, className = "", ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

const range = (from, to) => Array.from({ length: to - from }, (_, i) => from + i);
