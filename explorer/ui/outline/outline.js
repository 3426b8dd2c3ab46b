// Entries with buttons; an entry is dragged to its new place, or moved by its arrows.
export default function ({ data, parentElement, setTriggerValue }) {
  const before = parentElement.querySelector(".outline");
  const focused = before?.contains(parentElement.activeElement ?? document.activeElement) ? document.activeElement : null;
  const list = element("ol", "outline");
  let from = null;
  data.titles.forEach((title, place) => {
    const entry = element("li");
    entry.draggable = true;
    if (place === data.current) entry.setAttribute("aria-current", "true");
    const button = (text, name, act, disabled = false) => {
      const made = element("button", "", text);
      Object.assign(made, { type: "button", disabled, onclick: act });
      if (name) made.setAttribute("aria-label", data.texts[name].replace("{title}", title));
      return made;
    };
    const open = button(`${place + 1}. ${title}`, "", () => setTriggerValue("open", place));
    open.className = "title";
    entry.append(
      open,
      button("↑", "up", () => setTriggerValue("move", [place, place - 1]), place === 0),
      button("↓", "down", () => setTriggerValue("move", [place, place + 1]), place === data.titles.length - 1),
      button("×", "remove", () => setTriggerValue("remove", place)),
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
      if (from !== null && from !== place) setTriggerValue("move", [from, place]);
      from = null;
    };
    list.append(entry);
  });
  if (before) before.replaceWith(list);
  else parentElement.append(list);
  if (focused) list.querySelector("[aria-current] .title")?.focus();
}
