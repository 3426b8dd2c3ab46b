"""The pages of the app and how to get from one to another."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from copy import copy
from functools import cache
from urllib.parse import urlencode

import streamlit as st

from explorer import serving
from explorer.places import PAGES
from explorer.service.first_page import THEME
from explorer.texts import _

HOME = str(PAGES / "home.py")
NEIGHBOURS = str(PAGES / "neighbours.py")
SIDE_BY_SIDE = str(PAGES / "side_by_side.py")
MAP = str(PAGES / "map.py")
CALCULATOR = str(PAGES / "calculator.py")
HEALTH = str(PAGES / "health.py")
MODELS = str(PAGES / "models.py")
INITIALISATION = str(PAGES / "initialisation.py")
LEARNING = str(PAGES / "learning.py")
LESSON = str(PAGES / "lesson.py")
TALKS = str(PAGES / "talks.py")

PATHS = (
    "",
    "neighbours",
    "side-by-side",
    "map",
    "calculator",
    "health",
    "lesson",
    "learning",
    "initialisation",
    "pass",
    "talks",
    "models",
)
"""The addresses of the pages; Home has the empty one."""

WITH_LOGIN = ("account",)
"""And of those that are there where people log in."""

TRAVELLING = {
    "": {"word": ["word"], "model": ["model"]},
    "neighbours": {"word": ["word"], "model": ["model"]},
    "side-by-side": {"word": ["word"]},
    "map": {"word": ["word", "around"], "model": ["model"]},
    "calculator": {"model": ["model"]},
    "health": {"word": ["first"], "model": ["model"]},
    "models": {"model": ["model"]},
}
"""The pages that ask about a word or a model, each with the names that its address has for them, the usual first."""

_VISIT = """
export default ({ data }) => {
  history.pushState({}, "", data);
  window.dispatchEvent(new PopStateEvent("popstate"));
};
"""
_visit = st.components.v2.component("explorer_visit", js=_VISIT)
_instead = st.components.v2.component("explorer_instead", js=_VISIT.replace("pushState", "replaceState"))

# Streamlit pushes the address of a page as soon as its run begins, even when the reader has gone on to another page
# through the history by then: that cuts off all that lies ahead. After a step through the history the address is right
# already, so until the reader does something on the page there is nothing to push.
_KEEP_HISTORY = """
let travelling = false;
window.addEventListener("popstate", () => { travelling = true; });
for (const act of ["keydown", "pointerdown", "click"]) {
  window.addEventListener(act, () => { travelling = false; }, true);
}

// A link that is followed by keyboard often goes with the page that it stood on. The focus would fall to the top of the
// document: it moves to the title of what stands there now instead, and Tab goes on from it.
let followed = null;
window.addEventListener("keydown", (event) => {
  const [target] = event.composedPath();
  followed = event.key === "Enter" && target.tagName === "A" ? target : null;
}, true);
new MutationObserver(() => {
  const title = document.querySelector("[data-testid=stMain] h1");
  if (!followed || followed.isConnected || !title) return;
  followed = null;
  if (document.activeElement !== document.body) return;
  title.tabIndex = -1;
  title.focus();
}).observe(document.body, { childList: true, subtree: true });

// On a phone Streamlit draws the groups of the menu as boxes inside of its list, which is no list then: a screen reader
// reads links without it.
new MutationObserver(() => {
  const menu = "[data-testid=stSidebarNavItems]";
  for (const each of document.querySelectorAll(`${menu}:not([role]), ${menu} li:not([role])`)) each.role = "none";
}).observe(document.body, { childList: true, subtree: true });

const push = history.pushState.bind(history);
history.pushState = (...entry) => { if (!travelling) push(...entry); };

// Streamlit follows a link to another question of the same page, but leaves the address as it was.
window.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-testid=stPageLink-NavLink]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (new URL(link.href).pathname !== location.pathname) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  push({}, "", link.href);
  window.dispatchEvent(new PopStateEvent("popstate"));
}, true);

