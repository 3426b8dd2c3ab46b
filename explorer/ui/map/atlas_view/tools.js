// The buttons on the map, and the legend of its colours.

function plainButton(text, help, act, className = "") {
  const made = element("button", className, text);
  made.type = "button";
  made.title = help;
  made.setAttribute("aria-label", help);
  made.onclick = act;
  return made;
}

function toolsOn(tools, legend, stage, map, { zoomAt, whole }) {
  function drawTools() {
    if (tools.childElementCount) return;
    const around = plainButton("⬚", map.texts.select, () => {
      map.selecting = !map.selecting;
      around.setAttribute("aria-pressed", String(map.selecting));
      stage.classList.toggle("selecting", map.selecting);
    });
    around.setAttribute("aria-pressed", "false");
    const all = plainButton("⤢", map.texts.whole, whole);
    tools.append(plainButton("+", map.texts.closer, () => zoomAt(1.6)), plainButton("−", map.texts.further, () => zoomAt(1 / 1.6)), all, ...(map.data.small ? [] : [around]));
  }

  function drawLegend() {
    const groupNames = map.atlas.groups[map.data.colour];
    const dark = Number(map.isDark());
    const entries = (groupNames ?? []).map((name, number) => {
      const mark = element("i");
      mark.style.background = map.colours[number][dark];
      return map.data.colour === "density" ? mark : element("span", "", mark, name || map.texts.unknown);
    });
    if (map.data.colour === "density") legend.replaceChildren(element("span", "", map.texts.sparse), element("span", "scale", ...entries), element("span", "", map.texts.dense));
    else legend.replaceChildren(...entries);
    legend.hidden = !entries.length;
  }

  return { drawTools, drawLegend };
}
