// A combobox as WAI-ARIA describes it: the focus stays in the input, the arrow keys walk through the list below it.
// Leaving it asks what stands in it, as in every other box of the app, so that the box and the answer are of one word.
// Words come from outside: they enter the page as text, never as HTML.

const PAUSE = 60; // milliseconds without a key press before suggestions are asked for

export default function ({ data, parentElement, setStateValue }) {
  const box = parentElement.querySelector(".box") ?? build(parentElement);
  box.show(data, setStateValue);
}

function build(parentElement) {
  const box = element("div", "box");
  const label = element("label");
  const input = element("input");
  const list = element("ul");
  Object.assign(input, { id: "word", type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: false });
  label.htmlFor = input.id;
  list.id = "suggestions";
  list.setAttribute("role", "listbox");
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id]])
    input.setAttribute(name, value);
  box.append(label, input, list);
  parentElement.append(box);

  let data = {};
  let ask = () => {};
  let timer;
  let open = false; // whether the reader is typing, and so wants suggestions
  let active = -1; // the suggestion that Enter takes
  const path = location.pathname; // of the page whose question this is

  box.show = (newData, setStateValue) => {
    if (newData.value !== data.value) input.value = newData.value; // the question changed, as by Back
    if (newData.typed !== data.typed) active = -1;
    if (!data.page) remember(newData.value);
    if (data.page && !box.isShown && document.activeElement === document.body) {
      input.focus();
      input.select();
      open = false;
    }
    box.isShown = true;
    data = newData;
    ask = () => setStateValue("typed", input.value);
    label.textContent = data.label;
    label.title = input.title = data.help;
    list.setAttribute("aria-label", data.texts.suggestions);
    draw();
  };

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
    timer = setTimeout(ask, PAUSE);
    draw();
  };
  input.onblur = () => {
    if (data.page) open = false; // only Enter and a suggestion lead to another page
    else if (input.isConnected && location.pathname === path) enter(input.value);
  };
  input.onkeydown = (event) => {
    const shown = list.childElementCount;
    if (event.key === "Enter" && !event.isComposing) enter(list.children[active]?.textContent ?? input.value);
    else if (event.key === "Escape") open = false;
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
    const words = open && input.value ? (isAsked ? recent() : data.suggestions).filter((word) => word !== input.value) : [];
    list.classList.toggle("recent", isAsked);
    list.hidden = !words.length;
    list.replaceChildren(...words.map(option));
    input.setAttribute("aria-expanded", String(words.length > 0));
    if (active >= 0) input.setAttribute("aria-activedescendant", `suggestion-${active}`);
    else input.removeAttribute("aria-activedescendant");
  }

  function option(word, place) {
    const item = element("li");
    item.id = `suggestion-${place}`;
    item.textContent = word;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", String(place === active));
    item.onmousedown = (event) => event.preventDefault(); // the focus stays where it is
    item.onclick = () => enter(word);
    return item;
  }

  function enter(word) {
    clearTimeout(timer);
    open = false;
    input.value = word;
    draw();
    const url = new URL(data.page || location.href, location.href);
    if (!data.page && (url.searchParams.get(data.name) ?? data.default) === word) return;
    url.searchParams.set(data.name, word);
    history.pushState({}, "", url);
    window.dispatchEvent(new PopStateEvent("popstate"));
  }

  return box;
}
