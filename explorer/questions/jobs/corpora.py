"""Jobs on a text: vectors are trained on it, once or from other seeds, and its parts of speech are counted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.embeddings import bounds
from explorer.embeddings.training import defaults
from explorer.questions import parameter
from explorer.questions.jobs.job import Announce, Cancelled, Job, never, unheard
from explorer.questions.parameter import REQUIRED, Choice, Number, Parameter, Whole
from explorer.questions.question import Progress, silent
from explorer.texts import _, _n

if TYPE_CHECKING:
    from explorer.questions.made import Made


def _of_recipe(name: str, kind: Parameter, help: str) -> Any:
    """An option of a recipe, left open for the method's own default, which its help names with those who have it."""
    have = {method: recipe[name] for method, recipe in defaults.RECIPES.items() if name in recipe}
    methods = "" if len(have) == len(defaults.RECIPES) else f"{', '.join(have)}: "
    usual = next(iter(have.values()))
    written = [f"{method} {kind.write(value)[0]}" for method, value in have.items() if value != usual]
    help_text = _(
        "{methods}{help}; where left open {usual}",
        methods=methods,
        help=help,
        usual=", ".join([kind.write(usual)[0], *written]),
    )
    if name in defaults.OF_EACH_TRAINING:
        return parameter.several(None, kind, help_text, most=defaults.MOST_TRAININGS)
    kind.default, kind.help = None, help_text
    return kind


class OfCorpus(Job):
    """A job that trains on a text: Word2Vec may be trained several times, and joined; what is a list then has one value
    for all trainings, or one each."""

    room = _("Training")
    corpus: Path = parameter.file(
        REQUIRED,
        _("a text with a paragraph a line; plain, .gz, .xz or .bz2"),
        positional=True,
        example="corpus.txt",
    )
    algorithm: tuple[str, ...] | None = _of_recipe(
        "algorithm", Choice(REQUIRED, defaults.ALGORITHMS, ""), _("what predicts what")
    )
    window: tuple[int, ...] | None = _of_recipe(
        "window",
        Whole(REQUIRED, 1, defaults.WIDEST_WINDOW, ""),
        _("words looked at on either side, in glove one k away counting 1/k"),
    )
    vector_size: tuple[int, ...] | None = _of_recipe(
        "vector_size", Whole(REQUIRED, 1, defaults.MOST_DIMENSIONS, ""), _("dimensions of each training")
    )
    epochs: tuple[int, ...] | None = _of_recipe(
        "epochs", Whole(REQUIRED, 1, defaults.MOST_EPOCHS, ""), _("how often all of the text is read")
    )
    negative: tuple[int, ...] | None = _of_recipe(
        "negative", Whole(REQUIRED, 1, defaults.MOST_NEGATIVE, ""), _("noise words drawn for each word")
    )
    sample: tuple[float, ...] | None = _of_recipe(
        "sample", Number(REQUIRED, 0, defaults.HIGHEST_SAMPLE, ""), _("share above which words are thinned")
    )
    dimensions: int | None = _of_recipe(
        "dimensions",
        Whole(REQUIRED, 1, defaults.MOST_DIMENSIONS, ""),
        _("of the vectors at the end, in word2vec those of all trainings together"),
    )
    whitening: float | None = _of_recipe(
        "whitening", Number(REQUIRED, 0, 1, ""), _("how much strong components are weakened")
    )
    minimum_count: int | None = _of_recipe(
        "minimum_count",
        Whole(REQUIRED, 1, bounds.HIGHEST_COUNT, "", unit=_("occurrences")),
        _("rarer words get no vector"),
    )
    workers: int | None = _of_recipe(
        "workers", Whole(REQUIRED, 1, defaults.MOST_WORKERS, ""), _("threads of each training; 1 repeats bit for bit")
    )

    @property
    def recipe(self) -> dict[str, Any]:
        """The options of the recipe that were given."""
        names = dict.fromkeys(name for recipe in defaults.RECIPES.values() for name in recipe)
        values = self.values
        return {name: values[name] for name in names if values.get(name) is not None}


