"""The talks that come along on a stage of 1280 by 720: all can be read, and nothing runs over."""

import pytest

from explorer.talks.deck import names, open_deck, read_deck
from explorer.talks.document import as_html
from explorer.talks.rehearsal import rehearse
from tests.browser.conftest import first_in_make_test

# type below 24 pixels, and what stands outside the window, of the scene that is on
FAULTS = """() => {
  const faults = [];
  const walk = (root) => {
    for (const each of root.querySelectorAll('*')) {
      if (each.shadowRoot) walk(each.shadowRoot);
      if (![...each.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
      const box = each.getBoundingClientRect();
      const style = getComputedStyle(each);
      if (!box.width || style.visibility === 'hidden' || each.closest('sub, sup, math')) continue; // an index is small
      const size = parseFloat(style.fontSize) * (each.ownerSVGElement ? each.getScreenCTM().a : 1);
      if (size < 23.5) faults.push(`${each.textContent.trim()}: ${size} px`);
      const isInside = box.left > -1 && box.top > -1 && box.right < innerWidth + 1 && box.bottom < innerHeight + 1;
      if (!isInside) faults.push(`${each.textContent.trim()} runs over`);
    }
  };
  walk(document.querySelector('.scene.current'));
  return faults;
}"""


@pytest.fixture
def on_stage(new_page, tmp_path):
    def show(deck):
        talk = rehearse(deck)
        place = tmp_path / "talk.html"
        place.write_text(as_html(talk), encoding="utf-8")
        page = new_page("light")
        page.set_viewport_size({"width": 1280, "height": 720})
        page.goto(place.as_uri())
        page.wait_for_selector(".scene.current")
        return page, talk

    return show


def at(page, scene, press):
    """The scene at this press, drawn."""
    page.evaluate("place => { location.hash = place }", f"{scene}.{press}")
    page.wait_for_function("scene => document.title.startsWith(`${scene}. `)", arg=scene)
    page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")


@pytest.mark.parametrize("name", first_in_make_test(names()))
def test_every_scene_can_be_read_from_the_last_row_and_stays_on_the_stage(on_stage, name):
    page, talk = on_stage(open_deck(name))
    faults = {}
    for scene in range(1, len(talk.scenes) + 1):
        for press in (0, 99):  # nothing of it, and all
            at(page, scene, press)
            if found := page.evaluate(FAULTS):
                faults[scene, press] = found
    assert faults == {}


def test_the_right_choice_stands_out_where_an_equation_stands_behind_it(on_stage):
    page, talk = on_stage(open_deck("transformer-in-numbers"))
    scene = next(n for n, each in enumerate(talk.scenes, 1) if each.title == "Whom will “You” look at most?")
    at(page, scene, 0)
    assert page.locator(".current .choices li").all_inner_texts() == ["You", "are", "welcome"]
    assert page.locator(".current .right").count() == 0
    at(page, scene, 1)
    assert page.locator(".current .right").inner_text() == "You"
    assert page.locator(".current .line").inner_text().splitlines() == ["0.57 / 1.41 = 0.40", "head 1 of 2"]


def test_a_wide_step_keeps_its_columns_and_digits_and_another_cell_may_be_worked(on_stage):
    address = "lesson?step=encoder.0.feed_forward.hidden"
    page, _ = on_stage(
        read_deck(f'[[scene]]\npage = "{address}"\nreveal = "cells"\nhighlight = ["0,0", "0,5"]', "talk")
    )
    result = page.locator(".current .result table")
    assert result.locator("thead th").all_inner_texts() == [str(column) for column in range(1, 9)]
    assert result.locator(".worked").inner_text() == "2.07"
    at(page, 1, 1)
    assert result.locator(".worked").inner_text() == "0.22"
    weights = page.locator(".current figure", has_text="weights").locator("table")
    assert weights.locator("td.lit").all_inner_texts() == ["0.67", "0.06", "−0.68", "−0.10"]
    assert page.evaluate(FAULTS) == []


def test_every_name_of_a_map_is_written_and_none_on_another(on_stage):
    page, talk = on_stage(open_deck("what-is-an-embedding"))
    scene = next(n for n, each in enumerate(talk.scenes, 1) if each.drawing["kind"] == "map")
    at(page, scene, 0)
    words = [point["word"] for point in talk.scenes[scene - 1].drawing["points"]]
    labels = page.locator(".current .places text")
    assert sorted(labels.all_text_contents()) == sorted(words)
    boxes = labels.evaluate_all(
        "all => all.map((each) => each.getBoundingClientRect()).map((at) => [at.left, at.top, at.right, at.bottom])"
    )
    for i, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[:i]:
            across = min(right, other[2]) - max(left, other[0])
            down = min(bottom, other[3]) - max(top, other[1])
            assert across <= 1 or down <= 8  # letters are lower than their boxes


def test_a_matrix_that_stood_there_before_glides_and_a_small_equation_is_drawn_larger(on_stage):
    scores, scaled, loss = (
        f'[[scene]]\npage = "lesson?step={step}"\n'
        for step in ("encoder.0.self_attention.scores", "encoder.0.self_attention.scaled", "loss")
    )
    page, _ = on_stage(read_deck(scores + scaled + loss, "talk"))
    host = page.locator(".scene:nth-child(2) .tensors-host figure")
    host.first.wait_for(state="attached")  # drawn before it is asked for
    page.evaluate("""() => {
      const moved = [];
      const animate = Element.prototype.animate;
      Element.prototype.animate = function (...how) {
        moved.push(this.querySelector(".caption").textContent);
        return animate.apply(this, how);
      };
      window.moved = moved;
    }""")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.title.startsWith('2. ')")
    assert page.evaluate("() => window.moved") == ["scores"]
    at(page, 3, 0)
    digits = page.locator(".current .result td").last
    box = digits.bounding_box()
    assert box
    assert box["height"] > 80
    assert page.evaluate(FAULTS) == []
    on_paper = f"{page.url.partition('#')[0]}#print"
    page.goto("about:blank")
    page.goto(on_paper)
    page.wait_for_selector(".page")
    drawn = "all => all.map(({ shadowRoot }) => shadowRoot.querySelectorAll('figure').length)"
    assert page.locator(".tensors-host").evaluate_all(drawn) == [3, 2, 2]  # those below the window, too


def test_a_map_of_all_words_glides_from_one_part_to_another(on_stage):
    near, far = (f'[[scene]]\npage = "map?word=airplane&show=all{at}"\n' for at in ("", "&at=0,0,1"))
    page, talk = on_stage(read_deck(near + far, "talk"))
    page.locator(".scene:nth-child(2) .dots").first.wait_for(state="attached")
    page.evaluate("""() => {
      window.from = {};
      Element.prototype.animate = function ([{ transform }]) { window.from[this.dataset.glide] = transform; };
    }""")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.title.startsWith('2. ')")
    zoom = talk.scenes[0].drawing["camera"]["zoom"]
    assert f"scale({zoom:g})" in page.evaluate("() => window.from['map of wiki-en-word2vec']")
    assert "word airplane" in page.evaluate("() => window.from")
