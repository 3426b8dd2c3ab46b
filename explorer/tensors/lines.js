// How a number came about.

const MOST_TERMS = 16; // of a sum that is written whole
const LARGEST_TERMS = 4; // of a longer one
const MORE_TERMS = [128, 1024]; // when it is unfolded, and again
// That the numbers of a line may have, beyond the decimals of its result. In a talk they stand as in their matrix, where the
// last row looks for them.
const MORE_DIGITS = { page: 4, stage: 0 };

// Writes the lines of an equation's worked cell, and collects the cells that they take a number from.
class Writer {
  constructor(equation, lit) {
    Object.assign(this, { equation, lit });
    const [h, i, j] = equation.worked ?? [];
    this.places = { h, i, j };
  }

  line({ part, at, text, slots }, number) {
    this.sum = number;
    const result = this.equation.byId.get(part);
    const flat = this.flat(result, at, this.places);
    const own = typeof text === "string" ? text : text[this.places.j % text.length];
    if (own === "{0}" && "part" in slots[0]) return this.copy(result, flat, slots[0]);
    const sign = this.agrees(own, slots, result.values[flat], result) ? " = " : " ≈ ";
    const left = this.filled(own, slots, this.places);
    this.more = 0;
    return node("p", "line", ...left, sign, this.number(result, flat, "value", false));
  }

  // A number that was not computed: “0.1 = 0.1” would say nothing, so the line says where it stood before.
  copy(result, flat, { part, at }) {
    const source = this.equation.byId.get(part);
    const cell = this.number(source, this.flat(source, at, this.places), "", false);
    cell.textContent = cell.title;
    const places = { number: this.number(result, flat, "value", false), cell };
    return node("p", "line", ...this.equation.page.texts.copied.split(/\{(\w+)\}/).map((piece, i) => (i % 2 ? places[piece] : piece)));
  }

  // Whether a calculator gives the result that is printed; it sets how many more digits the numbers of the line take for
  // it. A sum of which not all terms are written cannot be checked, and rounding makes no infinity.
  agrees(text, slots, value, part) {
    this.more = 0;
    const result = write(value, part);
    if (!Number.isFinite(value) || slots.some((slot) => "over" in slot && this.written(slot, this.places) < slot.over)) return true;
    for (; this.more <= MORE_DIGITS[this.equation.page.way]; this.more++) {
      const number = calculated(this.typed(text, slots, this.places));
      if (writtenLike(number, result) === result) return true;
    }
    this.more = 0;
    return false;
  }

  // The left side of a line as a reader types it.
  typed(text, slots, places) {
    return text.replace(/\{(\d+)\}/g, (_, i) => {
      const slot = slots[i];
      if ("over" in slot) return range(0, slot.over).map((k) => this.typed(slot.text, slot.slots, { ...places, k })).join(" + ");
      if ("number" in slot) return bracketed(constantly(slot.number, this.equation.result, this.more));
      const part = this.equation.byId.get(slot.part);
      return bracketed(withMore(part.values[this.flat(part, slot.at, places)], part, this.more));
    });
  }

  // A template with numbers in its places: {0} is the first slot.
  filled(text, slots, places) {
    return text.split(/\{(\d+)\}/).flatMap((piece, i) => (i % 2 ? this.slot(slots[piece], places) : piece ? [piece] : []));
  }

  slot(slot, places) {
    if ("over" in slot) return this.terms(slot, places);
    if ("number" in slot) {
      const part = this.equation.result;
      const constant = node("span", "constant", bracketed(constantly(slot.number, part, this.more)));
      constant.title = slot.symbol ?? "";
      return [constant];
    }
    const part = this.equation.byId.get(slot.part);
    return [this.number(part, this.flat(part, slot.at, places), "", true)];
  }

  // A sum. Of a long one the largest terms stand there, in their order, and how many smaller ones there are.
  terms(slot, places) {
    const count = slot.over;
    const key = this.keyOf(places);
    let kept = range(0, count);
    const most = this.written(slot, places);
    if (most < count) {
      const sizes = kept.map((k) => this.magnitude(slot.slots, { ...places, k }));
      const order = kept.slice().sort((a, b) => sizes[b] - sizes[a] || a - b);
      kept = order.slice(0, most).sort((a, b) => a - b);
      for (const k of order.slice(most)) this.light(slot.slots, { ...places, k });
    }
    const written = kept.flatMap((k, i) => [...(i ? [" + "] : []), node("span", "term", ...this.filled(slot.text, slot.slots, { ...places, k }))]);
    if (most < count) {
      const more = node("button", "more", filled(this.equation.page.texts.smaller, { count: (count - most).toLocaleString("en") }));
      more.type = "button";
      more.setAttribute("aria-expanded", "false");
      more.onclick = () => this.equation.unfold(key, most, count);
      written.push(" + ", more);
    }
    const sum = node("span", "sum", ...written);
    sum.dataset.sum = key;
    return [sum];
  }

  keyOf(places) {
    return `${this.sum}-${places.k ?? ""}`;
  }

  // How many terms of a sum are written.
  written({ over: count }, places) {
    return this.equation.unfolded.get(this.keyOf(places)) ?? (count > MOST_TERMS ? this.equation.terms : count);
  }

  magnitude(slots, places) {
    return slots.reduce((product, slot) => {
      if ("over" in slot) return product;
      if ("number" in slot) return product * Math.abs(slot.number);
      const part = this.equation.byId.get(slot.part);
      return product * Math.abs(part.values[this.flat(part, slot.at, places)]);
    }, 1);
  }

  light(slots, places) {
    for (const slot of slots) {
      if (!("part" in slot)) continue;
      const part = this.equation.byId.get(slot.part);
      this.lit.get(part).add(this.flat(part, slot.at, places));
    }
  }

  flat(part, at, places) {
    return part.flat(at.map((place) => resolved(place, places)));
  }

  // A number of a matrix, and the door to its cell.
  number(part, flat, kind, inBrackets) {
    const value = part.values[flat];
    const text = withMore(value, part, this.more);
    const made = node(part.name ? "button" : "span", `number ${kind}`, text);
    if (part.name) made.type = "button";
    made.dataset.part = part.id;
    made.dataset.flat = flat;
    made.style.setProperty("--role", `var(--role-${part.role})`);
    made.title = `${part.label} [${part.places(flat)}]`;
    this.lit.get(part).add(flat);
    const key = `${part.id}:${flat}`;
    const { buttons } = this.equation;
    buttons.set(key, [...(buttons.get(key) ?? []), made]);
    return inBrackets && bracketed(text) !== text ? node("span", "bracketed", "(", made, ")") : made;
  }
}

// Counts such as d stand there as they are, and so does what so many decimals would not show, such as ε.
function constantly(value, part, more) {
  if (Number.isInteger(value)) return exact(value);
  if (Math.abs(value) >= 10 ** -(part.digits ?? 4)) return withMore(value, part, more);
  return inPowers(value, (value.toExponential().split("e")[0].split(".")[1] ?? "").length);
}

// A minus sign or a power of ten needs brackets among other numbers.
const bracketed = (text) => (text.startsWith(MINUS) || text.includes("·10") ? `(${text})` : text);

function resolved(place, places) {
  if (typeof place === "string") return places[place];
  if (typeof place !== "object") return place;
  return [place.by].flat().reduce((table, name) => table[places[name]], place.table);
}