class Train(OfCorpus):
    """Train Word2Vec, GloVe or fastText vectors on a text file.

    The vectors are evaluated, and written with their word counts and a card. Word2Vec may be trained several times, and
    joined: what is a list has one value for all trainings, or one each. Ctrl-C leaves nothing behind.
    """

    out: Path = parameter.file(
        REQUIRED, _("the folder to make; in models/ it can be asked by name"), example="models/mine"
    )
    method: str = parameter.choice("word2vec", tuple(defaults.RECIPES), _("what trains the vectors"))
    sweeps: int | None = _of_recipe(
        "sweeps", Whole(REQUIRED, 1, defaults.MOST_EPOCHS, ""), _("rounds through all words and contexts")
    )
    maximum: float | None = _of_recipe(
        "maximum",
        Number(REQUIRED, 0, defaults.HIGHEST_WEIGHING, "", above=True),
        _("x_max, the count above which a pair weighs no more"),
    )
    exponent: float | None = _of_recipe(
        "exponent",
        Number(REQUIRED, 0, defaults.HIGHEST_WEIGHING, "", above=True),
        _("α, of the weights of rarer pairs"),
    )
    ridge: float | None = _of_recipe(
        "ridge", Number(REQUIRED, 0, defaults.HIGHEST_WEIGHING, ""), _("what a squared length costs")
    )
    shortest: int | None = _of_recipe(
        "shortest",
        Whole(REQUIRED, 1, defaults.LONGEST_N_GRAM, "", unit=_("characters")),
        _("the shortest n-grams, with < and > around words"),
    )
    longest: int | None = _of_recipe(
        "longest", Whole(REQUIRED, 1, defaults.LONGEST_N_GRAM, "", unit=_("characters")), _("the longest n-grams")
    )
    buckets: int | None = _of_recipe(
        "buckets", Whole(REQUIRED, 1, defaults.MOST_BUCKETS, ""), _("vectors that n-grams share")
    )
    seed: int | None = _of_recipe("seed", Whole(REQUIRED, 0, bounds.HIGHEST_SEED, ""), _("of all that is drawn"))
    title: str = parameter.text("", _("for the card: its title; the name of the folder where left open"))
    description: str = parameter.text("", _("for the card: what it is"))
    language: str = parameter.text("", _("for the card: the language of the text"))
    corpus_name: str = parameter.text("", _("for the card: the name of the text; that of the file where left open"))
    licence: str = parameter.text("", _("for the card: the licence of the text"))
    attribution: str = parameter.text("", _("for the card: who is to be named"))
    probe: tuple[str, ...] | None = parameter.texts(
        None, bounds.MOST_WORDS, _("words whose neighbours the card lists"), fewest=0
    )

    def answer(self, progress: Progress = silent, cancelled: Cancelled = never, announce: Announce = unheard) -> Made:
        import json

        from explorer.answers import Table
        from explorer.embeddings.training.making import About
        from explorer.embeddings.training.recipes import train
        from explorer.places import MODELS, label
        from explorer.questions.made import Made

        about = About(
            title=self.title or self.out.name,
            description=self.description,
            language=self.language,
            corpus=self.corpus_name or self.corpus.name,
            licence=self.licence,
            attribution=self.attribution,
            probes=self.probe or (),
        )
        card = train(self.method, self.corpus, self.out, self.recipe, about, self._stopping(progress, cancelled))
        hint = _(
            "To ask it by name, move the folder into {models}/; then: --model {name}",
            models=label(MODELS),
            name=self.out.name,
        )
        return Made(
            json.loads(json.dumps(card, default=str, allow_nan=False)),
            _n(
                "{out}: {count:,} word × {dimensions} dimensions",
                "{out}: {count:,} words × {dimensions} dimensions",
                card["words"],
                out=self.out,
                dimensions=card["dimensions"],
            ),
            () if self.out.resolve().parent == MODELS.resolve() else (hint,),
            Table(("score", "value"), tuple(card["scores"].items())),
        )


