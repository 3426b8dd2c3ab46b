// Entries with buttons; an entry is dragged to its new place, or moved by its arrows. Until the list comes anew nothing in
// it can be pressed: a second press would mean the places of before.
const PATIENCE = 5_000; // milliseconds, after which the page has refused the change

export default function ({ data, parentElement, setTriggerValue }) {
  const before = parentElement.querySelector(".outline");
  const act = before?.dataset.act;
  const list = element("ol", "outline");
  let from = null;
  const change = (name, what, value) => {
    list.dataset.act = name;
    list.inert = true;
    setTimeout(() => { list.inert = false; }, PATIENCE);
    setTriggerValue(what, value);
  };
  data.titles.forEach((title, place) => {
    const entry = element("li");
    entry.draggable = true;
    if (place === data.current) entry.setAttribute("aria-current", "true");
    const button = (text, name, act, disabled = false) => {
      const made = element("button", name, text);
      Object.assign(made, { type: "button", disabled, onclick: act });
      if (name) made.setAttribute("aria-label", data.texts[name].replace("{title}", title));
      return made;
    };
    const open = button(`${place + 1}. ${title}`, "");
    open.className = "title";
    open.onclick = () => change("title", "open", place);
    entry.append(
      open,
      button("↑", "up", () => change("up", "move", [place, place - 1]), place === 0),
      button("↓", "down", () => change("down", "move", [place, place + 1]), place === data.titles.length - 1),
      button("×", "remove", () => change("title", "remove", place)),
    );
    entry.ondragstart = ({ dataTransfer }) => {
      from = place;
      dataTransfer.effectAllowed = "move";
    };
    entry.ondragover = (event) => {
      event.preventDefault();
      entry.classList.add("target");
    };
    entry.ondragleave = () => entry.classList.remove("target");
    entry.ondrop = (event) => {
      event.preventDefault();
      if (from !== null && from !== place) change("title", "move", [from, place]);
      from = null;
    };
    list.append(entry);
  });
  if (before) before.replaceWith(list);
  else parentElement.append(list);
  if (act) (list.querySelector(`[aria-current] .${act}:not(:disabled)`) ?? list.querySelector("[aria-current] .title"))?.focus();
}
