// How numbers and texts are written, for every script that draws: as Python writes them, explorer/writing/numbers.py.

const MINUS = "\u2212";

// A text of `explorer/texts.py` with what belongs in its places: filled("Remove {word}", { word }).
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);

// Three decimals for numbers around 1; fewer for larger ones, more for smaller ones, null for powers of ten.
function decimals(limit) {
  const magnitude = limit > 0 ? Math.floor(Math.log10(limit)) : 0;
  if (magnitude < -4 || magnitude > 5) return null;
  return Math.max(1, magnitude < 0 ? 2 - magnitude : 3 - magnitude);
}

function rounded(value, digits) {
  if (!Number.isFinite(value)) return exact(value);
  if (digits === null) return value === 0 ? "0" : inPowers(value, 1);
  return inDecimals(value, digits);
}

// So many decimals as the reader chose; powers of ten where that would show nothing or too much.
function fixed(value, digits, ofLost = 1) {
  if (!Number.isFinite(value)) return exact(value);
  const lost = value !== 0 && Number(halfwayToEven(value, digits, "toFixed")) === 0;
  if (lost || Math.abs(value) >= 1e6) return inPowers(value, lost ? ofLost : digits);
  return inDecimals(value, digits);
}

// So many decimals, whatever they show.
const inDecimals = (value, digits) => signed(halfwayToEven(value, digits, "toFixed"));

const signed = (text) => (Number(text) === 0 ? text.replace("-", "") : text.replace("-", MINUS));

// What lies halfway goes to the even digit, as Python has it; JavaScript goes away from zero. Both look at the binary
// number and not at its shortest decimals, so that only those are halfway that end in a 5 exactly.
function halfwayToEven(value, digits, method) {
  const text = value[method](digits);
  const [longer, exponent] = value[method](digits + 1).split("e");
  if (!longer.endsWith("5")) return text;
  const [whole] = value[method](100).split("e");
  if (/[1-9]/.test(whole.slice(longer.length))) return text;
  const shorter = longer.slice(0, -1).replace(/\.$/, ""); // towards zero
  return "02468".includes(shorter.at(-1)) ? (exponent === undefined ? shorter : `${shorter}e${exponent}`) : text;
}

// A number in powers of ten, as Python writes it: 2.5·10⁻⁷.
function inPowers(value, digits) {
  const [mantissa, exponent] = halfwayToEven(value, digits, "toExponential").split("e");
  const raised = [...exponent.replace("+", "")].map((digit) => (digit === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]));
  return `${mantissa.replace("-", MINUS)}·10${raised.join("")}`;
}

// As many digits as tell the number from every other, the same as Python prints.
function exact(value) {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value < 0 ? `${MINUS}∞` : "∞";
  return value === 0 ? "0" : String(value).replaceAll("-", MINUS);
}

