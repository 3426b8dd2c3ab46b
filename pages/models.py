"""Models: those at hand with their cards, importing a file of vectors, downloading from the catalogue."""

import shutil
from contextlib import ExitStack
from pathlib import Path

import streamlit as st

from explorer.answers import size_written
from explorer.embeddings import catalog
from explorer.embeddings.downloads import download, downloadable
from explorer.embeddings.formats.packing import PACKINGS
from explorer.embeddings.formats.recognition import titles
from explorer.embeddings.importing import check_name, files_at_hand, import_model, name_for, remove
from explorer.embeddings.store import writing
from explorer.errors import UserError
from explorer.files import whole_folder
from explorer.places import label
from explorer.questions.models import Models
from explorer.texts import _
from explorer.ui.copy_as import copy_as
from explorer.ui.jobs import forget, forget_ended, jobs, jobs_to_show, may_cancel, start
from explorer.ui.messages import as_label, problems_shown, say
from explorer.ui.navigation import NEIGHBOURS
from explorer.ui.rights import CLOSED, may_change

EVERY = 0.5  # seconds between two looks at what is going on
SCORES = {"analogies": _("analogies"), "wordsim353": "WordSim-353", "simlex999": "SimLex-999"}
IMPORT, DOWNLOAD = "Import", "Download"
UPLOADED = _("an upload")


def line(*facts):
    if text := " · ".join(filter(None, facts)):
        st.markdown(as_label(text))


def show_card(name):
    card = catalog.card(name)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader(as_label(card.title), anchor=False, width="content")
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            st.page_link(NEIGHBOURS, label=_("Explore"), query_params={"model": name})
            if card.source and may_change():
                with st.popover(_("Remove")):
                    st.markdown(_("This deletes {size}.", size=size_written(card.size)))
                    if st.button(as_label(_("Remove {name}", name=name)), key=f"remove {name}"):
                        remove(name)
                        st.rerun()
    scores = (f"{label} {card.scores[score]:.3f}" for score, label in SCORES.items() if score in card.scores)
    line(
        _("{words:,} words × {dimensions} dimensions", words=card.words, dimensions=card.dimensions),
        size_written(card.size),
        *scores,
    )
    line(card.corpus.get("name", ""), card.corpus.get("licence", ""))
    if card.source:
        line(_("{format} file {file}, imported on {date}", **card.source))
        line(card.source.get("note", ""))
    line(card.description)


def keep(upload, folder):
    """A file that was uploaded, on disk under its own name."""
    folder.mkdir()
    path = folder / Path(upload.name.replace("\0", "")).name
    with path.open("wb") as out:
        shutil.copyfileobj(upload, out)
    return path


def import_files(name, file, metadata, strict, uploads):
    """Import in a thread of its own, at whose end what was kept for it goes."""

    def work(tell, stopped):
        with uploads:
            card = import_model(
                file,
                name,
                metadata=metadata,
                strict=strict,
                progress=lambda share: tell("importing", share),
                cancelled=stopped,
            )
            note = card.source.get("note", "")
            return _(
                "{title} is imported: {words:,} words × {dimensions} dimensions. {note}",
                title=card.title,
                words=card.words,
                dimensions=card.dimensions,
                note=note,
            ).rstrip()

    try:
        start(IMPORT, name, work)
    except UserError:
        uploads.close()
        raise


def import_upload(name, upload, words, strict):
    remedy = _("name another folder in the environment variable EXPLORER_CACHE")
    with writing(_("The upload"), catalog.CACHE, remedy), ExitStack() as stack:
        folder = stack.enter_context(whole_folder(catalog.CACHE / "upload"))
        file = keep(upload, folder / "vectors")
        metadata = keep(words, folder / "metadata") if words else None
        uploads = stack.pop_all()
    import_files(name, file, metadata, strict, uploads)


def fetch(name):
    def work(tell, stopped):
        card = download(name, tell, stopped)
        note = card.source.get("note", "")
        return _(
            "{title} is installed: {words:,} words × {dimensions} dimensions. {note}",
            title=card.title,
            words=card.words,
            dimensions=card.dimensions,
            note=note,
        ).rstrip()

    start(DOWNLOAD, name, work)


def going_on(kind):
    """What of a kind is under way or has ended; looks again by itself while something is."""
    running = [job for job in jobs(kind) if job.running]

    @st.fragment(run_every=EVERY if running else None)
    def show():
        for job in jobs_to_show(kind):
            with st.container(horizontal=True, vertical_alignment="center"):
                if job.running:
                    st.progress(job.share, f"{as_label(job.name)}: {job.stage}, {job.share:.0%}")
                    if may_cancel(job):
                        st.button(_("Cancel"), key=f"cancel {kind} {job.name}", on_click=job.cancel)
                else:
                    say(job.problem or job.outcome, "problem" if job.problem else "note")
                    st.button(_("Dismiss"), key=f"dismiss {kind} {job.name}", on_click=forget, args=(job,))
        if not all(job.running for job in running):
            st.rerun()  # what has ended changes the rest of the page

    show()


def import_one():
    st.header(_("Import a file of vectors"), anchor=False)
    st.markdown(
        _(
            "These files can be read: {titles}; also packed with {packings}. The format is detected. You can also "
            "choose a file in the server’s folder `{models}`.",
            titles=titles(),
            packings=", ".join(PACKINGS),
            models=label(catalog.MODELS),
        )
    )
    places = [UPLOADED, *files_at_hand()]
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
        _("Refuse a file with a row that cannot be used"),
        help=_("Otherwise a few such rows are left out, and the card says which."),
    )
    if pressed:
        forget_ended(IMPORT)
        with problems_shown():
            check_name(name)
            if upload:
                import_upload(name, upload, words, strict)
            else:
                import_files(name, catalog.MODELS / place, None, strict, ExitStack())
            st.rerun()
    going_on(IMPORT)


def download_one():
    st.header(_("Download from the gensim-data catalogue"), anchor=False)
    st.markdown(
        _(
            "Nothing is fetched until you press a button. An interrupted download resumes. The checksum is compared "
            "before anything is imported."
        )
    )
    going_on(DOWNLOAD)
    at_hand = set(catalog.names())
    busy = {job.name for job in jobs(DOWNLOAD) if job.running}
    for model in downloadable():
        what, much, size, licence, action = st.columns([9, 6, 3, 5, 3], vertical_alignment="center")
        what.markdown(as_label(model.title))
        much.markdown(_("{words:,} words × {dimensions}", words=model.words, dimensions=model.dimensions))
        size.markdown(size_written(model.size))
        licence.markdown(as_label(model.licence))
        if model.name in at_hand:
            action.markdown(_("installed"))
        else:
            with problems_shown():
                if action.button(_("Download"), key=f"download {model.name}", disabled=model.name in busy):
                    fetch(model.name)
                    st.rerun()


with st.container(horizontal_alignment="center"), st.container(width=1120):
    st.set_page_config(page_title="Models")
    st.title(_("Models"), anchor=False)

    st.header(_("Installed"), anchor=False)
    for name in catalog.names():
        with st.container(border=True), problems_shown():
            show_card(name)

    if may_change():
        import_one()
        download_one()
    else:
        say(CLOSED)

    copy_as(Models())
