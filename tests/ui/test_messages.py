import pytest
from streamlit.testing.v1 import AppTest

from explorer.ui.messages import as_label


def test_markup_in_a_sentence_is_shown_as_it_is():
    def page():
        from explorer.errors import UserError
        from explorer.ui.messages import problems_shown

        with problems_shown():
            raise UserError("<script>alert(1)</script> & **bold**")

    (sentence,) = AppTest.from_function(page).run().get("html")
    body = sentence.proto.body
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; **bold**" in body
    assert 'role="alert"' in body


@pytest.mark.parametrize(
    ("word", "label"),
    [
        ("dc-3", "dc\\-3"),
        ("don't", "don\\'t"),
        ("*x*", "\\*x\\*"),
        ("naïve", "naïve"),
        ("own@engine", "own\\@engine"),
        ("a@b.example", "a\\@\u2060b\\.example"),
        ("www.b.example", "www\u2060\\.b\\.example"),
        ("https://b.example", "https\u2060\\:\\/\\/b\\.example"),
    ],
)
def test_a_word_as_a_label_loses_its_meaning_in_markdown(word, label):
    assert as_label(word) == label