class Sisters(OfCorpus):
    """Train a model again from other seeds, and keep which neighbours its words have then.

    Word2Vec is trained on the model's text once for each seed. The neighbours of the most frequent words go into the
    model's folder, the recipe into its card; the vectors are not kept.
    """

    of: Path = parameter.file(REQUIRED, _("the folder of the model"), example="models/mine")
    seeds: tuple[int, ...] = parameter.several(
        REQUIRED, Whole(REQUIRED, 0, bounds.HIGHEST_SEED, ""), _("one for each sister"), example=[2, 3]
    )
    words: int = parameter.whole(
        defaults.SISTER_WORDS, 1, bounds.HIGHEST_COUNT, _("how many of the most frequent words are asked")
    )

    def answer(self, progress: Progress = silent, cancelled: Cancelled = never, announce: Announce = unheard) -> Made:
        from explorer.embeddings.training.recipes import word2vec_recipe
        from explorer.embeddings.training.sisters import make_sisters
        from explorer.questions.made import Made

        tell = self._stopping(progress, cancelled)
        path = make_sisters(self.corpus, self.of, word2vec_recipe(self.recipe), self.seeds, self.words, tell)
        size = path.stat().st_size
        return Made(
            {"file": str(path), "seeds": list(self.seeds), "bytes": size},
            _n(
                "{path}: made from {count} more seed, {size:.1f} MB",
                "{path}: made from {count} more seeds, {size:.1f} MB",
                len(self.seeds),
                path=path,
                size=size / 1e6,
            ),
        )


class Lexicon(Job):
    """Count the parts of speech of a text's words.

    An English text is tagged with NLTK's perceptron tagger, and each word's parts of speech are counted. With a
    dictionary, WordNet and LemmInflect, a word is only what these and the words around it allow.
    """

    room = _("Training")
    corpus: Path = parameter.file(
        REQUIRED, _("a text with a paragraph a line; plain, .gz, .xz or .bz2"), positional=True, example="corpus.txt"
    )
    out: Path = parameter.file(REQUIRED, _("the .tsv.gz file to write"), example="lexicon.tsv.gz")
    every: int = parameter.whole(
        defaults.TAGGED_EVERY, 1, bounds.HIGHEST_COUNT, _("one in so many is tagged"), unit=_("paragraphs")
    )
    wordnet: Path | None = parameter.file(
        None, _("the folder dict of WordNet 3.1; where left open there is no dictionary"), example="WordNet-3.1/dict"
    )
    source: tuple[str, ...] | None = parameter.texts(
        None, bounds.MOST_WORDS, _("lines for the head of the file: text, licence, date"), fewest=0
    )

    def answer(self, progress: Progress = silent, cancelled: Cancelled = never, announce: Announce = unheard) -> Made:
        from explorer.embeddings.training.context import by_context
        from explorer.embeddings.training.dictionary import read_dictionary
        from explorer.embeddings.training.lexicon import count_tags, write_lexicon
        from explorer.embeddings.training.tagging import by_dictionary, perceptron_tagger
        from explorer.questions.made import Made

        tell = self._stopping(progress, cancelled)
        dictionary = read_dictionary(self.wordnet) if self.wordnet else None
        tagger = perceptron_tagger(by_dictionary(dictionary) if dictionary else None)
        if dictionary:
            tagger = by_context(tagger, dictionary)
        counts = count_tags(self.corpus, tagger, self.every, lambda share: tell("tagging", share))
        write_lexicon(self.out, counts, self.source or (), dictionary=dictionary)
        return Made(
            {"file": str(self.out), "words": len(counts.tags), "tagged_words": counts.tagged_words},
            _(
                "{out}: {tags:,} words from {tagged_words:,} tagged ones",
                out=self.out,
                tags=len(counts.tags),
                tagged_words=counts.tagged_words,
            ),
        )
