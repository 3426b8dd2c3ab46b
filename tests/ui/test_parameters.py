"""Parameters on a page of their own: what the URL says, what the widget shows, what a change writes."""

import pytest
from streamlit.testing.v1 import AppTest

from explorer.embeddings import bounds
from explorer.questions.words import Neighbours


def page():
    import streamlit as st

    from explorer.errors import UserError
    from explorer.ui.parameters import Choice, Number, Text, Words

    for parameter in (
        Text("text", "Text", "airplane"),
        Words("words", "Words", ("to", "fly")),
        Number("n", "Neighbours", 10, least=1, most=100),
        Number("open", "Width", None, least=1, most=100),
        Choice("pos", "Part of speech", ["", "NOUN", "VERB"]),
    ):
        parameter.draw(width=200)
        try:
            value = parameter.value
        except UserError as error:
            value = error
        st.text(f"{parameter.name}: {value!r}")


def visit(**url: str) -> AppTest:
    app = AppTest.from_function(page)
    for name, value in url.items():
        app.query_params[name] = value
    return app.run()


def values(app: AppTest) -> dict[str, str]:
    assert not app.exception
    return dict(line.value.split(": ", 1) for line in app.text)


def test_without_a_url_the_defaults_stand():
    app = visit()
    assert values(app) == {"text": "'airplane'", "words": "['to', 'fly']", "n": "10", "open": "None", "pos": "''"}
    assert app.text_input("words").value == "to fly"
    assert app.number_input("n").value == 10
    assert app.query_params == {}


def test_the_url_sets_values_and_widgets():
    app = visit(text="plane", words="a,b", n="7", open="5", pos="VERB")
    assert values(app) == {"text": "'plane'", "words": "['a', 'b']", "n": "7", "open": "5", "pos": "'VERB'"}
    assert (app.text_input("text").value, app.text_input("words").value) == ("plane", "a b")
    assert (app.number_input("n").value, app.number_input("open").value) == (7, 5)
    assert app.selectbox("pos").value == "VERB"


def test_a_change_is_written_to_the_url():
    app = visit(text="plane")
    app.text_input("text").set_value("jet").run()
    app.text_input("words").set_value(" up  and,away ").run()
    app.number_input("n").set_value(3).run()
    app.selectbox("pos").set_value("NOUN").run()
    assert values(app) == {"text": "'jet'", "words": "['up and', 'away']", "n": "3", "open": "None", "pos": "'NOUN'"}
    assert app.query_params == {"text": "jet", "words": "up and,away", "n": "3", "pos": "NOUN"}


def test_the_url_wins_over_what_a_widget_held_before_as_when_the_reader_goes_back():
    app = visit(text="plane")
    app.text_input("text").set_value("jet").run()
    app.query_params["text"] = "plane"
    assert values(app.run())["text"] == "'plane'"
    assert app.text_input("text").value == "plane"


@pytest.mark.parametrize("text", ["0", "101", "-1", "many", "1e9", "", "7.5", "٣", "9" * 400])
def test_a_number_out_of_bounds_or_none_at_all_is_refused_with_a_sentence(text):
    answer = values(visit(n=text))["n"]
    assert answer.startswith("UserError")
    assert "is not a whole number from 1 to 100." in answer


def test_a_widget_shows_a_number_that_is_out_of_bounds_and_nothing_for_what_is_no_number():
    assert visit(n="0").number_input("n").value == 0
    assert visit(n="many").number_input("n").value is None


def test_a_choice_that_is_not_offered_is_left_to_the_core():
    app = visit(pos="FOO")
    assert values(app)["pos"] == "'FOO'"
    assert app.selectbox("pos").value is None


def page_of_lines_and_tabs():
    import streamlit as st

    from explorer.ui.parameters import Lines, Tabs

    for parameter in (Lines("lines", "Lines", "a, b"), Tabs("tab", "Tabs", ["first", "second"])):
        parameter.draw(width=200)
        st.text(f"{parameter.name}: {parameter.value!r}")


def test_lines_and_tabs_follow_the_url_and_write_to_it():
    app = AppTest.from_function(page_of_lines_and_tabs).run()
    assert values(app) == {"lines": "'a, b'", "tab": "'first'"}
    app.text_area("lines").set_value("c, d\ne, f").run()
    app.segmented_control("tab").set_value("second").run()
    assert values(app) == {"lines": "'c, d\\ne, f'", "tab": "'second'"}
    assert app.query_params == {"lines": "c, d\ne, f", "tab": "second"}
    app.query_params["tab"] = "nowhere"
    assert values(app.run())["tab"] == "'nowhere'"
    assert app.segmented_control("tab").value is None


