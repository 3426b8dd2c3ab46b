// A combobox as WAI-ARIA describes it: the focus stays in the input, the arrow keys walk through the list below it.
// In a box of several words, suggestions are for the word at the caret, and the one that is taken stands in its place.
// Leaving it asks what stands in it, as in every other box of the app, so that the box and the answer are of one word.
// Words come from outside: they enter the page as text, never as HTML.

const PAUSE = 60; // milliseconds at least from one request for suggestions to the next: the first key press waits for none
const TRAIL = 4; // words that were asked before, as links below the box

export default function ({ data, parentElement }) {
  const box = parentElement.querySelector(".box") ?? build(parentElement);
  box.show(data);
}

function build(parentElement) {
  const box = element("div", "box");
  const label = element("label");
  const input = element("input");
  const list = element("ul");
  const trail = element("nav", "trail");
  Object.assign(input, { id: "word", type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: false });
  label.htmlFor = input.id;
  list.id = "suggestions";
  list.setAttribute("role", "listbox");
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id]])
    input.setAttribute(name, value);
  box.append(label, input, list, trail);
  parentElement.append(box);

  let data = {};
  let suggestions = []; // for what stood here when they were asked for
  let timer;
  let last = -PAUSE; // when suggestions were asked for
  let asking = new AbortController();
  let open = false; // whether the reader is typing, and so wants suggestions
  let active = -1; // the suggestion that Enter takes
  const begun = () => (data.words === "one" ? input.value : input.value.slice(0, input.selectionStart).match(/[^\s,"]*$/)[0]);
  const path = location.pathname; // of the page whose question this is

  box.show = (newData) => {
    if (newData.value !== data.value) input.value = newData.value; // the question changed, as by Back
    if (!newData.page && newData.words === "one") remember(newData.value);
    data = newData;
    if (data.page && !box.isShown && document.activeElement === document.body) {
      input.focus();
      input.select();
      open = false;
    }
    box.isShown = true;
    label.textContent = data.label;
    label.title = input.title = data.help;
    list.setAttribute("aria-label", data.texts.suggestions);
    draw();
    drawTrail();
  };

  async function ask() {
    asking.abort();
    if (!begun()) return;
    last = performance.now();
    asking = new AbortController();
    const address = new URL(data.suggestions, location.href);
    address.searchParams.set("prefix", begun());
    try {
      const answer = await fetch(address, { signal: asking.signal });
      suggestions = answer.ok ? (await answer.json()).words : []; // the page says what is wrong with the model
    } catch {
      return; // a later key press has asked, or the server is away, which the page says
    }
    active = -1;
    draw();
  }

  // What was asked before in this tab, the latest first.
  const RECENT = "explorer recent words";
  const recent = () => JSON.parse(sessionStorage.getItem(RECENT) ?? "[]");
  const remember = (word) => {
    if (!word || recent()[0] === word) return;
    sessionStorage.setItem(RECENT, JSON.stringify([word, ...recent().filter((other) => other !== word)].slice(0, 8)));
  };

  input.onfocus = () => {
    open = true;
    draw();
  };
  input.oninput = () => {
    open = true;
    active = -1;
    clearTimeout(timer);
    timer = setTimeout(ask, last + PAUSE - performance.now());
    draw();
  };
  input.onblur = () => {
    if (data.page) open = false; // only Enter and a suggestion lead to another page
    else if (input.isConnected && location.pathname === path) enter(input.value);
  };
  input.onkeydown = (event) => {
    const shown = list.childElementCount;
    if (event.key === "Enter" && !event.isComposing) take(list.children[active]?.textContent);
    else if (event.key === "Escape") {
      if (!open) input.value = data.value; // twice: back to what was asked, as the answer says
      open = false;
    }
    else if (event.key === "ArrowDown" && !shown) {
      open = true;
      ask();
    } else if (event.key === "ArrowDown") active = (active + 2) % (shown + 1) - 1;
    else if (event.key === "ArrowUp" && shown) active = (active + 1 + shown) % (shown + 1) - 1;
    else return;
    if (event.key !== "Enter") event.preventDefault();
    draw();
  };

  function draw() {
    // Suggestions for what stood here before the last key press stay until there are newer ones.
    // Before the first key press those words stand here that were asked before.
    const isAsked = input.value === data.value;
    const suggested = isAsked ? (data.words === "one" ? recent() : []).map((word) => ({ word })) : suggestions;
    const words = open && begun() ? suggested.filter(({ word }) => !isAsked || word !== begun()) : [];
    list.classList.toggle("recent", isAsked);
    list.hidden = !words.length;
    list.replaceChildren(...words.map(option));
    input.setAttribute("aria-expanded", String(words.length > 0));
    if (active >= 0) input.setAttribute("aria-activedescendant", `suggestion-${active}`);
    else input.removeAttribute("aria-activedescendant");
  }

  function drawTrail() {
    const words = data.trail ? recent().filter((word) => word !== data.value).slice(0, TRAIL) : [];
    trail.hidden = !words.length;
    trail.setAttribute("aria-label", data.texts.trail);
    trail.title = data.texts.trail;
    trail.replaceChildren(...words.map((word) => {
      const link = element("a", "", word);
      link.href = addressOf(word);
      link.onclick = visit;
      return link;
    }));
  }

  function option({ word, pos, count }, place) {
    const item = element("li");
    const note = [pos, count?.toLocaleString("en")].filter(Boolean).join(" · ");
    item.id = `suggestion-${place}`;
    item.textContent = word;
    item.dataset.note = note; // its style shows it
    item.setAttribute("aria-label", word);
    if (note) item.setAttribute("aria-description", note);
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", String(place === active));
    item.onmousedown = (event) => event.preventDefault(); // the focus stays where it is
    item.onclick = () => take(word);
    return item;
  }

  // A suggestion is the question where the box has one word, and a part of it where it has several.
  function take(word) {
    if (word === undefined) return enter(input.value);
    if (data.words === "one") return enter(word);
    const end = input.selectionStart;
    input.setRangeText(word, end - begun().length, end, "end");
    open = false;
    active = -1;
    draw();
  }

  function enter(word) {
    clearTimeout(timer);
    open = false;
    active = -1;
    input.value = word;
    draw();
    const asked = new URL(location.href).searchParams.get(data.names[0]) ?? data.value;
    const same = word === asked || (data.words === "list" && word === data.value); // the address may write a list otherwise
    if (same && !data.page) return;
    history.pushState({}, "", addressOf(word));
    window.dispatchEvent(new PopStateEvent("popstate"));
  }

  function addressOf(text) {
    const url = new URL(data.page || location.href, location.href);
    url.search = location.search; // with the model
    setParameter(url, data.names, text);
    return url.href;
  }

  return box;
}
