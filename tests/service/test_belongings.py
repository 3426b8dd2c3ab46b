"""What people have made is theirs, at every door."""

import pytest
from streamlit.testing.v1 import AppTest

from explorer import places
from explorer.access import rights
from explorer.access.belongings import Belonging
from explorer.access.rights import HERE
from explorer.embeddings import catalog
from explorer.embeddings.importing import import_model
from explorer.errors import UserError
from explorer.initialisation import library
from explorer.questions.jobs import Compare
from explorer.questions.jobs.causes import Causes
from explorer.service.disk import check_disk
from explorer.service.talks import at_hand
from explorer.ui.initialisation import causes_view, comparisons
from explorer.ui.rights import check_model_name, may_remove
from tests.service.people import who
from tests.service.slow import occupied

pytest.importorskip("joserfc", reason="There is no Authlib: pip install -r requirements-dev.txt.")
from tests.service.provider import PEOPLE
from tests.test_lesson_page import unfolded
from tests.test_pages import sentences

DOORS = (
    "/api/v1/neighbours?word=king&model=bens",
    "/api/v1/similarity?first=king&second=queen&model=bens",
    "/api/v1/card?model=bens",
    "/bens/king/api/json/",
    "/bens/king__queen/api/similarity/",
    "/en/bens/king/",
    "/atlas?model=bens",
    "/talk/view?page=neighbours%3Fword%3Dking%26model%3Dbens",
    "/api/v1/side-by-side?word=king&models=ours,bens",
    "/api/v1/atlas?model=ours&over=bens",
)


OF_COMPARISONS = (
    "/api/comparisons/bens",
    "/api/v1/comparison?comparison=bens",
    "/api/v1/comparison-rows?comparison=bens",
    "/api/v1/together?comparisons=bens,phrase-book&arm=x",
    "/talk/view?page=comparison%3Fcomparison%3Dbens",
    "/talk/view?page=initialisation%3Frun%3Dbens",
)


def test_no_door_shows_somebody_elses_model_also_after_its_owner_has_asked(of_ben, log_in):
    ben, eve = log_in("ben"), log_in("eve")
    for path in DOORS:
        known, unseen = ben.get(path), eve.get(path)
        if "atlas" not in path:  # which this model lacks, as its owner is told
            assert known.status_code in (200, 302), path
        assert (unseen.status_code, "no model called “bens”" in unseen.text) == (404, True), path
    for path in OF_COMPARISONS:
        known, unseen = ben.get(path), eve.get(path)
        assert "no comparison “bens”" not in known.text, path
        assert (unseen.status_code, "no comparison “bens”" in unseen.text) == (404, True), path
    for name, body in (("neighbours", {"word": "king", "model": "bens"}), ("comparison", {"comparison": "bens"})):
        known, unseen = (each.post(f"/api/v1/{name}", json=body) for each in (ben, eve))
        assert "“bens”. There are" not in known.text
        assert (unseen.status_code, "“bens”. There are" in unseen.text) == (404, True)


def test_a_name_that_no_file_can_have_is_one_that_no_model_has(of_ben, log_in):
    client = log_in("ben")
    for answer in (
        client.get("/api/v1/neighbours?word=airplane&model=%00"),
        client.post("/api/v1/neighbours", json={"word": "airplane", "model": "x\0"}),
        client.get("/api/v1/comparison?comparison=x%00"),
    ):
        assert answer.status_code == 404, answer.text


def test_the_models_of_a_person_take_so_much_of_the_disk_and_no_more(of_ben, log_in, set_up, tmp_path):
    ben = who(log_in("ben"))
    set_up(tmp_path / "login.toml", disk=1)
    own = catalog.card("bens").size
    check_disk(2**30)  # at the machine itself
    with rights.acting(ben):
        check_disk(2**20 - own)
        with pytest.raises(
            UserError, match=r"Your models take 1 kB, .* but one visitor’s may take 1\.0 MB here\. Remove one first"
        ):
            check_disk(2**20 - own + 1)


def test_the_names_of_the_catalogue_are_for_its_models(of_ben, log_in):
    with rights.acting(who(log_in("ben"))):
        check_model_name("mine")
        for name in ("glove-wiki-gigaword-50", "cc.fr.300.vec"):
            with pytest.raises(UserError, match=f"“{name}” is a model of the catalogue, which all may download. Take"):
                check_model_name(name)
    with rights.acting(HERE):
        check_model_name("glove-wiki-gigaword-50")


