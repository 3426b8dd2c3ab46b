"""Models: those at hand compared, one of them with its card and a verdict, importing a file of vectors, downloading
from the catalogue."""

import shutil
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from explorer.answers import extent_written, size_written
from explorer.embeddings import catalog, verdict
from explorer.embeddings.downloadable import downloadable
from explorer.embeddings.formats.packing import PACKINGS
from explorer.embeddings.formats.recognition import titles
from explorer.embeddings.importing import files_at_hand, name_for
from explorer.embeddings.search.nearest import trust
from explorer.embeddings.store import writing
from explorer.places import label
from explorer.questions.jobs import Download, Import
from explorer.questions.models import Models, Verdict
from explorer.service.disk import check_disk
from explorer.texts import _
from explorer.ui.action_bar import action_bar
from explorer.ui.centred import centred
from explorer.ui.declared import control
from explorer.ui.job_list import job_list
from explorer.ui.jobs import (
    folder,
    forget_ended,
    forget_what_was_read,
    jobs_to_show,
    remove_model,
    running,
    start,
)
from explorer.ui.left_out import say_what_is_left_out
from explorer.ui.messages import as_label, problems_shown, say
from explorer.ui.navigation import HEALTH, NEIGHBOURS, SIDE_BY_SIDE, is_arrival
from explorer.ui.parameters import folded
from explorer.ui.plain_table import Cell, Column, plain_table
from explorer.ui.rights import CLOSED, check_model_name, may_administer, may_change, may_remove

UPLOADED = _("an upload")
DOWNLOADS = [23, 3]  # widths of what a model is, and of its button
MODEL = control(Verdict, "model")


HEADINGS = [
    Column(_("model")),
    Column(_("words"), number=True),
    Column(_("dimensions"), number=True),
    Column(_("size"), number=True),
    Column(_("analogies"), _("The share of Google’s English analogies that 3CosAdd answers correctly"), True),
    Column("WordSim-353", _("Spearman’s ρ with how related people find two English words"), True),
    Column("SimLex-999", _("Spearman’s ρ with how similar people find two English words"), True),
    Column(_("hubness"), _("The skewness of how often words are neighbours; 0 is even"), True),
    Column(_("mean cosine"), _("Of random words; 0 is best"), True),
]
MEASURES = ("analogies", "wordsim353", "simlex999", "hubness", "mean_cosine")


def paragraph(*facts):
    if text := " · ".join(filter(None, facts)):
        st.markdown(as_label(text))


def newest():
    """The model that this visitor has just made."""
    ended = [
        job
        for kind in (Import.kind, Download.kind)
        for job in jobs_to_show(kind)
        if not job.running and not job.problem
    ]
    return [job.name for job in ended if job.name in catalog.names()]


def show_table(chosen):
    """All models with what is known of them, to compare."""
    cards, problems = catalog.cards()
    rows = [
        [
            Cell(card.name, f"?{urlencode({'model': card.name})}"),
            Cell(f"{card.words:,}"),
            Cell(f"{card.dimensions:,}"),
            Cell(size_written(card.size)),
            *(Cell(f"{values[name]:.3f}" if name in values else "–") for name in MEASURES),
        ]
        for card in cards
        for values in [verdict.known(card)]
    ]
    names = [card.name for card in cards]
    plain_table(
        _("Choose a model to read about it."), HEADINGS, rows, "models", names.index(chosen) if chosen in names else -1
    )
    for problem in problems:
        say(problem, "problem")


def show_card(name):
    card = catalog.card(name)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader(as_label(card.name), anchor=False, width="content")
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            here = {"model": name}
            st.page_link(NEIGHBOURS, label=_("Explore"), query_params=here)
            st.page_link(HEALTH, label=_("Health in full"), query_params={"models": name})
            if len(catalog.names()) > 1:
                st.page_link(SIDE_BY_SIDE, label=_("Side by side"))
            if card.source and may_remove(name):
                with st.popover(_("Remove")):
                    st.markdown(_("This deletes {size}.", size=size_written(card.size)))
                    if st.button(as_label(_("Remove {name}", name=name)), key=f"remove {name}"):
                        remove_model(name)
                        st.query_params.pop(MODEL.name, None)
                        st.rerun()
    paragraph(
        card.title if card.title != card.name else "",
        extent_written(card.words, card.dimensions),
        size_written(card.size),
    )
    paragraph(card.corpus.get("name", ""), card.corpus.get("licence", ""))
    if card.source:
        paragraph(_("{format} file {file}, imported on {date}", **card.source))
        paragraph(card.source.get("note", ""))
    if card.engine:
        paragraph(_("Its vectors are in an engine."))
        paragraph(trust(card.engine["all"], card.engine["probes"]))
    show_verdict(name, card)
    if card.description:
        st.markdown(_("**How it was made**"))
        paragraph(card.description)
    if card.differs:
        st.markdown(_("**How it differs from published vectors**"))
        paragraph(card.differs)


@st.fragment  # so that measuring leaves the rest of the page as it is
def show_verdict(name, card):
    """What it is good for, by which rules; measured when it is asked for, where its card does not know."""
    bar = st.empty()
    if not verdict.is_known(card):
        st.markdown(_("The benchmarks and the health of this model have not been measured here yet."))
        if not st.button(_("Measure it"), key=f"measure {name}"):
            return
    with problems_shown():
        measuring = _("Measuring {name} …", name=as_label(name))

        def progress(_stage, share):
            bar.progress(share, measuring)

        answer = Verdict(model=name).answer(progress)
        bar.empty()
        for title, kind in ((_("Good for"), verdict.GOOD), (_("Beware of"), verdict.BEWARE)):
            if sentences := answer.of(kind):
                st.markdown(f"**{title}**\n\n" + "\n".join(f"- {as_label(sentence)}" for sentence in sentences))
        with folded(_("The measures and their rules"), "rules") as part:
            if part.open:
                rows = [[Cell(text) for text in row] for row in answer.written_rows]
                columns = [
                    Column(_("measure")),
                    Column(_("value"), number=True),
                    Column(_("rule")),
                    Column(_("verdict")),
                ]
                plain_table(_("What the verdict is made of"), columns, rows, "rules_table")