def page_of_a_slider():
    import streamlit as st

    from explorer.errors import UserError
    from explorer.ui.parameters import Slider

    threshold = Slider("threshold", "Threshold", 0.6, least=0.0, most=1.0, step=0.05)
    threshold.draw(width=200)
    try:
        value = threshold.value
    except UserError as error:
        value = error
    st.text(f"threshold: {value!r}")


def test_a_slider_follows_the_url_and_writes_to_it():
    app = AppTest.from_function(page_of_a_slider).run()
    assert values(app) == {"threshold": "0.6"}
    app.slider("threshold").set_value(0.35).run()
    assert values(app) == {"threshold": "0.35"}
    assert app.query_params == {"threshold": "0.35"}


@pytest.mark.parametrize("text", ["2", "-0.1", "high", "nan", "1e-1", ""])
def test_what_a_slider_cannot_show_is_said(text):
    app = AppTest.from_function(page_of_a_slider)
    app.query_params["threshold"] = text
    assert "is not a number from 0 to 1" in values(app.run())["threshold"]
    assert app.slider("threshold").value == 0.6


def page_of_lists():
    import streamlit as st

    from explorer.errors import UserError
    from explorer.ui.parameters import Lines, Names, Several, Words

    for parameter, value in (
        (words := Words("words", "Words", most=3), lambda: words.value),
        (some := Several("some", "Some", ("a", "b"), ("a", "b", "c")), lambda: some.value),
        (names := Names("names", "Names", (), ("a, b", "c")), lambda: names.value),
        (lines := Lines("lines", "Lines"), lambda: lines.value),
    ):
        parameter.draw(width=200)
        try:
            st.text(f"{parameter.name}: {value()!r}")
        except UserError as error:
            st.text(f"{parameter.name}: {error!r}")


@pytest.mark.parametrize(
    ("name", "url", "says"),
    [
        ("words", "a,b,c", "['a', 'b', 'c']"),
        ("words", "a,b,c,d", "Words: these are 4 words, but 3 are the most: leave some out."),
        ("some", ",".join(["c", "a"] * 300), "['c', 'a']"),
        ("some", "a,nowhere", "['a', 'nowhere']"),
        ("some", ",".join(map(str, range(300))), "Some: these are 300 names, but 3 are the most: leave some out."),
        ("some", "", "[]"),
        ("names", ["c", "a, b", "c"], "['c', 'a, b']"),
        ("names", ["1", "2", "3"], "Names: these are 3 names, but 2 are the most: leave some out."),
        ("lines", "x" * 30_001, "too long for a link"),
    ],
)
def test_a_list_has_a_length_that_is_stated_and_each_name_once(name, url, says):
    app = AppTest.from_function(page_of_lists)
    app.query_params[name] = url
    assert says in values(app.run())[name]


def page_of_a_fold():
    import streamlit as st

    from explorer.ui.parameters import Text, folded

    Text("words", "Words").draw(width=200)
    with folded("All of it in words", "words") as part:
        st.text(f"open: {part.open}")


def page_that_opens_with_a_part():
    import streamlit as st

    from explorer.ui.parameters import folded

    with folded("Filters", "filters", unfolded=True) as part:
        st.text(f"open: {part.open}")


@pytest.mark.parametrize(("url", "is_open"), [(None, True), ("true", True), ("false", False), ("x", True)])
def test_a_part_that_is_open_by_itself_can_be_closed_by_the_address(url, is_open):
    app = AppTest.from_function(page_that_opens_with_a_part)
    if url:
        app.query_params["filters"] = url
    assert values(app.run()) == {"open": str(is_open)}


def test_a_fold_and_a_control_of_one_name_do_not_meet():
    app = AppTest.from_function(page_of_a_fold)
    app.query_params["words"] = "true"
    assert values(app.run()) == {"open": "True"}
    app.text_input("words").set_value("a b").run()
    assert values(app) == {"open": "False"}