def test_what_a_person_made_is_theirs_until_it_is_shared(of_ben, log_in):
    ada, ben, eve = (log_in(name) for name in PEOPLE)

    def seen(client):
        answer = client.get("/api/models/bens/neighbours/king")
        listed = "bens" in {each["name"] for each in client.get("/api/v1/models").json()["models"]}
        compared = "bens" in {each["name"] for each in client.get("/api/comparisons").json()}
        assert listed == compared == (answer.status_code == 200)
        return listed

    assert [seen(each) for each in (ada, ben, eve)] == [True, True, False]
    unseen = eve.get("/api/models/bens/neighbours/king").json()["error"]
    assert unseen.startswith("There is no model called “bens”. There are: ")
    assert "bens," not in unseen
    assert eve.get("/api/models/ours/neighbours/king").status_code == 200
    for store in (catalog, library):
        store.share("bens", True)
    assert seen(eve)
    for client, may in ((ada, True), (ben, True), (eve, False)):
        assert who(client).may_remove(catalog.belonging("bens")) == may
        assert who(client).may_remove(library.belonging("bens")) == may
    assert not who(ben).may_remove(catalog.belonging("ours"))
    catalog.share("bens", False)
    library.remove("bens")
    assert "bens" not in library.names()
    assert eve.get("/api/models/bens/neighbours/king").status_code == 404


def test_a_comparison_that_runs_is_not_removed_and_names_are_told_apart(of_ben, log_in, monkeypatch, jobs_in_threads):
    monkeypatch.setattr("streamlit.session_state", {})
    ben, eve = who(log_in("ben")), who(log_in("eve"))
    plan = library.plan("bens")
    is_under_way = pytest.raises(UserError, match="“bens” is under way")
    with occupied(Compare.kind, "bens", ben), rights.acting(ben), is_under_way:
        comparisons.remove("bens")
    with rights.acting(eve):
        with pytest.raises(UserError, match="Somebody else has a comparison called “bens”"):
            comparisons.check_own("bens", plan)
        key = causes_view._key(Causes(comparison="phrase-book"))
    (library.RESULTS / "commands").mkdir()
    (library.RESULTS / "commands" / library.PLAN_FILE).write_text(plan.as_toml())
    with rights.acting(eve), pytest.raises(UserError, match="A command made “commands”"):
        comparisons.check_own("commands", plan)
    with rights.acting(ben):
        of_bens = causes_view._key(Causes(comparison="bens"))
        comparisons.remove("bens")
    with rights.acting(eve):
        assert not library.has_begun("bens")
        library.keep_for("bens", eve.belonging)
        (library.RESULTS / "bens" / library.PLAN_FILE).write_text(plan.as_toml())
        assert len({key, of_bens, causes_view._key(Causes(comparison="bens"))}) == 3


def test_a_download_is_seen_by_all_and_removed_by_who_has_it(of_ben, log_in, tmp_path):
    ben, eve = who(log_in("ben")), who(log_in("eve"))
    with rights.acting(ben):
        about = rights.somebody().belonging_of_all
    import_model(tmp_path / "vectors.txt", "downloaded", about=about.entries)
    with rights.acting(eve):
        assert catalog.load("downloaded").words.count("king") == 1
        assert not may_remove("downloaded")
    with rights.acting(ben):
        assert may_remove("downloaded")
    with rights.acting(HERE):
        assert rights.somebody().belonging_of_all == Belonging()


def test_what_is_kept_of_a_shared_model_is_not_shown_when_it_is_shared_no_more(of_ben, log_in, monkeypatch):
    monkeypatch.setattr("explorer.ui.rights.is_here", lambda: False)
    monkeypatch.setattr("streamlit.runtime.context.ContextProxy.cookies", dict(log_in("eve").cookies))

    monkeypatch.setattr(places, "MODELS", catalog.MODELS)

    def said():
        app = AppTest.from_file("../../explorer/ui/shell.py", default_timeout=60)
        app.query_params.update(lesson="own", model="bens", source="king queen", encoder_only="true", d_model="2")
        page = unfolded(app.switch_page("../../pages/lesson.py").run())
        return [each for each in sentences(page) if "bens" in each]

    with rights.acting(HERE):
        catalog.share("bens", True)
        state = at_hand()
    assert any("vectors are those of bens" in each for each in said())
    with rights.acting(HERE):
        catalog.share("bens", False)
        assert at_hand() != state
    assert "There is no model called “bens”" in said()[0]
