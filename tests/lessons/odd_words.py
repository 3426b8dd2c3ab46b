"""A lesson whose words are made of what Markdown, LaTeX, HTML and figures take for markup."""

from explorer.lessons.example import Example
from explorer.lessons.lesson import lesson
from explorer.transformer.configuration import Configuration
from explorer.transformer.translator import Translator
from explorer.transformer.vocabulary import Vocabulary

SOURCE = ("<script>alert(1)</script>", "</table>", "$x$", "`a|b`", "*#_%", "[[token]]", "[0]", "&lt;", "--")
TARGET = ("ñandú", "“così”", "🙂", "a\\b", "-->", "~^{}&", "привет", "שלום", "*", "''``", '"')


def odd_lesson():
    vocabularies = Vocabulary.of([SOURCE]), Vocabulary.of([TARGET])
    sizes = [len(vocabulary) for vocabulary in vocabularies]
    configuration = Configuration(4, layers=1, d_ff=8, source_words=sizes[0], target_words=sizes[1])
    translator = Translator.fresh(configuration, *vocabularies, 0)
    return lesson(Example("Odd words", translator, SOURCE, TARGET, f"The words are {' '.join(SOURCE + TARGET)}."))