def page_of_a_question():
    import streamlit as st

    from explorer.errors import UserError
    from explorer.questions.maps import Map
    from explorer.questions.words import Neighbours
    from explorer.ui.declared import control, question
    from explorer.ui.parameters import Choice, Number

    controls = [
        control(Neighbours, "word", default="airplane"),
        control(Neighbours, "n"),
        control(Neighbours, "pos"),
        control(Neighbours, "minimum_count"),
        control(Neighbours, "maximum_count"),
        control(Neighbours, "pattern", name="regex"),
        control(Neighbours, "among", command="neighbours --among"),
        control(Neighbours, "approximate", name="search", options=["exact", "approximate"], aliases=["approximate"]),
    ]
    widgets = [control(Map, "dimensions", Choice), control(Map, "perplexity", Number)]
    for each in (*controls, *widgets):
        each.draw(width=200)
    try:
        st.text(f"question: {question(Neighbours, *controls)!r}")
        st.text(f"drawn: {[each.value for each in widgets]!r}")
    except UserError as error:
        st.text(f"question: {error}")


def ask(**url: str) -> AppTest:
    app = AppTest.from_function(page_of_a_question)
    for name, value in url.items():
        app.query_params[name] = value
    return app.run()


def test_a_control_of_a_declared_parameter_has_its_label_default_choices_and_help():
    app = ask()
    declared = Neighbours.parameters
    assert values(app) == {"question": "Neighbours(word='airplane')", "drawn": "[2, 30.0]"}
    assert app.number_input("n").label == declared["n"].label
    assert app.number_input("n").value == declared["n"].default
    assert app.number_input("n").help == "How many of the nearest words to list. From 1 to 10,000."
    assert app.multiselect("pos").options == [*bounds.UNIVERSAL_TAGS]
    assert app.selectbox("dimensions").options == ["2", "3"]
    assert app.number_input("perplexity").value == 30.0


@pytest.mark.parametrize(
    ("url", "question"),
    [
        ({"n": "3", "pos": "noun"}, "Neighbours(word='airplane', n=3, pos='NOUN')"),
        ({"pos": "verb,Noun"}, "Neighbours(word='airplane', pos='VERB,NOUN')"),
        ({"pos": ""}, "Neighbours(word='airplane')"),
        ({"min_count": "5"}, "Neighbours(word='airplane', minimum_count=5)"),
        ({"minimum_count": "5", "max_count": "9"}, "Neighbours(word='airplane', minimum_count=5, maximum_count=9)"),
        ({"regex": "e$", "pattern": "of another"}, "Neighbours(word='airplane', pattern='e$')"),
        ({"among": 'dog "new york"'}, "Neighbours(word='airplane', among=('dog', 'new york'))"),
        ({"search": "approximate"}, "Neighbours(word='airplane', approximate=True)"),
        ({"approximate": "true"}, "Neighbours(word='airplane', approximate=True)"),
        ({"n": "many"}, "n is “many”, but must be a whole number from 1 to 10,000."),
        ({"min_count": "-1"}, "minimum_count is -1, but must be a whole number from 0 to 1,000,000,000,000."),
    ],
    ids=str,
)
def test_an_address_asks_the_question_under_old_names_and_new(url, question):
    assert values(ask(**url))["question"] == question


def test_a_change_is_written_under_todays_name_alone():
    app = ask(min_count="5")
    app.number_input("minimum_count").set_value(7).run()
    assert app.query_params == {"minimum_count": "7"}


def test_several_parts_of_speech_are_chosen_one_after_the_other():
    app = ask(pos="noun")
    assert app.multiselect("pos").value == ["NOUN"]
    app.multiselect("pos").select("VERB").run()
    assert app.query_params == {"pos": "NOUN,VERB"}
    assert values(app)["question"] == "Neighbours(word='airplane', pos='NOUN,VERB')"
    app.multiselect("pos").set_value([]).run()
    assert app.query_params == {}


def test_a_widget_that_comes_back_while_a_run_is_on_its_way_adds_nothing_to_the_url():
    """Streamlit takes the value that the browser still sends for a change of a widget that it has forgotten."""

    def forgotten():
        from explorer.ui.parameters import Choice, Number, Slider, Text, Words

        for parameter in (
            Text("text", "Text", "airplane"),
            Words("words", "Words", ("to", "fly")),
            Number("n", "Neighbours", 10, least=1, most=100),
            Slider("share", "Share", 0.5, least=0.0, most=1.0, step=0.1),
            Choice("pos", "Part of speech", ["", "NOUN", "VERB"]),
        ):
            parameter.draw(width=200)
            parameter._follow()

    app = AppTest.from_function(forgotten).run()
    assert not app.exception
    assert app.query_params == {}