// One question travels: from page to page the menu takes along the word and the model that were asked last, and each
// page has the filters with which it was left. The tab remembers them, as long as it is open.
const TRAVELLING = TRAVELLING_NAMES, PAGES = PAGES_HERE;
const pageOf = (url) => new URL(url).pathname.split("/").pop();
const kept = (name) => JSON.parse(sessionStorage.getItem(`explorer ${name}`) ?? "{}");
const nameIn = (asked, names) => names.find((name) => asked.has(name)) ?? names[0];
const keep = (name, value) => sessionStorage.setItem(`explorer ${name}`, JSON.stringify(value));

function leave() {
  const page = pageOf(location.href);
  const asked = new URL(location.href).searchParams;
  if (!TRAVELLING[page]) return;
  keep(page, { search: location.search });
  const question = kept("question");
  for (const [name, names] of Object.entries(TRAVELLING[page])) {
    const own = nameIn(asked, names);
    if (asked.has(own)) question[name] = asked.get(own);
    else if (!asked.has("show")) delete question[name]; // the page shows its default; one that draws a list has no word
  }
  keep("question", question);
}

function destination(link) {
  const url = new URL(link.href);
  const names = TRAVELLING[pageOf(link.href)];
  if (!names) return null;
  leave();
  url.search = kept(pageOf(link.href)).search ?? "";
  for (const [name, its] of Object.entries(names)) {
    const own = nameIn(url.searchParams, its);
    const value = kept("question")[name];
    if (url.searchParams.get(own) !== (value ?? null)) url.searchParams.delete("at"); // where another lay
    for (const each of its) if (each !== own || value === undefined) url.searchParams.delete(each);
    if (value !== undefined) url.searchParams.set(own, value);
  }
  return url.href;
}

// Who logs in comes back to the first page: they go on to what they had asked for, a page or another path of this
// server.
const asked = sessionStorage.getItem("explorer asked");
if (asked) {
  sessionStorage.removeItem("explorer asked");
  const url = URL.canParse(asked, location.origin) ? new URL(asked, location.origin) : location;
  if (location.pathname === "/" && asked !== "/" && url.origin === location.origin) {
    if (PAGES.includes(url.pathname.slice(1))) {
      history.replaceState({}, "", url.href);
      window.dispatchEvent(new PopStateEvent("popstate"));
    } else location.replace(url.href);
  }
}

window.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-testid^=stTopNav], a[data-testid=stSidebarNavLink]");
  if (!link) return;
  const href = destination(link);
  if (!href || href === new URL(link.href).href) return leave();
  event.preventDefault();
  event.stopImmediatePropagation();
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return window.open(href);
  link.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true })); // its menu closes
  push({}, "", href);
  window.dispatchEvent(new PopStateEvent("popstate"));
}, true);

