"""What the reference of a plan's keys says of their limits is what a plan takes."""

from dataclasses import fields

import pytest

from explorer.errors import UserError
from explorer.initialisation.plan import MODEL_KEYS, Plan, parse
from explorer.initialisation.strategies import Strategy
from explorer.transformer.configuration import Configuration
from tools.plan_keys import OF_ARM, OF_MODEL, OF_PLAN, comments

BESIDE = {
    "label": 'text = "a"',
    "text": 'label = "b"',
    "part": 'text = "a"\nlabel = "b"',
    "folds": 'text = "a"\nlabel = "b"\nseeds = 3',
    "network": 'text = "a"\nlabel = "b"',
    "looks": "seeds = 4",
}
LIMITS = [  # key, values just inside, values just outside
    ("name", (f'"{"x" * 60}"', '"a.b-c 1"'), (f'"{"x" * 61}"', '"a/b"')),
    ("baseline", ('"one"',), ('"three"',)),
    ("label", ('"b"',), ('""',)),
    ("text", ('"a"',), ('""',)),
    ("part", ('"c"',), ()),
    ("folds", ("0", "3", "20"), ("2", "21")),
    ("seeds", ("2", "1000", "[0, 999999]"), ("1", "1001", "[0, 1000000]", "[3, 3]")),
    ("looks", ("[2, 4]", "[2, 3, 4]", "[]"), ("[1, 4]", "[2, 3]", "[3, 2, 4]")),
    ("sizes", ("[0.001, 1.0]",), ("[]", "[0.0]", "[1.001]", "[0.5, 0.5]")),
    ("rates", ("[0.001]",), ("[]", "[0.0]", "[0.1, 0.1]")),
    ("search_seeds", ("1",), ("0",)),
    ("widenings", ("0",), ("-1",)),
    ("network", ('"cnn"', '"transformer"'), ('"lstm"',)),
    ("backend", ('"numpy"', '"pytorch"'), ('"jax"',)),
    ("updates", ("50",), ("0",)),
    ("patience", ("0",), ("-1",)),
    ("batch_size", ("1",), ("0",)),
    ("measured_every", ("1", "1000"), ("0", "1001")),
    ("threshold", ("0.001",), ("0.0",)),
    ("model.d_model", ("1", "8192"), ("0", "8193")),
    ("model.heads", ("1", "512"), ("0", "513", "3")),
    ("model.layers", ("1", "64"), ("0", "65")),
    ("model.d_ff", ("1", "65536"), ("0", "65537")),
    ("model.norm", ('"pre"', '"post"'), ('"none"',)),
    ("model.activation", ('"relu"', '"gelu"'), ('"tanh"',)),
    ("model.positions", ('"learned"',), ('"none"',)),
    ("model.dropout", ("0.0", "0.999"), ("-0.001", "1.0")),
    ("model.pooling", ('"first"', '"attention"'), ('"last"',)),
    ("arms.two.thaw", ("1", "999"), ("0", "1000")),
    ("arms.two.rate", ("0.001", "0.999"), ("0.0", "1.0")),
]


def text(key, value):
    *table, last = key.split(".")
    keys = {"name": '"x"', "baseline": '"one"'}
    lines = {"arms.one": ['start = "unit"'], "arms.two": ['start = "he"'], "model": []}
    if table == ["arms", "two"]:
        lines["arms.two"].append(f'training = "{"thawed" if last == "thaw" else "slower"}"')
    if table == ["model"] and last != "d_model":
        lines["model"].append("d_model = 512")
    if last == "d_model":
        lines["model"].append("heads = 1")
    if table:
        lines[".".join(table)].append(f"{last} = {value}")
    else:
        keys[last] = value
    beside = BESIDE.get(last, "") if not table else ""
    tables = [f"[{name}]\n" + "\n".join(rows) for name, rows in lines.items() if rows]
    return "\n".join([f"{name} = {each}" for name, each in keys.items()] + [beside, *tables])


@pytest.mark.parametrize(("key", "inside", "outside"), LIMITS, ids=[key for key, _inside, _outside in LIMITS])
def test_a_key_takes_what_the_reference_says_and_no_more(key, inside, outside):
    for value in inside:
        parse(text(key, value))
    for value in outside:
        with pytest.raises(UserError):
            parse(text(key, value))


def test_every_key_says_what_it_is_and_no_limit_is_of_a_key_that_is_not_there():
    for kind, names, limits in (
        (Plan, {each.name for each in fields(Plan)} - {"model"}, OF_PLAN),
        (Configuration, set(MODEL_KEYS), OF_MODEL),
        (Strategy, {each.name for each in fields(Strategy)}, OF_ARM),
    ):
        assert names <= comments(kind).keys()
        assert limits.keys() <= names
