// One row of what can be done with the answer above it: take its link or its numbers along, go on with it, or ask the
// same elsewhere. Texts enter the page as text, never as HTML.

const SHOWN = "python"; // the parameter of the address that has the forms of the question open, from when there was one

export default function ({ data, parentElement }) {
  const before = parentElement.querySelector(".actions");
  const hadFocus = before?.contains(before.getRootNode().activeElement) ? before.getRootNode().activeElement.dataset.name : null;
  const { texts } = data;
  const names = Object.keys(data.forms);
  let chosen = names.includes(before?.dataset.form) ? before.dataset.form : names[0];
  let open = data.open;

  const root = element("div", "actions");
  const panel = element("div", "panel");
  panel.id = "forms";
  const toggle = button("forms", texts.copy_as, () => show(!open));
  toggle.setAttribute("aria-controls", panel.id);
  const row = element(
    "div", "row",
    copying("link", texts.link, () => data.link),
    ...data.downloads.map(({ label, href, name }) => {
      const link = element("a", "button", label);
      Object.assign(link, { href, download: name });
      return link;
    }),
    toggle,
    ...data.links.map(({ label, href }) => {
      const link = element("a", "button", label);
      link.href = href;
      link.onclick = visit;
      return link;
    }),
  );
  root.append(row, panel);
  parentElement.append(root);
  before?.remove();
  show(open, false);
  if (hadFocus) root.querySelector(`[data-name="${hadFocus}"]`)?.focus();

  function show(wanted, inAddress = true) {
    open = wanted;
    toggle.setAttribute("aria-expanded", String(open));
    panel.hidden = !open;
    panel.replaceChildren(...(open ? forms() : []));
    if (!inAddress) return;
    const url = new URL(location.href);
    if (open) url.searchParams.set(SHOWN, "true");
    else url.searchParams.delete(SHOWN);
    history.replaceState(history.state, "", url); // what is open is no step of the history
  }

  function forms() {
    root.dataset.form = chosen;
    const list = element("div", "tabs");
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", texts.copy_as);
    const tabs = names.map((name) => {
      const tab = button(`form ${name}`, name, () => choose(name));
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-selected", String(name === chosen));
      tab.tabIndex = name === chosen ? 0 : -1;
      return tab;
    });
    list.append(...tabs);
    list.onkeydown = ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (step) choose(names[(names.indexOf(chosen) + step + names.length) % names.length]);
    };
    const code = element("pre", "", data.forms[chosen]);
    code.tabIndex = 0;
    code.setAttribute("role", "tabpanel");
    code.setAttribute("aria-label", chosen);
    return [list, copying("copy", texts.copy, () => data.forms[chosen]), code];
  }

  function choose(name) {
    chosen = name;
    panel.replaceChildren(...forms());
    root.querySelector(`[data-name="form ${name}"]`).focus();
  }

  function copying(name, label, text) {
    const copy = button(name, label, async () => {
      await copied(text());
      copy.textContent = texts.copied;
      setTimeout(() => { copy.textContent = label; }, 1500);
    });
    copy.setAttribute("aria-live", "polite");
    return copy;
  }
}

function button(name, label, act) {
  const made = element("button", "button", label);
  made.type = "button";
  made.dataset.name = name;
  made.onclick = act;
  return made;
}
