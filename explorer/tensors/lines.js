// How a number came about.

const MOST_TERMS = 16; // of a sum that is written whole
const MOST_TERMS_OF_A_TALK = 6;
const LARGEST_TERMS = 4; // of a longer one
const MORE_TERMS = [128, 1024]; // when it is unfolded, and again

// Writes the lines of an equation's worked cell, and collects the cells that they take a number from.
class Writer {
  constructor(equation, lit) {
    Object.assign(this, { equation, lit });
    const [h, i, j] = equation.worked;
    this.places = { h, i, j };
  }

  line({ part, at, text, slots }, number) {
    this.sum = number;
    const result = this.equation.byId.get(part);
    const flat = this.flat(result, at, this.places);
    const own = typeof text === "string" ? text : text[this.places.j % text.length];
    return node("p", "line", ...this.filled(own, slots, this.places), " = ", this.number(result, flat, "value", false));
  }

  // A template with numbers in its places: {0} is the first slot. What stands alone needs no brackets.
  filled(text, slots, places) {
    if (text === "{0}" && "part" in slots[0] && places.k === undefined) return this.slot(slots[0], places, false);
    return text.split(/\{(\d+)\}/).flatMap((piece, i) => (i % 2 ? this.slot(slots[piece], places) : piece ? [piece] : []));
  }

  slot(slot, places, inBrackets = true) {
    if ("over" in slot) return this.terms(slot, places);
    if ("number" in slot) {
      const part = this.equation.result;
      const constant = node("span", "constant", bracketed(slot.number, constantly(slot.number, part)));
      constant.title = slot.symbol ?? "";
      return [constant];
    }
    const part = this.equation.byId.get(slot.part);
    return [this.number(part, this.flat(part, slot.at, places), "", inBrackets)];
  }

  // A sum. Of a long one the largest terms stand there, in their order, and how many smaller ones there are.
  terms(slot, places) {
    const count = slot.over;
    const key = `${this.sum}-${places.k ?? ""}`;
    let kept = range(0, count);
    const few = this.equation.page.room ? MOST_TERMS_OF_A_TALK : MOST_TERMS;
    const most = this.equation.unfolded.get(key) ?? (count > few ? LARGEST_TERMS : count);
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
    const text = write(value, part);
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
    return inBrackets && isNegative(text) ? node("span", "bracketed", "(", made, ")") : made;
  }
}

// Counts such as d stand there as they are, and so does what so many decimals would not show, such as ε.
const constantly = (value, part) =>
  Number.isInteger(value) || Math.abs(value) < 10 ** -(part.digits ?? 4) ? exact(value) : write(value, part);
const isNegative = (text) => text.startsWith(MINUS);
const bracketed = (value, text) => (isNegative(text) ? `(${text})` : text);

function resolved(place, places) {
  if (typeof place === "string") return places[place];
  if (typeof place !== "object") return place;
  return [place.by].flat().reduce((table, name) => table[places[name]], place.table);
}
