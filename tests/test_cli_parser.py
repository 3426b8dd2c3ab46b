"""What the parser cannot read gets a sentence, exit status 2 and no list of all options."""

import pytest

from explorer.cli import main, parser
from explorer.questions import QUESTIONS


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("neighbors airplane", "There is no command “neighbors”. Did you mean neighbours?"),
        ("xyzzy", "There is no command “xyzzy”. `"),
        ("", "No command is given. Name one."),
        ("neighbours airplane --pso NOUN", "There is no option --pso of neighbours. Did you mean --pos?"),
        ("neighbours airplane --xyzzy=3", "There is no option --xyzzy of neighbours. `"),
        ("--xyzzy", "No command is given"),
        ("neighbours new york", "“york” is one word too many for neighbours. Put quotes around"),
        ("analogy king - man + woman", 'Put quotes around a formula, as in "king - man + woman".'),
        ("neighbours king + woman -n 3", 'Put quotes around a formula, as in "king - man + woman".'),
        ("neighbours airplane -n", "-n needs a value after it."),
        ("neighbours airplane --m cosine", "--m may mean any of --metric, --minimum-count"),
        ("axes hut --axis cheap", "--axis needs 2 values after it."),
        ("train corpus --out o --window", "window has 0 entries, but must have 1 to"),
        ("models --json=1", "--json takes no value, but has “1”."),
        ("models --json --csv", "--csv does not go together with --json. Give one of the two."),
        ("serve --port many", "port is “many”, but must be a whole number from 1 to 65,535."),
        ("fit pairs --out o --rate fast", "rate is “fast”, but must be a number above 0"),
        ("fit", "pairs is missing: give"),
        ("lesson --norm past", "norm is “past”, but must be one of post or pre."),
    ],
)
def test_what_cannot_be_read_is_a_sentence_and_exit_status_2(arguments, sentence, capsys):
    assert main(arguments.split()) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith(f"explorer: {sentence}")
    assert "usage:" not in output.err
    assert output.err.count("\n") == 1


def test_a_command_has_its_options_as_soon_as_they_are_needed(capsys):
    command = parser().commands["neighbours"]
    assert "--pos" not in command._option_string_actions
    assert "--pos" in command.filled()._option_string_actions
    with pytest.raises(SystemExit, match="0"):
        main(["neighbours", "--help"])
    assert "--minimum-count" in capsys.readouterr().out
    assert set(QUESTIONS) < set(parser().commands)
