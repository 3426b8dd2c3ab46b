// A pocket calculator for what a line prints, as explorer/lessons/equations/calculator.py: whether the numbers that a
// reader sees give the result that they see.

const TOKENS = /\d+(?:\.\d+)?(?:·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?|exp|ln|sin|cos|max|[∞Φ√²^(),+−·/]/gu;
const FUNCTIONS = { exp: Math.exp, ln: Math.log, sin: Math.sin, cos: Math.cos, "√": Math.sqrt, "Φ": shareBelow };

// What a calculator makes of the left side of a line. A power comes before a product, a product before a sum, and a
// function before all of them.
function calculated(text) {
  const tokens = (text.match(TOKENS) ?? []).reverse();
  const take = (...signs) => (signs.includes(tokens.at(-1)) ? tokens.pop() : null);
  const total = () => {
    let number = product();
    for (let sign; (sign = take("+", "−")); ) number += sign === "+" ? product() : -product();
    return number;
  };
  const product = () => {
    let number = signed();
    for (let sign; (sign = take("·", "/")); ) number = sign === "·" ? number * signed() : number / signed();
    return number;
  };
  const signed = () => (take("−") ? -signed() : power());
  const power = () => {
    const base = atom();
    if (take("²")) return base * base;
    return take("^") ? base ** atom() : base;
  };
  const atom = () => {
    if (take("(")) {
      let number = total();
      if (take(",")) number = Math.max(number, total());
      take(")");
      return number;
    }
    const token = tokens.pop() ?? "";
    if (token === "max") return atom();
    return token in FUNCTIONS ? FUNCTIONS[token](atom()) : asNumber(token);
  };
  return total();
}

// A number as it is written here.
function asNumber(text) {
  if (text === "∞") return Infinity;
  const plain = text.replace("·10", "e").replace(/[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]/gu, (sign) => "-0123456789"["⁻⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(sign)]);
  return Number(plain.replaceAll(MINUS, "-"));
}

// The share of a normal distribution that is below a number (Marsaglia 2004).
function shareBelow(x) {
  if (Math.abs(x) > 8) return x > 0 ? 1 : 0;
  let [sum, term] = [x, x];
  for (let k = 3; Math.abs(term) > 1e-17; k += 2) sum += term *= (x * x) / k;
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}
