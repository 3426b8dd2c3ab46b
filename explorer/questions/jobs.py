"""Jobs: what imports, downloads, writes, trains. They are declared as questions are, and answer with what they made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.embeddings import bounds
from explorer.embeddings.training import defaults
from explorer.errors import UserError
from explorer.initialisation.formats import FORMATS
from explorer.questions import parameter
from explorer.questions.parameter import REQUIRED, Choice, Number, Parameter, Whole
from explorer.questions.question import Progress, Question, silent
from explorer.texts import _
from explorer.transformer import recipe_bounds
from explorer.transformer.bounds import NORMS

if TYPE_CHECKING:
    from explorer.answers import Answer
    from explorer.initialisation.fit import Fitting
    from explorer.initialisation.plan import Plan
    from explorer.lessons.learning import Learning

HANDWRITTEN, PHRASE_BOOK, PASTED = "handwritten phrases", "phrase book", "pasted pairs"

_TOO_FEW = _("They are too few to keep some for validation.")

Cancelled = Callable[[], bool]  # is asked now and then whether to stop
Announce = Callable[[str], None]  # is called with what is worth knowing before the answer


def never() -> bool:
    """Whether to stop, of somebody who waits."""
    return False


def unheard(sentence: str) -> None:
    """The announcements to somebody who does not listen."""


class Job(Question):
    """A question whose answer is made: it takes long, writes files, reports its progress and can be cancelled.

    The command line and Python take jobs; HTTP and agents do not.
    """

    is_long = True

    def answer(self, progress: Progress = silent, cancelled: Cancelled = never, announce: Announce = unheard) -> Answer:
        """Do it, and say what was made. Raises Cancelled where it was; a half-made file is never left."""
        raise NotImplementedError

    def _stopping(self, progress: Progress, cancelled: Cancelled) -> Progress:
        """A progress that raises Cancelled: what reports to it tidies up then as it does after Ctrl-C."""

        def tell(doing: str, share: float) -> None:
            progress(doing, share)
            if cancelled():
                from explorer.errors import Cancelled

                raise Cancelled(_("The job {name} was cancelled; nothing of it was kept.", name=self.name))

        return tell


class Import(Job):
    """Make a model of a file of vectors.

    Read word2vec (text or binary), GloVe, fastText (.vec or .bin), projector TSV or numbers with a list of words, also
    with gzip or xz, and make a model of it that can be asked by name. Ctrl-C leaves nothing behind.
    """

    python_name = "import_vectors"
    room = _("Models")
    file: Path = parameter.file(REQUIRED, _("the file of vectors"), positional=True, example="vectors.txt")
    model_name: str | None = parameter.text(
        None,
        _("the name that the model gets; that of the file where left open"),
        longest=1_000,
        label=_("Name"),
        aliases=["name"],
        example="mine",
    )
    metadata: Path | None = parameter.file(
        None, _("the words of a file of numbers; looked for beside it where left open"), label=_("Words")
    )
    replace: bool = parameter.flag(_("put it in the place of an imported model"))

    def answer(self, progress: Progress = silent, cancelled: Cancelled = never, announce: Announce = unheard) -> Answer:
        from explorer.embeddings.importing import import_model, name_for

        card = import_model(
            self.file,
            self.model_name or name_for(self.file.name),
            metadata=self.metadata,
            replace=self.replace,
            progress=lambda share: progress("importing", share),
            cancelled=cancelled,
        )
        return _model(card)


class Download(Job):
    """Fetch a model of the gensim-data catalogue.

    Fetch a model that `models` lists as downloadable, compare its checksum and import it. After Ctrl-C or a cut, the
    next download goes on from there.
    """

    room = _("Models")
    model_name: str = parameter.text(
        REQUIRED,
        _("a model that `models` lists as downloadable"),
        longest=1_000,
        positional=True,
        label=_("Model"),
        aliases=["name"],
        example="glove-wiki-gigaword-50",
    )

    def answer(self, progress: Progress = silent, cancelled: Cancelled = never, announce: Announce = unheard) -> Answer:
        from explorer.embeddings.downloads import download

        return _model(download(self.model_name, progress, cancelled))


class Export(Job):
    """Write a model's vectors for other programs."""

    room = _("Models")
    model: str = parameter.model(_("the model to write"), default=REQUIRED, positional=True, example="wiki-en-glove")
    file: Path = parameter.file(
        REQUIRED, _("the file to write, gzipped if it ends in .gz"), positional=True, example="glove.txt.gz"
    )
    format: str = parameter.choice(bounds.EXPORT_FORMATS[0], bounds.EXPORT_FORMATS, _("how it is written"))

    def answer(self, progress: Progress = silent, cancelled: Cancelled = never, announce: Announce = unheard) -> Answer:
        from explorer.answers import Table
        from explorer.embeddings import catalog
        from explorer.embeddings.formats.writing import export
        from explorer.questions.made import Made

        embedding, tell = catalog.load(self.model), self._stopping(progress, cancelled)
        files = export(embedding, self.file, self.format, lambda share: tell("writing", share))
        return Made(
            {"model": embedding.name, "format": self.format, "files": [str(file) for file in files]},
            _("{name} was written as {format}.", name=embedding.name, format=self.format),
            rows=Table(("file", "bytes"), tuple((str(file), file.stat().st_size) for file in files)),
        )


