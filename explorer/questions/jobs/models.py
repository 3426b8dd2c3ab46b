"""Jobs on models: a file of vectors is imported, fetched or written, an index is built."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.answers import extent_written
from explorer.embeddings import bounds
from explorer.questions import parameter
from explorer.questions.jobs.job import Announce, Cancelled, Job, never, unheard
from explorer.questions.parameter import REQUIRED
from explorer.questions.question import Progress, silent
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.questions.made import Made


_ON_CARD = ("title", "words", "dimensions", "size", "description", "differs", "corpus", "training", "scores", "health")
"""What the card of a model says in an engine as well."""


class Import(Job):
    """Make a model of a file of vectors.

    Read word2vec (text or binary), GloVe, fastText, projector tables, NumPy's arrays, CSV, JSON Lines, Parquet, Arrow
    or safetensors, also packed, and make a model that can be asked by name. docs/formats.md lists what is read, and
    what becomes of rows that cannot be used. Ctrl-C leaves nothing behind.
    """

    python_name = "import_vectors"
    room = _("Models")
    kind, called = "Import", _("Import")
    names_what_it_makes = True
    cut_off = _("Nothing of it was kept: import the file again.")
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
    strict: bool = parameter.flag(
        _("import nothing if any row is wrong, where otherwise a few are left out and counted")
    )

    @property
    def bytes_of_disk(self) -> int:
        return self.file.stat().st_size if self.file.exists() else 0

    def answer(self, progress: Progress = silent, cancelled: Cancelled = never, announce: Announce = unheard) -> Made:
        from explorer.access import rights
        from explorer.embeddings.importing import import_model, name_for

        card = import_model(
            self.file,
            self.model_name or name_for(self.file.name),
            metadata=self.metadata,
            about=rights.somebody().belonging.entries,
            replace=self.replace,
            strict=self.strict,
            progress=lambda share: progress("importing", share),
            cancelled=cancelled,
        )
        return _model(
            card,
            _("{title} is imported: {extent}.", title=card.title, extent=extent_written(card.words, card.dimensions)),
        )


class Download(Job):
    """Fetch a model of the catalogue.

    Fetch a model that `models` lists as downloadable, compare its checksum and import it. In a name such as
    cc.LANGUAGE.300.vec, write a code for LANGUAGE: cc.fr.300.vec. After Ctrl-C or a cut, the next download goes on from
    there.
    """

    room = _("Models")
    kind, called = "Download", _("Download")
    cut_off = _("What was fetched is kept: download it again to go on.")
    model_name: str = parameter.text(
        REQUIRED,
        _("a model that `models` lists as downloadable"),
        longest=1_000,
        positional=True,
        label=_("Model"),
        aliases=["name"],
        example="glove-wiki-gigaword-50",
    )

    @property
    def bytes_of_disk(self) -> int:
        from explorer.embeddings.downloadable import entry

        return entry(self.model_name).size or 0

    def answer(self, progress: Progress = silent, cancelled: Cancelled = never, announce: Announce = unheard) -> Made:
        from explorer.access import rights
        from explorer.embeddings.downloads import download

        about = rights.somebody().belonging_of_all.entries
        card = download(self.model_name, progress, cancelled, about)
        return _model(
            card,
            _("{title} is installed: {extent}.", title=card.title, extent=extent_written(card.words, card.dimensions)),
        )


class Export(Job):
    """Write a model's vectors for other programs."""

    room = _("Models")
    model: str = parameter.model(_("the model to write"), default=REQUIRED, positional=True, example="wiki-en-glove")
    file: Path = parameter.file(
        REQUIRED, _("the file to write, gzipped if it ends in .gz"), positional=True, example="glove.txt.gz"
    )
    format: str | None = parameter.choice(
        None,
        bounds.EXPORT_FORMATS,
        _("how it is written; as the file's ending says where left open, and word2vec-text where it says nothing"),
    )

    def answer(self, progress: Progress = silent, cancelled: Cancelled = never, announce: Announce = unheard) -> Made:
        from explorer.answers import Table
        from explorer.embeddings import catalog
        from explorer.embeddings.formats.writing import export
        from explorer.questions.made import Made

        embedding, tell = catalog.load(self.model), self._stopping(progress, cancelled)
        ending = Path(self.file.name.removesuffix(".gz")).suffix.lower()
        form = self.format or bounds.FORMATS_BY_ENDING.get(ending, bounds.EXPORT_FORMATS[0])
        files = export(embedding, self.file, form, lambda share: tell("writing", share))
        return Made(
            {"model": embedding.name, "format": form, "files": [str(file) for file in files]},
            _("{name} was written as {format}.", name=embedding.name, format=form),
            rows=Table(("file", "bytes"), tuple((str(file), file.stat().st_size) for file in files)),
        )