export default () => {};
""".replace("TRAVELLING_NAMES", json.dumps(TRAVELLING)).replace("PAGES_HERE", json.dumps(PATHS + WITH_LOGIN))
_keep_history = st.components.v2.component(
    "explorer_keep_history", css=".st-key-keep_history { display: none; }", js=_KEEP_HISTORY, isolate_styles=False
)


# A button in the corner changes between the light and the dark theme. It keeps the choice for all pages; the app takes
# it up when it is loaded, see explorer/service/first_page.py. What was typed and asked stands in the address.
_THEME_SWITCH = """
export default function ({ data, parentElement }) {
  const root = document.querySelector(".stApp");
  const dark = getComputedStyle(root).colorScheme.includes("dark");
  const button = parentElement.querySelector("button") ?? parentElement.appendChild(document.createElement("button"));
  const label = dark ? data.light : data.dark;
  button.textContent = `${dark ? "\u2600" : "\u263e"} ${label}`;
  button.title = dark ? data.to_light : data.to_dark;
  button.setAttribute("aria-label", button.title);
  button.onclick = () => {
    localStorage.setItem(data.name, dark ? "Light" : "Dark");
    location.reload();
  };
}
"""
_THEME_STYLE = """
.st-key-theme { position: fixed; top: 0.7rem; right: 1rem; z-index: 999999; width: auto !important; }
.st-key-theme button {
  all: unset; cursor: pointer; padding: 0.15rem 0.6rem; font: 0.875rem/1.6 var(--st-font); color: var(--st-text-color);
  border: 1px solid var(--st-border-color); border-radius: 1rem; background: var(--st-background-color);
  white-space: nowrap;
}
.st-key-theme button:hover { border-color: var(--st-primary-color); color: var(--st-primary-color); }
@media print { .st-key-theme { display: none; } }
"""
_theme_switch = st.components.v2.component(
    "explorer_theme_switch", css=_THEME_STYLE, js=_THEME_SWITCH, isolate_styles=False
)


_THIS, _BEFORE = "page of this run", "page of the run before"


def this_page() -> st.Page:
    """The page that runs."""
    page: st.Page = st.session_state[_THIS]
    return page


def is_arrival() -> bool:
    """Whether the visitor has just come to the page from another."""
    before: st.Page | None = st.session_state.get(_BEFORE)
    return before is None or before.url_path != this_page().url_path


def current_page() -> st.Page:
    """The page the URL asks for; draws the navigation."""
    _keep_history(key="keep_history")
    texts = {"light": _("Light"), "dark": _("Dark"), "to_light": _("Light theme"), "to_dark": _("Dark theme")}
    _theme_switch(key="theme", data={"name": THEME, **texts})
    groups = {title: [copy(page) for page in pages] for title, pages in _groups(bool(serving.settings().login)).items()}
    st.session_state[_BEFORE] = st.session_state.get(_THIS)
    page = st.session_state[_THIS] = st.navigation(groups, position="top")
    return page


@cache  # each look at the scripts of twelve pages takes milliseconds; a run writes to copies of its own
def _groups(login: bool) -> dict[str, list[st.Page]]:
    """The pages by the group of the menu in which they stand."""
    words = [
        st.Page(NEIGHBOURS, title=_("Neighbours"), url_path="neighbours"),
        st.Page(SIDE_BY_SIDE, title=_("Side by side"), url_path="side-by-side"),
        st.Page(MAP, title=_("Map"), url_path="map"),
        st.Page(CALCULATOR, title=_("Calculator"), url_path="calculator"),
        st.Page(HEALTH, title=_("Health"), url_path="health"),
    ]
    transformer = [
        st.Page(LESSON, title=_("Lesson"), url_path="lesson"),
        st.Page(LEARNING, title=_("Watch it learn"), url_path="learning"),
        st.Page(_pass_to_lesson, title=_("Lesson"), url_path="pass", visibility="hidden"),
    ]
    alone = [
        st.Page(HOME, title=_("Home"), default=True),
        st.Page(INITIALISATION, title=_("Initialisation"), url_path="initialisation"),
        st.Page(TALKS, title=_("Talks"), url_path="talks"),
        st.Page(MODELS, title=_("Models"), url_path="models"),
    ]
    if login:
        alone.append(st.Page(_account, title=_("Account"), url_path="account"))
    return {_("Words"): words, _("Transformer"): transformer, "": alone}


def _account() -> None:
    from explorer.ui.account import account  # what it shows needs this module

    account()


def _pass_to_lesson() -> None:
    """Where the page of the transformer pass was."""
    query = lesson_of_pass(st.query_params.to_dict())
    _instead(key="instead", data=f"lesson?{urlencode(query)}")
    st.page_link(LESSON, label=_("This page is part of the lesson now: go to the lesson"), query_params=query)


def lesson_of_pass(old: Mapping[str, str]) -> dict[str, str]:
    """The address of the lesson of the same words and model as one of the former page of the transformer pass."""
    options = {name: old[name] for name in ("layers", "heads", "d_ff", "seed", "d_model") if name in old}
    if old.get("model") == "article":
        return {"lesson": "article", **options}
    if old.get("model") == "phrasebook":
        return {"lesson": "trained", **{name: old[name] for name in ("source", "target") if name in old}}
    words = {"source": old["words"]} if "words" in old else {}
    return {**lesson_of_words(old.get("model")), **words, **options}


def lesson_of_words(model: str | None, words: Sequence[str] = ()) -> dict[str, str]:
    """The address of the lesson in which the vectors of words go through the encoder."""
    query = {"lesson": "own", "encoder_only": "true"}
    return query | ({"model": model} if model else {}) | ({"source": ",".join(words)} if words else {})


def visit(url_path: str, **parameters: str) -> None:
    """Go to a page as a click on a link to it would; `st.switch_page` leaves two steps in the browser's history."""
    _visit(data=f"{url_path}?{urlencode(parameters)}")
