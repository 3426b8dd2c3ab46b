// The points of a map of all words: unpacked from what explorer/service/atlas.py sends, and painted: by a graphics card
// through WebGL or, where there is none, into the pixels of a canvas, which is quicker than WebGL without a card.
// Both painters have the same three methods.

const REACH = 32767;

// One copy a tab, whichever page asks.
function atlasAt(address) {
  const kept = (window.explorerAtlases ??= new Map());
  if (!kept.has(address)) {
    const atlas = fetch(new URL(address, location.href)).then(async (response) => {
      if (!response.ok) throw new Error((await response.json()).error);
      return unpacked(await response.arrayBuffer());
    });
    atlas.catch(() => kept.delete(address));
    kept.set(address, atlas);
  }
  return kept.get(address);
}

function unpacked(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const text = (from, to) => new TextDecoder().decode(new Uint8Array(buffer, from, to === undefined ? undefined : to - from));
  const header = JSON.parse(text(4, 4 + length));
  const count = header.words;
  let at = 4 + length;
  const next = (Kind, size) => {
    const part = new Kind(buffer, at, size);
    at += part.byteLength;
    return part;
  };
  const places = next(Int16Array, 2 * count);
  const finest = next(Uint16Array, count);
  const [tags, tiers, densities, kept] = [0, 0, 0, 0].map(() => next(Uint8Array, count));
  const words = text(at).split("\n");
  const clusters = header.clusters.map(([level, parent, name, size, x, y], number) => ({ number, level, parent, name, size, x, y }));
  const depth = Math.max(...clusters.map(({ level }) => level));
  return { ...header, count, places, finest, tags, tiers, densities, kept, words, clusters, depth, regions: regionsOf(clusters, finest) };
}

// The coarsest cluster of each word.
function regionsOf(clusters, finest) {
  const top = clusters.map(({ number, parent }) => {
    for (let above = parent; above >= 0; above = clusters[number].parent) number = above;
    return number;
  });
  return Uint8Array.from(finest, (cluster) => top[cluster]);
}

// Red, green and blue of a colour as style sheets write it.
function rgb(colour) {
  if (!colour.startsWith("#")) return colour.match(/\d+/g).slice(0, 3).map(Number);
  const digits = colour.length === 4 ? [...colour.slice(1)].map((sign) => sign + sign) : colour.slice(1).match(/../g);
  return digits.slice(0, 3).map((pair) => parseInt(pair, 16));
}

const mixed = (colour, paper, share) => rgb(colour).map((part, at) => Math.round(part * share + rgb(paper)[at] * (1 - share)));

const luminance = (colour) => rgb(colour).reduce((sum, part, at) => sum + part * [0.3, 0.59, 0.11][at], 0) / 255;

const VERTEX = `
attribute vec2 place; attribute float group; attribute float tier;
uniform vec2 centre; uniform vec2 span; uniform float size; uniform vec3 palette[16];
varying vec3 colour;
void main() {
  gl_Position = vec4((place - centre) * span, 0.0, 1.0);
  gl_PointSize = size * (tier < 0.5 ? 1.6 : 1.0);
  colour = palette[int(group + 0.5)];
}`;
const FRAGMENT = `
precision mediump float;
uniform float round;
varying vec3 colour;
void main() {
  if (round > 0.5 && distance(gl_PointCoord, vec2(0.5)) > 0.5) discard;
  gl_FragColor = vec4(colour, 1.0);
}`;

function rendererOf(gl) {
  const details = gl.getExtension("WEBGL_debug_renderer_info");
  return details ? gl.getParameter(details.UNMASKED_RENDERER_WEBGL) : "";
}

// Null where the browser has no WebGL, or no graphics card for it.
function webglPainter(canvas, atlas) {
  const gl = canvas.getContext("webgl", { antialias: false, depth: false });
  if (!gl || /swiftshader|llvmpipe|software|basic render/i.test(rendererOf(gl))) return null;
  const program = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) return null;
  gl.useProgram(program);
  const attribute = (name, values, size, type, normalised) => {
    const buffer = gl.createBuffer();
    const at = gl.getAttribLocation(program, name);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, size, type, normalised, 0, 0);
    return buffer;
  };
  const places = attribute("place", atlas.places, 2, gl.SHORT, true);
  attribute("tier", atlas.tiers, 1, gl.UNSIGNED_BYTE, false);
  const groups = attribute("group", new Uint8Array(atlas.count), 1, gl.UNSIGNED_BYTE, false);
  const uniform = (name) => gl.getUniformLocation(program, name);
  const at = Object.fromEntries(["centre", "span", "size", "round", "palette"].map((name) => [name, uniform(name)]));
  return {
    name: "webgl",
    place(values) {
      gl.bindBuffer(gl.ARRAY_BUFFER, places);
      gl.bufferData(gl.ARRAY_BUFFER, values, gl.DYNAMIC_DRAW);
    },
    group(values) {
      gl.bindBuffer(gl.ARRAY_BUFFER, groups);
      gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    },
    colour(palette) {
      const all = new Float32Array(48);
      palette.forEach((colour, number) => all.set(colour.map((part) => part / 255), 3 * number));
      gl.uniform3fv(at.palette, all);
    },
    paint({ x, y, scale, width, height, ratio, size }) {
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.uniform2f(at.centre, x, y);
      gl.uniform2f(at.span, (2 * scale) / width, (2 * scale) / height);
      gl.uniform1f(at.size, size * ratio);
      gl.uniform1f(at.round, size * ratio > 3 ? 1 : 0);
      gl.drawArrays(gl.POINTS, 0, atlas.count);
    },
  };
}

// The steps of a disc of this many pixels across, from its upper left corner.
function disc(side, width) {
  const steps = [];
  const middle = (side - 1) / 2;
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      if (side < 4 || Math.hypot(row - middle, column - middle) <= side / 2) steps.push(row * width + column);
    }
  }
  return steps;
}

function canvasPainter(canvas, atlas) {
  const context = canvas.getContext("2d");
  let groups = new Uint8Array(atlas.count);
  let palette = [];
  let { places } = atlas;
  return {
    name: "canvas",
    place(values) {
      places = values;
    },
    group(values) {
      groups = values;
    },
    colour(colours) {
      palette = colours;
    },
    paint({ x, y, scale, ratio, size }) {
      const { width, height } = canvas;
      const image = context.createImageData(width, height);
      const pixels = new Uint32Array(image.data.buffer);
      const full = palette.map(([red, green, blue]) => (0xff << 24) | (blue << 16) | (green << 8) | red);
      const sides = [1.6, 1].map((factor) => Math.max(1, Math.round(size * ratio * factor)));
      const discs = sides.map((side) => disc(side, width));
      const step = (scale * ratio) / REACH;
      const [left, top] = [width / 2 - x * scale * ratio, height / 2 + y * scale * ratio];
      for (let point = 0; point < atlas.count; point++) {
        const kind = atlas.tiers[point] === 0 ? 0 : 1;
        const across = Math.round(left + places[2 * point] * step - sides[kind] / 2);
        const down = Math.round(top - places[2 * point + 1] * step - sides[kind] / 2);
        if (across < 0 || down < 0 || across + sides[kind] > width || down + sides[kind] > height) continue;
        const first = down * width + across;
        const colour = full[groups[point]];
        for (const pixel of discs[kind]) pixels[first + pixel] = colour;
      }
      context.putImageData(image, 0, 0);
    },
  };
}
