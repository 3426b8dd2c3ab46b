// What every component builds its elements with. Words enter a page as text, never as HTML.

// A plain click stays in the app, which follows the browser's history; with a key held, the link is a link.
function visit(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  history.pushState({}, "", event.currentTarget.href);
  window.dispatchEvent(new PopStateEvent("popstate"));
}

// An address says a parameter by the first of its names alone; the others are earlier spellings of it.
function setParameter(url, [name, ...aliases], text) {
  for (const alias of aliases) url.searchParams.delete(alias);
  url.searchParams.set(name, text);
}

// What a component drew before goes. Where the reader's focus was in it, as after Enter on a link, it moves to the
// `heading` of what stands there now, from which Tab goes on; otherwise it would fall to the top of the page.
function supersede(before, heading) {
  if (!before) return;
  if (before.contains(before.getRootNode().activeElement)) {
    heading.tabIndex = -1;
    heading.focus();
  }
  before.remove();
}

function element(tag, className = "", ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

// A text with a node in the place of its {word}.
function around(text, node) {
  const [before, ...after] = text.split("{word}");
  return [before, node, after.join("{word}")];
}

// Single-letter keys can be switched off, for those who speak to their browser (WCAG 2.1.4); it remembers.
const letterKeys = {
  get areOn() {
    return localStorage.getItem("explorer-letter-keys") !== "off";
  },
  turn(on) {
    if (on) localStorage.removeItem("explorer-letter-keys");
    else localStorage.setItem("explorer-letter-keys", "off");
  },
};

// A text goes to the clipboard; where the page is not secure, which the clipboard asks for, by a selection.
async function copied(text) {
  if (navigator.clipboard && isSecureContext) return navigator.clipboard.writeText(text);
  const area = element("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
