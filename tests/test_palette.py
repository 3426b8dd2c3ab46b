import tomllib
from itertools import combinations, pairwise

import numpy as np
import pytest

from explorer import palette, places
from explorer.transformer import notation

BACKGROUNDS = dict(zip(("light", "dark"), palette.PAPER, strict=True))
SCALES = {
    "negative": palette.NEGATIVE,
    "positive": palette.POSITIVE,
    "weights": palette.WEIGHTS,
    "closeness": palette.CLOSENESS,
}
# What the eye makes of linear RGB with one kind of cone missing (Machado, Oliveira & Fernandes 2009, severity 1).
EYES = {
    "all cones": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def difference(one: str, other: str, eyes: str) -> float:
    """How far apart two colours look, as a distance in OKLab; black and white are 1 apart."""
    seen = (np.clip(np.asarray(EYES[eyes]) @ palette.to_linear(colour), 0, 1) for colour in (one, other))
    return float(np.linalg.norm(np.subtract(*(palette.to_oklab(tuple(light)) for light in seen))))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2, from 1 to 21."""
    low, high = sorted((palette.luminance(one), palette.luminance(other)))
    return (high + 0.05) / (low + 0.05)


def levels(scale: str, theme: int) -> list[str]:
    return [palette.colour(SCALES[scale][theme], level / palette.LEVELS) for level in range(palette.LEVELS + 1)]


def test_luminance_of_known_colours():
    assert palette.luminance("#ffffff") == pytest.approx(1)
    assert palette.luminance("#000000") == 0
    assert palette.luminance("#ff0000") == pytest.approx(0.2126)


def test_a_scale_begins_at_zero_and_ends_at_its_end():
    stops = ("#ffffff", "#78b0e6", "#0a4585")
    assert [palette.colour(stops, share) for share in (0, 0.5, 1)] == list(stops)


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("scale", SCALES)
def test_more_always_looks_like_more(scale, theme):
    light = [palette.luminance(colour) for colour in levels(scale, theme)]
    steps = [after - before for before, after in pairwise(light)]
    assert all(step < 0 for step in steps) if theme == 0 else all(step > 0 for step in steps)


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("scale", SCALES)
def test_digits_are_readable_on_every_colour(scale, theme):
    assert all(contrast(colour, palette.text_on(colour)) >= 4.5 for colour in levels(scale, theme))


@pytest.mark.parametrize("role", palette.ROLES)
def test_a_role_is_readable_as_text_on_the_page(role):
    for colour, background in zip(palette.ROLES[role], BACKGROUNDS.values(), strict=True):
        assert contrast(colour, background) >= 4.5


@pytest.mark.parametrize("tier", palette.TIERS)
def test_a_tier_is_readable_as_text_on_the_page(tier):
    for colour, background in zip(palette.TIERS[tier], BACKGROUNDS.values(), strict=True):
        assert contrast(colour, background) >= 4.5


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("theme", [0, 1])
def test_roles_look_different_to_every_eye(theme, eyes):
    colours = {palette.ROLES[role][theme] for role in palette.ROLES if role != "parameter"}
    assert min(difference(one, other, eyes) for one, other in combinations(colours, 2)) > 0.07


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("theme", [0, 1])
def test_tiers_look_different_to_every_eye(theme, eyes):
    colours = [colour[theme] for colour in palette.TIERS.values()]
    assert min(difference(one, other, eyes) for one, other in combinations(colours, 2)) > 0.07


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("theme", [0, 1])
def test_categories_look_different_to_every_eye(theme, eyes):
    colours = [*(colour[theme] for colour in palette.CATEGORICAL), palette.INK[theme], palette.GREY]
    assert min(difference(one, other, eyes) for one, other in combinations(colours, 2)) > 0.07
    assert min(contrast(colour, palette.PAPER[theme]) for colour in colours) >= 3  # WCAG, for graphics


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_is_of_the_palettes_paper(theme):
    configuration = tomllib.loads((places.CHECKOUT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert configuration["theme"][theme]["backgroundColor"] == BACKGROUNDS[theme]


@pytest.mark.parametrize("theme", [0, 1])
def test_points_far_and_close_are_seen_on_the_page(theme):
    background = list(BACKGROUNDS.values())[theme]
    assert min(contrast(shade, background) for shade in levels("closeness", theme)) >= 3  # WCAG, for graphics


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("theme", [0, 1])
def test_parts_of_speech_look_different_to_every_eye(theme, eyes):
    colours = [colour[theme] for colour in palette.PARTS_OF_SPEECH.values()]
    assert min(difference(one, other, eyes) for one, other in combinations(colours, 2)) > 0.07
    assert min(contrast(colour, list(BACKGROUNDS.values())[theme]) for colour in colours) >= 3  # WCAG, for graphics


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("theme", [0, 1])
def test_signs_look_different_to_every_eye(theme, eyes):
    for level in (palette.LEVELS // 4, palette.LEVELS // 2, palette.LEVELS):
        negative, positive = levels("negative", theme)[level], levels("positive", theme)[level]
        assert difference(negative, positive, eyes) > 0.07


def test_every_role_of_a_tensor_has_a_colour():
    assert {role for _, role, _ in notation._NOTATION.values()} <= set(palette.ROLES)


@pytest.mark.parametrize("scale", "nps")
def test_zero_is_white_in_the_light_theme(scale):
    assert f"\n.{scale}0 {{background: light-dark(#ffffff," in palette.stylesheet()