class Index(Job):
    """Build an index for approximate search (needs faiss-cpu)."""

    room = _("Models")
    model: str | None = parameter.model(_("the model to build it for"))

    def answer(self, progress: Progress = silent, cancelled: Cancelled = never, announce: Announce = unheard) -> Answer:
        from explorer.embeddings import catalog
        from explorer.embeddings.search import approximate
        from explorer.questions.made import Made

        embedding, tell = catalog.load(self.model), self._stopping(progress, cancelled)
        index = approximate.build(embedding, catalog.CACHE, lambda share: tell("indexing", share))
        return Made(
            {"model": embedding.name, "recall": index.recall},
            _(
                "The index of {name} finds {recall:.1%} of the 10 true nearest.",
                name=embedding.name,
                recall=index.recall,
            ),
        )


def _of_recipe(name: str, kind: Parameter, help: str) -> Any:
    """An option of a recipe, left open for the method's own default, which its help names with those who have it."""
    have = {method: recipe[name] for method, recipe in defaults.RECIPES.items() if name in recipe}
    methods = "" if len(have) == len(defaults.RECIPES) else f"{', '.join(have)}: "
    usual = next(iter(have.values()))
    written = [f"{method} {kind.write(value)[0]}" for method, value in have.items() if value != usual]
    said = _(
        "{methods}{help}; where left open {usual}",
        methods=methods,
        help=help,
        usual=", ".join([kind.write(usual)[0], *written]),
    )
    if name in defaults.OF_EACH_TRAINING:
        return parameter.several(None, kind, said, most=defaults.MOST_TRAININGS)
    kind.default, kind.help = None, said
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

    def answer(self, progress: Progress = silent, cancelled: Cancelled = never, announce: Announce = unheard) -> Answer:
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
            _(
                "{out}: {words:,} words × {dimensions} dimensions",
                out=self.out,
                words=card["words"],
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

    def answer(self, progress: Progress = silent, cancelled: Cancelled = never, announce: Announce = unheard) -> Answer:
        from explorer.embeddings.training.recipes import word2vec_recipe
        from explorer.embeddings.training.sisters import make_sisters
        from explorer.questions.made import Made

        tell = self._stopping(progress, cancelled)
        path = make_sisters(self.corpus, self.of, word2vec_recipe(self.recipe), self.seeds, self.words, tell)
        size = path.stat().st_size
        return Made(
            {"file": str(path), "seeds": list(self.seeds), "bytes": size},
            _("{path}: made from {seeds} more seeds, {size:.1f} MB", path=path, seeds=len(self.seeds), size=size / 1e6),
        )


class Lexicon(Job):
    """Count the parts of speech of a text's words.

    An English text is tagged with NLTK's perceptron tagger, and each word's parts of speech are counted.
    """

    room = _("Training")
    corpus: Path = parameter.file(
        REQUIRED, _("a text with a paragraph a line; plain, .gz, .xz or .bz2"), positional=True, example="corpus.txt"
    )
    out: Path = parameter.file(REQUIRED, _("the .tsv.gz file to write"), example="lexicon.tsv.gz")
    every: int = parameter.whole(
        defaults.TAGGED_EVERY, 1, bounds.HIGHEST_COUNT, _("one in so many is tagged"), unit=_("paragraphs")
    )
    source: tuple[str, ...] | None = parameter.texts(
        None, bounds.MOST_WORDS, _("lines for the head of the file: text, licence, date"), fewest=0
    )

    def answer(self, progress: Progress = silent, cancelled: Cancelled = never, announce: Announce = unheard) -> Answer:
        from explorer.embeddings.training.lexicon import count_tags, write_lexicon
        from explorer.questions.made import Made

        tell = self._stopping(progress, cancelled)
        counts = count_tags(self.corpus, self.every, progress=lambda share: tell("tagging", share))
        write_lexicon(self.out, counts, self.source or ())
        return Made(
            {"file": str(self.out), "words": len(counts.tags), "tagged_words": counts.tagged_words},
            _(
                "{out}: {tags:,} words from {tagged_words:,} tagged ones",
                out=self.out,
                tags=len(counts.tags),
                tagged_words=counts.tagged_words,
            ),
        )


class Fit(Job):
    """Train a translator on sentence pairs.

    The pairs are tab-separated: source and target, or part (train, validation, test), source and target. Ctrl-C stops
    and keeps what was learnt.
    """

    room = _("Transformer")
    pairs: Path = parameter.file(REQUIRED, _("the file of sentence pairs"), positional=True, example="pairs.tsv")
    out: Path = parameter.file(REQUIRED, _("the checkpoint to write, a .safetensors file"), example="mine.safetensors")
    vectors: str | None = parameter.model(_("start the source table from this model's vectors; drawn where left open"))
    projection: str | None = parameter.choice(
        None,
        ("pca", "learned"),
        _(
            "how vectors of another size come to d_model: by PCA, or by a matrix that is trained, which can make them "
            "wider, too; by PCA where left open"
        ),
    )
    frozen: bool = parameter.flag(_("keep the source table as it starts"))
    thaw: int | None = parameter.whole(
        None, 1, recipe_bounds.MOST_STEPS, _("keep the source table as it starts for so long"), unit=_("steps")
    )
    d_model: int = parameter.whole(
        64, 1, recipe_bounds.MOST_D_MODEL, _("width of the model"), unit=_("dimensions"), label=_("d_model")
    )
    heads: int = parameter.whole(4, 1, recipe_bounds.MOST_HEADS, _("attention heads; they divide d_model"))
    layers: int = parameter.whole(2, 1, recipe_bounds.MOST_LAYERS, _("encoder blocks, and as many decoder blocks"))
    d_ff: int | None = parameter.whole(
        None,
        1,
        recipe_bounds.MOST_D_FF,
        _("width of the feed-forward layer; 4 d_model where left open"),
        unit=_("dimensions"),
        label=_("d_ff"),
    )
    norm: str = parameter.choice("pre", NORMS, _("layer norm before each sub-layer, or after it"))
    dropout: float = parameter.number(
        0.1, 0, recipe_bounds.HIGHEST_DROPOUT, _("share of the values that are dropped while it trains")
    )
    epochs: int = parameter.whole(30, 1, recipe_bounds.MOST_EPOCHS, _("how often all pairs are seen"))
    batch: int = parameter.whole(32, 1, recipe_bounds.MOST_IN_BATCH, _("how many in a step"), unit=_("sentences"))
    rate: float | None = parameter.number(
        None,
        0,
        recipe_bounds.HIGHEST_RATE,
        _(
            "the learning rate, {rate:g} where left open; with a warm-up a factor on the paper's, whose "
            "highest is 1/√(d_model · warm_up), {factor:g} where left open",
            rate=recipe_bounds.RATE,
            factor=recipe_bounds.FACTOR,
        ),
        above=True,
        label=_("Learning rate"),
    )
    warm_up: int = parameter.whole(
        0,
        0,
        recipe_bounds.MOST_STEPS,
        _("how long the rate rises, to fall from then on (Vaswani et al. 2017, section 5.3); 0 is a constant rate"),
        unit=_("steps"),
    )
    smoothing: float = parameter.number(0.0, 0, recipe_bounds.HIGHEST_SMOOTHING, _("label smoothing"))
    patience: int = parameter.whole(
        0,
        0,
        recipe_bounds.MOST_EPOCHS,
        _("stop after so many without a better validation; 0 never stops early"),
        unit=_("epochs"),
    )
    seed: int = parameter.whole(0, 0, bounds.HIGHEST_SEED, _("of the weights, of batches and of dropout"))

    def check(self) -> None:
        if self.frozen and self.thaw is not None:
            raise UserError(_("frozen keeps the table for good, thaw for some steps: give only one."))

    def prepare(self) -> Fitting:
        """All that is checked before the training. Raises UserError for what cannot be done."""
        from explorer.initialisation.fit import Fitting
        from explorer.transformer.model import Configuration
        from explorer.transformer.training import Recipe

        sizes = {name: getattr(self, name) for name in ("d_model", "heads", "layers", "d_ff", "norm", "dropout")}
        usual = recipe_bounds.FACTOR if self.warm_up else recipe_bounds.RATE
        recipe = Recipe(
            epochs=self.epochs,
            batch_size=self.batch,
            rate=usual if self.rate is None else self.rate,
            warm_up_steps=self.warm_up,
            smoothing=self.smoothing,
            patience=self.patience,
            frozen=("source.table",) if self.frozen or self.thaw else (),
            thaw=self.thaw or 0,
            seed=self.seed,
        )
        configuration = Configuration(**sizes, scaled=True, tied=True)
        return Fitting(self.pairs, self.out, configuration, recipe, self.vectors, self.projection)

    def answer(self, progress: Progress = silent, cancelled: Cancelled = never, announce: Announce = unheard) -> Answer:
        """What was learnt is kept where it is cancelled, too."""
        fitting = self.prepare()
        for note in fitting.notes:
            announce(note)
        fitting.train(lambda training: progress("training", training.step / fitting.steps), cancelled)
        return self.made(fitting, announce)

    def made(self, fitting: Fitting, announce: Announce) -> Answer:
        """The answer of a fitting that was trained."""
        from explorer.answers import Table
        from explorer.questions.made import Made

        card = fitting.finish(announce)
        return Made(
            card,
            _("{out}: {steps} steps on {pairs:,} pairs", out=self.out, steps=card["steps"], pairs=card["pairs"]),
            fitting.notes,
            Table(("measure", "value"), tuple(card.get("test", {}).items())),
        )


class Compare(Job):
    """Compare ways to start the embeddings by training from each, with intervals and tests.

    A plan is carried out: every arm from every seed at every size, each arm's learning rate searched for with the same
    budget. What was computed before is taken from there, and what is interrupted goes on where it stopped.
    """

    room = _("Comparing")
    plan: str | None = parameter.text(
        None,
        _("a TOML file, one of quick, phrase-book, parts-of-speech, or the name of one's own"),
        positional=True,
        example="phrase-book",
    )
    quick: bool = parameter.flag(_("the plan “quick”: a first look in a minute or two"))
    fresh: bool = parameter.flag(_("take nothing from earlier results"))
    workers: int | None = parameter.whole(
        None, 1, defaults.MOST_WORKERS, _("how many work side by side; one a core where left open"), unit=_("processes")
    )
    scheduler: str = parameter.text(
        "", _("run on a Dask cluster: the address of its scheduler, such as tcp://host:8786")
    )
    out: Path | None = parameter.file(None, _("the folder of results; results/NAME where left open"))
    report: Path | None = parameter.file(
        None, _("write a report as well: .html, .zip (Markdown and figures), .md, .csv, .parquet or .toml")
    )

    def check(self) -> None:
        if bool(self.plan) == self.quick:
            raise UserError(_("Give the path or the name of one plan, or quick alone."))
        if self.report is None:
            return
        if self.report.suffix[1:] not in FORMATS:
            raise UserError(
                _(
                    "{report} is not a kind of report. Use a name that ends in {formats}.",
                    report=self.report,
                    formats=", ".join(FORMATS),
                )
            )
        if not self.report.parent.is_dir():
            raise UserError(_("There is no folder {parent} for the report. Make it first.", parent=self.report.parent))

    def answer(self, progress: Progress = silent, cancelled: Cancelled = never, announce: Announce = unheard) -> Answer:
        from explorer.initialisation import library, runner
        from explorer.initialisation.report import write_report
        from explorer.initialisation.summary import Summary

        plan = self.asked
        if plan.too_few_seeds:
            announce(plan.too_few_seeds)
        at_hand = None if self.fresh or self.out else library.finished(plan)
        summary = Summary(
            at_hand
            or runner.run(
                plan,
                self.out or library.own_folder(plan),
                self.workers,
                self.scheduler,
                self.fresh,
                lambda run: progress(run.counted, run.share),
                cancelled,
            )
        )
        for problem in (*summary.collected.problems, *summary.collected.failures):
            announce(problem)
        if self.report:
            write_report(summary, self.report)
        return summary

    @property
    def asked(self) -> Plan:
        """The plan. Raises PlanError for one that is not there or makes no sense."""
        from explorer.initialisation import library
        from explorer.initialisation import plan as plans

        name = plans.QUICK if self.quick else self.plan or ""
        if name in plans.NAMES:
            return plans.shipped(name)
        return library.plan(name) if name in library.names() else plans.read(Path(name))


class Watch(Question):
    """A training in the page: *Watch it learn* draws its controls from this.

    With the defaults it answers "you are welcome" with "de nada" at the end, after some four seconds. Of the whole
    phrase book, in which that is 1 pair of 8,234, so many updates learn the grammar and no idiom.
    """

    room = _("Transformer")
    is_long = True
    data: str = parameter.choice(
        HANDWRITTEN, (HANDWRITTEN, PHRASE_BOOK, PASTED), _("what it learns from"), label=_("Pairs")
    )
    vectors: str | None = parameter.model(
        _("start the source table from this model's vectors; drawn where left open"), label=_("Embeddings start")
    )
    d_model: int = parameter.whole(
        32, 2, recipe_bounds.MOST_WATCHED_D_MODEL, _("width of the model"), unit=_("dimensions"), label=_("d_model")
    )
    heads: int = parameter.whole(4, 1, recipe_bounds.MOST_WATCHED_HEADS, _("attention heads; they divide d_model"))
    layers: int = parameter.whole(
        1, 1, recipe_bounds.MOST_WATCHED_LAYERS, _("encoder blocks, and as many decoder blocks")
    )
    updates: int = parameter.whole(200, 1, recipe_bounds.MOST_WATCHED, _("how many steps it learns"))
    batch: int = parameter.whole(
        128,
        1,
        recipe_bounds.MOST_WATCHED_IN_BATCH,
        _("how many in an update"),
        unit=_("pairs"),
        label=_("Pairs an update"),
    )
    rate: float = parameter.number(
        0.01, 0, recipe_bounds.HIGHEST_RATE, _("the learning rate"), above=True, label=_("Learning rate")
    )
    seed: int = parameter.whole(0, 0, 999_999_999, _("of the weights and of batches"))

    def learning(self, pasted: str = "") -> tuple[Learning, str]:
        """The training, ready to start, and what it is in a sentence. Raises UserError for what cannot be done."""
        from explorer.data import pairs as data
        from explorer.data.pairs import TRAIN, VALIDATION
        from explorer.embeddings import catalog
        from explorer.initialisation.fitting import new_translator, word_pairs
        from explorer.lessons.learning import Learning
        from explorer.transformer.model import Configuration
        from explorer.transformer.training import Recipe

        few, origin = "", ""
        if self.data == PHRASE_BOOK:
            pairs, origin = data.read_pairs(data.PHRASEBOOK), data.PHRASEBOOK_ORIGIN
        elif self.data == HANDWRITTEN:
            pairs, few = data.handwritten(), _("All of them are learnt from, so none is left for validation.")
        else:
            pairs, few = data.parse_pairs(pasted, _("The pasted text"), self.seed), _TOO_FEW
        train, validation = word_pairs(pairs, TRAIN), word_pairs(pairs, VALIDATION)
        if not train:
            raise UserError(_("None of the pairs is for training. Write “train” into the first column of some."))
        configuration = Configuration(self.d_model, self.heads, self.layers, norm="pre", scaled=True, tied=True)
        embedding = catalog.load(self.vectors) if self.vectors else None
        translator, covered = new_translator(pairs, configuration, embedding, self.seed)
        recipe = Recipe(batch_size=self.batch, rate=self.rate, seed=self.seed)
        learning = Learning(translator, train, validation, recipe, self.updates)
        start = (
            _("{covered:,} of its source words start from {vectors}", covered=covered, vectors=self.vectors)
            if embedding
            else _("all tables and matrices start random")
        )
        sentences = [
            _(
                "{train:,} pairs of {source:,} source and {target:,} target words, {batch:,} of them in an update.",
                train=len(train),
                source=len(translator.source),
                target=len(translator.target),
                batch=min(self.batch, len(train)),
            ),
            few * (not validation),
            _(
                "d_model {d_model}, heads {heads}, layers {layers}, learning rate {rate:g}, seed {seed}; {start}.",
                d_model=self.d_model,
                heads=self.heads,
                layers=self.layers,
                rate=self.rate,
                seed=self.seed,
                start=start,
            ),
            origin,
        ]
        return learning, " ".join(filter(None, sentences))


JOBS: dict[str, type[Job]] = {
    job.name: job for job in (Import, Download, Export, Index, Train, Sisters, Lexicon, Fit, Compare)
}
"""Every job that a user can start, by name, in the order in which help and reference list them."""


def _model(card: Any) -> Answer:
    """The answer that is a model that came to be."""
    from explorer.questions.made import Made

    note = card.source.get("note")
    return Made(
        card.as_json(),
        _(
            "{name}: {words:,} words × {dimensions} dimensions, {source}",
            name=card.name,
            words=card.words,
            dimensions=card.dimensions,
            source=card.source["format"],
        ),
        (*((note,) if note else ()), _("To ask it: neighbours WORD --model {name}", name=card.name)),
    )
