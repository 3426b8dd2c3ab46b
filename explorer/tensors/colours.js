// The colours that the stylesheet gives now, for what is painted.
function colouring(page) {
  if (page.palette) return page.palette;
  const probe = node("i", "probe");
  page.root.append(probe);
  const style = getComputedStyle(probe);
  const [fill, text, packed] = [{}, {}, {}];
  const context = sheet(1, 1).getContext("2d", { willReadFrequently: true });
  const names = ["masked"];
  for (const scale of "nps") for (let level = 0; level <= page.levels; level++) names.push(scale + level);
  for (const name of names) {
    probe.className = `probe ${name}`;
    [fill[name], text[name]] = [style.backgroundColor, style.color];
    context.fillStyle = fill[name];
    context.clearRect(0, 0, 1, 1);
    context.fillRect(0, 0, 1, 1);
    packed[name] = new Uint32Array(context.getImageData(0, 0, 1, 1).data.buffer)[0];
  }
  const colour = (value) => {
    probe.className = "probe";
    probe.style.color = value;
    return style.color;
  };
  const tables = Object.fromEntries([..."nps"].map((scale) => [scale, Uint32Array.from({ length: page.levels + 1 }, (_, i) => packed[scale + i])]));
  const { n, p, s } = tables;
  page.palette = {
    levels: page.levels, fill, text,
    font: style.fontFamily,
    ink: colour("var(--ink)"),
    quiet: colour("var(--quiet)"),
    line: colour("var(--line)"),
    paper: colour("var(--paper)"),
    primary: colour("var(--primary)"),
    roles: new Map(),
    heads: range(0, 7).map((head) => colour(`var(--head-${head})`)),
    head: (head) => page.palette.heads[head % 7],
    pixel(value, part) {
      if (!Number.isFinite(value)) return packed.masked;
      const level = part.limit ? Math.round(Math.min(1, Math.abs(value) / part.limit) * page.levels) : 0;
      return (part.probabilities ? s : value < 0 ? n : p)[level];
    },
    role(name) {
      if (!page.palette.roles.has(name)) {
        page.root.append(probe);
        page.palette.roles.set(name, colour(`var(--role-${name})`));
        probe.remove();
      }
      return page.palette.roles.get(name);
    },
  };
  probe.remove();
  return page.palette;
}