class Push(Job):
    """Load a model into an engine, which holds more vectors than one machine.

    Load vectors, words, counts, tags and further columns into Milvus, in batches, and measure how many of the true
    nearest words it finds. After Ctrl-C or a cut, the next push goes on from there. The environment variable
    EXPLORER_ENGINE_TOKEN holds the token of a server. docs/scaling.md says when this pays. Needs pymilvus.
    """

    room = _("Models")
    model: str | None = parameter.model(_("the model to load"), positional=True, example="wiki-en-glove")
    to: str = parameter.text(
        REQUIRED,
        _("the engine: a server such as http://localhost:19530, or a file that ends in .db"),
        longest=2_000,
        label=_("Engine"),
        example="http://localhost:19530",
    )

    def answer(self, progress: Progress = silent, cancelled: Cancelled = never, announce: Announce = unheard) -> Made:
        from explorer.embeddings import catalog
        from explorer.embeddings.engine.connection import ADDRESS, at
        from explorer.embeddings.engine.entries import AT_ENGINE
        from explorer.embeddings.engine.pushing import push
        from explorer.embeddings.search.nearest import trust
        from explorer.errors import Cancelled
        from explorer.questions.made import Made

        def tell(doing: str, share: float) -> None:
            progress(doing, share)
            if cancelled():
                raise Cancelled(_("The push was cancelled. What is loaded stays: push again to go on."))

        embedding, engine = catalog.load(self.model), at(self.to)
        card = catalog.card(embedding.name).as_json()
        kept = {name: card[name] for name in _ON_CARD}
        pushed = push(embedding, kept, engine, tell)
        entry, recall = pushed.entry, pushed.entry.recall
        made = {
            "model": entry.name + AT_ENGINE,
            "words": entry.words,
            "loaded": pushed.loaded,
            "index": entry.index,
            "recall": asdict(recall) if recall else None,
        }
        if pushed.loaded:
            extent = extent_written(entry.words, entry.dimensions)
            line = _("{name} is in the engine: {extent}.", name=entry.name, extent=extent)
        else:
            line = _("{name} is in the engine already: nothing was loaded.", **vars(entry))
        sentences = [trust(recall.all, recall.probes)] if recall else []
        if embedding.subwords:
            sentences.append(_("Its subwords stay here: the engine knows no vectors of other words."))
        sentences.append(
            _(
                "To ask it: {variable}={address} explorer neighbours WORD --model {name}@engine",
                variable=ADDRESS,
                address=engine.address,
                name=entry.name,
            )
        )
        return Made(made, line, tuple(sentences))


class Index(Job):
    """Build an index for approximate search (needs faiss-cpu)."""

    room = _("Models")
    model: str | None = parameter.model(_("the model to build it for"), positional=True, example="wiki-en-glove")

    def answer(self, progress: Progress = silent, cancelled: Cancelled = never, announce: Announce = unheard) -> Made:
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


class Project(Job):
    """Compute the map of all words of a model.

    All words, or the 200,000 most frequent, are placed by t-SNE; clusters of three levels get names. The map is kept
    beside the model, in `atlas.npz`, in the place of one that is there. `atlas` asks it. 80,000 words take minutes.
    """

    room = _("Models")
    kind, called = "Map of all words", _("Map of all words")
    model: str | None = parameter.model(_("the model whose words to place"), positional=True, example="wiki-en-glove")
    perplexity: int = parameter.whole(
        bounds.PERPLEXITY_OF_ALL,
        2,
        bounds.HIGHEST_PERPLEXITY,
        _("about how many neighbours count"),
        unit=_("neighbours"),
    )
    seed: int = parameter.whole(0, 0, bounds.HIGHEST_SEED, _("of what is random"))

    def answer(self, progress: Progress = silent, cancelled: Cancelled = never, announce: Announce = unheard) -> Made:
        from explorer.embeddings import catalog
        from explorer.embeddings.atlas_part import AtlasPart
        from explorer.embeddings.map_words import MapWords
        from explorer.embeddings.placing import place_all, write_atlas
        from explorer.questions.made import Made

        embedding = catalog.load(self.model)
        atlas = place_all(embedding, self.perplexity, self.seed, self._stopping(progress, cancelled))
        size = write_atlas(embedding, atlas)
        part = AtlasPart(embedding, atlas, MapWords(()))
        made = {
            "model": embedding.name,
            "words": len(atlas.placed),
            "bytes": size,
            "true_neighbours": atlas.true_neighbours,
            "clusters": [cluster.name for cluster in part.clusters if cluster.level == 1],
        }
        return Made(made, part.headline, part.sentences)


def _model(card: Any, end: str) -> Made:
    """The answer that is a model that came to be; `end` says that it did."""
    from explorer.questions.made import Made

    note = card.source.get("note")
    return Made(
        card.as_json(),
        f"{card.name}: {extent_written(card.words, card.dimensions)}, {card.source['format']}",
        (*((note,) if note else ()), _("To ask it: neighbours WORD --model {name}", name=card.name)),
        end=f"{end} {note or ''}".rstrip(),
        warnings=(note,) if note and card.source.get("report") else (),
    )
