import math
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.initialisation import library
from explorer.initialisation import plan as plans
from explorer.initialisation.collected import collect
from explorer.initialisation.results import (
    Neighbour,
    Result,
    Results,
    ResultsError,
    as_table,
    read,
    sweep,
    write_table,
)
from explorer.initialisation.summary import Summary

ABOUT = {"task": "phrase book", "strategy": "unit, tuned", "search": False, "share": 0.2, "rate": 0.003}


def result(arm="random", seed=0, **changes):
    fields = {
        **ABOUT,
        "digest": f"{arm}-{seed}",
        "arm": arm,
        "seed": seed,
        "loss": 1.5,
        "steps": (0, 10),
        "validation_losses": (3.0, 1.0 / 3),
        "neighbours": (Neighbour("good", "after", "“bad”", 0.5, -3),),
    }
    return Result(**fields | changes)


def test_rows_come_back_as_they_were(tmp_path):
    results = Results(tmp_path / "new" / "folder")
    rows = [result(seed=seed, loss=math.pi / (seed + 1)) for seed in range(3)]
    for row in rows:
        results.add(row)
    again = Results(tmp_path / "new" / "folder")
    assert list(again.rows.values()) == rows
    assert not again.problems


def test_gathered_rows_are_the_same_and_lie_in_one_file(tmp_path):
    results = Results(tmp_path)
    for seed in (2, 0, 1):
        results.add(result(seed=seed))
    results.gather()
    assert [path.name for path in tmp_path.iterdir()] == ["results.parquet"]
    assert Results(tmp_path).rows == results.rows
    assert [row.seed for row in read(tmp_path / "results.parquet")] == [0, 1, 2]
    results.add(result(seed=9))
    results.gather()
    assert len(read(tmp_path / "results.parquet")) == 4


def test_a_killed_gathering_loses_nothing(tmp_path, monkeypatch):
    results = Results(tmp_path)
    for seed in range(3):
        results.add(result(seed=seed))
    monkeypatch.setattr(os, "unlink", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        results.gather()
    monkeypatch.undo()
    assert Results(tmp_path).rows == results.rows


def test_a_job_that_was_tried_again_has_the_newer_row_even_before_it_is_gathered(tmp_path):
    results = Results(tmp_path)
    results.add(result(digest="0", error="no memory"))
    results.gather()
    results.add(result(digest="0"))
    assert not Results(tmp_path).rows["0"].error


def test_gathering_keeps_rows_that_another_run_has_written_meanwhile(tmp_path):
    results, other = Results(tmp_path), Results(tmp_path)
    results.add(result(seed=0))
    other.add(result(seed=1))
    other.gather()
    results.gather()
    assert [row.seed for row in read(tmp_path / "results.parquet")] == [0, 1]


@settings(max_examples=25, deadline=None)
@given(share=st.floats(0, 0.999))
def test_a_file_that_is_cut_off_is_left_out_and_said(tmp_path_factory, share):
    folder = tmp_path_factory.mktemp("results")
    results = Results(folder)
    results.add(result(seed=0))
    results.add(result(seed=1))
    path = folder / "random-1.parquet"
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    left = Results(folder)
    assert list(left.rows) == ["random-0"]
    assert len(left.problems) == 1
    assert "random-1.parquet cannot be read" in left.problems[0]


def test_results_of_another_version_are_left_out_and_said(tmp_path):
    table = as_table([result()])
    pq.write_table(table.replace_schema_metadata({"layout": "0"}), tmp_path / "old.parquet")
    pq.write_table(table.drop_columns(["loss"]), tmp_path / "other.parquet")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "strange.parquet")
    results = Results(tmp_path)
    assert not results.rows
    assert [problem.count("made by another version") for problem in results.problems] == [1, 1, 1]
    assert all("are left out" in problem for problem in results.problems)


def test_results_that_lack_the_newest_columns_are_read_with_their_defaults(tmp_path):
    rows = [result(seed=seed) for seed in range(3)]
    older = as_table(rows).drop_columns(["bleu", "position_lengths", "neighbours"])
    write_table(older, tmp_path / "results.parquet")
    results = Results(tmp_path)
    assert list(results.rows.values()) == [replace(row, neighbours=()) for row in rows]
    assert results.problems == [
        "The results results.parquet were made by another version of this program: they lack bleu, position_lengths, "
        "neighbours, which count as empty or 0."
    ]


def test_columns_of_a_later_version_are_ignored_and_said_and_not_lost(tmp_path):
    path = tmp_path / "results.parquet"
    later = as_table([result()]).append_column("perplexity", pa.array([4.5]))
    write_table(later, path)
    results = Results(tmp_path)
    assert list(results.rows.values()) == [result()]
    (note,) = results.problems
    assert note.endswith("their columns perplexity are not known here and are ignored.")
    content = path.read_bytes()
    results.gather()
    assert read(path) == [result()]
    assert (tmp_path / "results.parquet.left-out").read_bytes() == content


