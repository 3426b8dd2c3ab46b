// What stands beside the map: what a screen reader reads, and a help for everybody; the words that were selected.

const LISTED = { clusters: 8, words: 24, selected: 60 };

function listsBeside(beside, status, map, { screen, isIn, fly }, { levelNow, named, inView }, clear) {
  function list() {
    if (!map.atlas) return;
    const words = inView();
    const level = levelNow();
    const clusters = named(level).filter((each) => isIn(screen(each.x, each.y)));
    const places = map.atlas === map.away ? `${map.texts.away} ` : "";
    const sentence = places + filled(map.texts.view, { words: words.length.toLocaleString("en"), clusters: clusters.length.toLocaleString("en") });
    if (status.textContent !== sentence) status.textContent = sentence;
    const parts = [];
    if (map.selected.length) parts.push(selection());
    const { centre } = map.data.lit;
    if (centre && map.lit.length) parts.push(part(filled(map.texts.near, { word: centre.word }), map.lit.filter((word) => map.atlas.words[word] !== centre.word).map(link)));
    parts.push(part(map.texts.clusters, clusters.slice(0, LISTED.clusters).map((cluster) => {
      const go = element("button", "link", cluster.name);
      go.type = "button";
      go.onclick = () => {
        fly({ x: cluster.x, y: cluster.y, zoom: Math.min(FURTHEST, LEVEL ** level * 1.1) });
      };
      return element("li", "", go, element("span", "count", cluster.size.toLocaleString("en")));
    }), "rows"));
    parts.push(part(map.texts.words, words.slice(0, LISTED.words).map(link)));
    const active = map.root.getRootNode().activeElement;
    if (!beside.contains(active)) beside.replaceChildren(...parts); // the focus of who reads the list stays in it
  }

  function part(title, items, className = "") {
    const entries = element("ul", className, ...items);
    return element("section", "", element("h2", "", title), entries);
  }

  function link(word) {
    const anchor = element("a", "", map.atlas.words[word]);
    anchor.href = map.hrefOf(map.atlas.words[word]);
    anchor.onclick = visit;
    return element("li", "", anchor);
  }

  function selection() {
    const title = filled(map.selected.length === 1 ? map.texts.selected_one : map.texts.selected, { count: map.selected.length.toLocaleString("en") });
    const actions = element("div", "actions");
    if (map.selected.length <= map.data.most) actions.append(plainButton(map.texts.csv, map.texts.csv, download, "plain"));
    else actions.append(element("span", "", map.texts.too_many));
    if (navigator.clipboard) {
      actions.append(plainButton(map.texts.copy, map.texts.copy, () => navigator.clipboard.writeText(map.selected.map((word) => map.atlas.words[word]).join("\n")), "plain"));
    }
    actions.append(plainButton(map.texts.clear, map.texts.clear, clear, "plain"));
    const section = part(title, map.selected.slice(0, LISTED.selected).map(link));
    section.classList.add("selection");
    section.insertBefore(actions, section.lastChild);
    return section;
  }

  // The CSV is the answer to the question about these words, as every door gives it.
  async function download() {
    const words = map.selected.map((word) => map.atlas.words[word]);
    const response = await fetch(new URL("api/v1/atlas?format=csv", location.href), { method: "POST", body: JSON.stringify({ model: map.atlas.model, words }) });
    if (!response.ok) {
      status.textContent = (await response.json()).error;
      return;
    }
    const link = element("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = "words.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href));
  }

  beside.addEventListener("focusout", () => setTimeout(list)); // what changed while the focus was in it
  return list;
}
