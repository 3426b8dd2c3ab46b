"""Controls whose truth is the URL: a link reproduces the page, and every change is a step that Back takes back.

A parameter is drawn with `draw` and read with `value`. The widget shows what the URL says wherever it can; what it
cannot show (such as `n=many`) stays in the URL, and `value` or the core says what is wrong with it. Streamlit's own
`bind="query-params"` would replace such values silently, and keep typed words out of the browser's history.

Each widget gets its value twice: as its default, so that it is right when it first appears, and through the session
state, so that it follows the URL from then on.

All pages share one session state. A parameter's key there is its name, and each page sets it before it is read; what is
folded has a key of its own kind, so that a fold and a parameter of one name never meet.

A parameter that is a list has a `most`: whoever wrote the address, a page answers a question of a size it knows.

`explorer.ui.declared` makes a control of a parameter that a question declares.
"""

from explorer.ui.parameters.choices import Choice, Either, Names, Several, Tabs
from explorer.ui.parameters.control import Control
from explorer.ui.parameters.folding import folded
from explorer.ui.parameters.numbers import Number, Slider
from explorer.ui.parameters.writing import LONGEST_LINK, Lines, Sentence, Text, Words

__all__ = [
    "LONGEST_LINK", "Choice", "Control", "Either", "Lines", "Names", "Number", "Sentence", "Several", "Slider", "Tabs",
    "Text", "Words", "folded",
]  # fmt: skip