@pytest.mark.parametrize("name", plans.NAMES[1:])
def test_a_comparison_of_an_earlier_version_is_still_whole(name, tmp_path):
    """The shipped rows without the columns that were added last give the same differences, and no curve of those."""
    shipped = library.SHIPPED / name
    newest = ["vector_lengths", "position_lengths"]
    write_table(as_table(read(shipped / "results.parquet")).drop_columns(newest), tmp_path / "results.parquet")
    collected = collect(plans.shipped(name), tmp_path)
    assert collected.missing == 0
    older, today = Summary(collected), library.summary(name)
    share = max(older.plan.sizes)
    key = older.primary.key
    assert older.comparisons(key, share) == today.comparisons(key, share)
    arm = older.plan.baseline
    assert older.curve(arm, share, "validation_losses") == today.curve(arm, share, "validation_losses")
    assert older.curve(arm, share, "vector_lengths").steps == ()
    assert len(collected.problems) == 1


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ResultsError, match=r"cannot be written .* what was written before is kept"):
        Results(tmp_path / "file").add(result())


def test_a_full_disk_keeps_what_was_written_and_leaves_no_draft(tmp_path, monkeypatch):
    results = Results(tmp_path)
    results.add(result(seed=0))

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(ResultsError, match="No space left"):
        results.add(result(seed=1))
    assert [path.name for path in tmp_path.iterdir()] == ["random-0.parquet"]
    assert list(Results(tmp_path).rows) == ["random-0"]


@pytest.mark.parametrize(
    "name",
    ["kim-sst-2-cnn", *(pytest.param(name, marks=pytest.mark.nightly) for name in ("parts-of-speech", "phrase-book"))],
)
def test_a_flipped_bit_is_noticed_or_changes_nothing(tmp_path, name):
    """Anywhere in the results that came along, and where the metadata stand, at the end."""
    content = (library.SHIPPED / name / "results.parquet").read_bytes()
    path, rows = tmp_path / "results.parquet", read(library.SHIPPED / name / "results.parquet")
    random, noticed = np.random.default_rng(0), 0
    for start in [0] * 60 + [len(content) - 9000] * 60:
        damaged, place = bytearray(content), int(random.integers(start, len(content)))
        damaged[place] ^= 1 << int(random.integers(8))
        path.write_bytes(damaged)
        at_hand = Results(tmp_path)
        noticed += len(at_hand.problems)
        assert at_hand.problems or list(at_hand.rows.values()) == rows, place
    assert noticed > 60


def test_other_numbers_in_a_sound_file_are_noticed(tmp_path):
    """As another program would write them that keeps what it does not know."""
    path = tmp_path / "results.parquet"
    Results(tmp_path).add(result())
    (tmp_path / "random-0.parquet").rename(path)
    table = pq.read_table(path)
    changed = table.set_column(table.schema.get_field_index("loss"), "loss", pa.array([1.25]))
    pq.write_table(changed.replace_schema_metadata(table.schema.metadata), path)
    with pytest.raises(ResultsError, match="its numbers are not those that were written"):
        read(path)


def test_results_of_before_there_were_checksums_are_read(tmp_path):
    pq.write_table(as_table([result()]), tmp_path / "old.parquet")
    assert read(tmp_path / "old.parquet") == [result()]


@pytest.mark.parametrize("error", [UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no"), TypeError(""), KeyError("x")])
def test_damage_that_the_library_does_not_expect_is_said_as_other_damage_is(tmp_path, monkeypatch, error):
    Results(tmp_path).add(result())
    monkeypatch.setattr(pq, "ParquetFile", lambda *_, **__: (_ for _ in ()).throw(error))
    (problem,) = Results(tmp_path).problems
    assert "random-0.parquet cannot be read and are left out" in problem


def test_drafts_of_killed_writes_are_swept_and_those_of_living_ones_are_not(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    stale = [tmp_path / f".plan.toml-{ended.pid}", tmp_path / f".results.parquet-{ended.pid}"]
    living = [tmp_path / f".results.parquet-{os.getpid()}", tmp_path / ".gitignore", tmp_path / "results.parquet"]
    for path in stale + living:
        path.write_text("")
    sweep(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(living)


def test_a_row_without_its_seconds_repeats():
    assert result(seconds=1.0).as_json() == result(seconds=2.0).as_json()
    assert "seconds" not in result().as_json()


def test_gathering_leaves_results_of_another_version_to_it(tmp_path):
    old = tmp_path / "results.parquet"
    pq.write_table(as_table([result(seed=5)]).replace_schema_metadata({"layout": "0"}), old)
    content = old.read_bytes()
    results = Results(tmp_path)
    results.add(result(seed=0))
    results.gather()
    assert [row.seed for row in read(old)] == [0]
    assert (tmp_path / "results.parquet.left-out").read_bytes() == content