def keep(upload, folder):
    """A file that was uploaded, on disk under its own name."""
    folder.mkdir()
    path = folder / Path(upload.name.replace("\0", "")).name
    with path.open("wb") as out:
        shutil.copyfileobj(upload, out)
    return path


def import_upload(name, upload, words, strict):
    remedy = _("name another folder in the environment variable EXPLORER_CACHE")
    with writing(_("The upload"), catalog.CACHE, remedy), folder() as place:
        file = keep(upload, place / "vectors")
        metadata = keep(words, place / "metadata") if words else None
        start(name, Import(file=file, model_name=name, metadata=metadata, strict=strict), place)


def member_of(family, place):
    """The member of a family whose language or number is chosen."""
    if family.languages:
        title = _("{title}: language", title=as_label(family.subject))
        choice = place.selectbox(title, family.languages, key=f"choice {family.name}")
    else:
        title = _("{title}: number", title=as_label(family.subject))
        choice = place.number_input(title, 1, 9_999, key=f"choice {family.name}")
    return family.member(str(choice))


def link_to(job):
    """From how work ended to the model that it made."""
    if not job.problem and job.name in catalog.names():
        label = _("Explore {name} →", name=as_label(job.name))
        st.page_link(NEIGHBOURS, label=label, query_params={"model": job.name})


def import_one():
    st.header(_("Import a file of vectors"), anchor=False)
    st.markdown(
        _(
            "Files of word2vec, GloVe, fastText, NumPy, CSV, JSON and more can be read, also packed. The format is "
            "detected."
        ),
        help=_(
            "These files can be read: {titles}; also packed with {packings}.",
            titles=titles(),
            packings=", ".join(PACKINGS),
        ),
    )
    places = [UPLOADED, *files_at_hand()]
    if may_administer():
        folder = label(catalog.MODELS)
        st.markdown(
            _("You can also choose a file in the server’s folder `{models}`.", models=folder)
            if len(places) > 1
            else _(
                "You can also put a file into the server’s folder `{models}`, load this page again and choose it here.",
                models=folder,
            )
        )
    place = st.selectbox(_("The file"), places, width=330) if len(places) > 1 else UPLOADED
    upload = words = None
    if place == UPLOADED:
        upload = st.file_uploader(_("A file of vectors"), width=676)
        words = st.file_uploader(_("Its metadata or list of words, if it has numbers only"), width=676)
    file = upload.name if upload else place
    with st.container(horizontal=True, vertical_alignment="bottom"):
        own = name_for(file) if file != UPLOADED else _("like the file")
        name = st.text_input(_("Name of the model"), placeholder=own, key="name", width=330).strip() or own
        pressed = st.button(_("Import"), disabled=file == UPLOADED)
    strict = st.checkbox(
        _("Import nothing if any line is wrong"),
        help=_("Otherwise a few wrong lines are left out, and the model's card names them."),
    )
    if pressed:
        forget_ended(Import.kind)
        with problems_shown():
            check_model_name(name)
            check_disk(upload.size if upload else (catalog.MODELS / place).stat().st_size)
            if upload:
                import_upload(name, upload, words, strict)
            else:
                start(name, Import(file=catalog.MODELS / place, model_name=name, strict=strict))
            st.rerun()
    job_list(Import.kind, beside_its_end=link_to)


def download_one():
    st.header(_("Download from the catalogue"), anchor=False)
    st.markdown(
        _(
            "Nothing is fetched until you press a button. An interrupted download resumes. Before anything is "
            "imported, the file is compared with its published checksum. If none is published, it is compared with the "
            "checksum in the archive, which detects damage but no tampering."
        )
    )
    job_list(Download.kind, beside_its_end=link_to)
    st.columns(DOWNLOADS)[0].markdown(_("**Model** · words × dimensions, or the corpus · size · licence"))
    at_hand = set(catalog.names())
    busy = {job.name for job in running(Download.kind)}
    for entry in downloadable():
        what, action = st.columns(DOWNLOADS, vertical_alignment="center")
        model = member_of(entry, what) if entry.is_family else entry
        facts = [model.extent, size_written(model.size) if model.size else "", model.licence]
        text = " · ".join(as_label(fact) for fact in facts if fact)
        what.markdown(text if entry.is_family else f"**{as_label(model.title)}** · {text}")
        if model.name in at_hand:
            action.markdown(_("installed"))
        else:
            with problems_shown():
                if action.button(_("Download"), key=f"download {entry.name}", disabled=model.name in busy):
                    check_disk(model.size or 0)
                    start(model.name, Download(model_name=model.name))
                    st.rerun()


with centred():
    st.set_page_config(page_title="Models")
    st.title(_("Models"), anchor=False)

    if is_arrival():
        forget_what_was_read()

    say_what_is_left_out(MODEL, "rules")
    st.header(_("Installed"), anchor=False)
    chosen = MODEL.text if MODEL.is_set else [*newest(), *catalog.names(), ""][0]
    show_table(chosen)
    if chosen:
        with st.container(border=True), problems_shown():
            show_card(chosen)
    questions = [Models(), *([Verdict(model=chosen)] if chosen in catalog.names() else [])]
    action_bar(*questions, download=questions[0])

    if may_change():
        import_one()
        download_one()
    else:
        say(CLOSED)
