// Names on a map, none of them over another: what is named first keeps its place.

function labeller(context) {
  const widths = new Map();
  let taken = [];

  const widthOf = (text, font) => {
    const key = `${font} ${text}`;
    if (!widths.has(key)) {
      context.font = font;
      widths.set(key, context.measureText(text).width);
    }
    return widths.get(key);
  };

  const covers = ([left, top, right, bottom], boxes) => boxes.some((box) => left < box[2] && box[0] < right && top < box[3] && box[1] < bottom);

  return {
    // Begins a new picture; `blocked` are boxes over which nothing may stand.
    begin(blocked = []) {
      taken = [...blocked];
    },
    // Whether the name was written: in the middle of its place, or beside a point of this `radius`, where there is room;
    // `around` it, also above and below. It stands over no other name, and over none of the boxes to `avoid`; where it is
    // `always` written and there is no such place, it stands beside its point.
    write(text, x, y, { size, weight = 400, colour, halo, radius = 0, always = false, around = false, avoid = [], width }) {
      const font = `${weight} ${size}px ${context.family}`;
      const long = widthOf(text, font);
      const high = size * 0.62;
      const sides = radius ? [[x + radius + 4, y], [x - radius - 4 - long, y]] : [[x - long / 2, y]];
      if (around) sides.push(...[-1, 1].map((way) => [x - long / 2, y + way * (radius + high + 2)]));
      if (always) sides.push(...sides.slice(0, 2));
      for (const [place, [left, middle]] of sides.entries()) {
        const box = [left - 3, middle - high, left + long + 3, middle + high];
        const must = always && place >= sides.length - 2;
        if (box[0] < 0 || box[2] > width || (!must && (covers(box, taken) || covers(box, avoid)))) continue;
        taken.push(box);
        context.font = font;
        context.textBaseline = "middle";
        context.lineJoin = "round";
        context.lineWidth = 4;
        context.strokeStyle = halo;
        context.strokeText(text, left, middle);
        context.fillStyle = colour;
        context.fillText(text, left, middle);
        return true;
      }
      return false;
    },
  };
}
