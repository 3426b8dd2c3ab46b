"""How p values are written."""

from hypothesis import given
from hypothesis import strategies as st

from explorer.initialisation.words import p_value


def test_a_p_value_has_as_many_digits_as_its_side_of_five_percent_needs():
    assert p_value(0.0156) == "p = 0.016"
    assert p_value(0.04992) == "p = 0.0499"
    assert p_value(0.05) == "p = 0.050"
    assert p_value(1.0) == "p = 1.000"
    assert p_value(0.0004) == "p < 0.001"


@given(st.floats(0, 1))
def test_what_is_written_is_on_the_same_side_of_five_percent(p):
    assert (float(p_value(p).split()[-1]) < 0.05) == (p < 0.05)
