"""Data sets from the Hub, asked through the real client at a Hub of our own."""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path

import pytest
from huggingface_hub import constants

from engine.contract.errors import DatasetUnreadable, DiskFull, DownloadFailed, EngineError, StopRequested
from engine.contract.events import Event, Noted, Progressed
from engine.contract.queries import AskHubDataset, AskHubRows, HubDatasetFound, HubRowsFetched
from engine.contract.settings import HubRows, ReadingOptions
from engine.preparing.preview import preview
from engine.reading.sources.hub_rows import describe, fetch
from engine.reading.sources.sources import all_files, rows_of
from engine.reading.sources.unpacking import Unpacking
from engine.stages import answer
from engine.workspace.layout import Workspace
from tests.builders_data import ignore
from tests.engine.loading.stand_in_hub import COMMIT, HOLD, Repository, StandInHub
from tests.engine.reading.reviews_on_the_hub import ALL, ID, TEST, TRAIN, parquet
from tests.engine.reading.sources_on_disk import csv_bytes, zip_bytes

ROWS = HubRows(ID)


def refusal(workspace: Workspace, rows: HubRows = ROWS) -> EngineError:
    """The error of a download that must fail."""
    with pytest.raises(EngineError) as caught:
        fetch(rows, ignore, hub=workspace.hub)
    assert caught.value.message.endswith(".")
    assert caught.value.actions
    return caught.value


def texts(rows: HubRows, workspace: Workspace, reading: ReadingOptions | None = None) -> dict[str, list[object]]:
    """First cell and label of every row by split."""
    found: dict[str, list[object]] = {}
    with Unpacking(workspace.datasets, ignore) as unpacking:
        for file in all_files(rows, reading or ReadingOptions(), unpacking, hub=workspace.hub):
            assert not any(chunk.excluded for chunk in rows_of(file, file.layout.columns))
            chunks = list(rows_of(file, file.layout.columns))
            numbers = [number for chunk in chunks for number in chunk.numbers]
            assert numbers == list(range(1, len(numbers) + 1))
            first, last = file.layout.columns[0], file.layout.columns[-1]
            found[file.split] = [
                pair for chunk in chunks for pair in zip(chunk.columns[first], chunk.columns[last], strict=True)
            ]
    return found


def test_what_it_holds_is_reported_before_any_download(hub: StandInHub, workspace: Workspace) -> None:
    files = hub.repositories[f"datasets/{ID}"].files
    found = answer(AskHubDataset(f" https://huggingface.co/datasets/{ID}/ "), ignore, workspace=workspace)
    assert isinstance(found, HubDatasetFound)
    assert (found.id, found.revision, found.license, found.languages) == (ID, COMMIT, "mit", ("en",))
    plain, pairs = found.configurations
    assert (plain.name, pairs.name) == ("plain", "pairs")
    assert [(split.name, split.read_as, split.files) for split in plain.splits] == [
        ("train", "train", TRAIN),
        ("test", "test", (TEST,)),
    ]
    assert plain.download_bytes == sum(len(files[name]) for name in (*TRAIN, TEST))
    assert (plain.cached_bytes, found.free_bytes > 0) == (0, True)
    assert not hub.files_asked_for()


def test_the_rows_are_downloaded_with_progress_and_read_split_by_split(hub: StandInHub, workspace: Workspace) -> None:
    received: list[Event] = []
    fetched = fetch(ROWS, received.append, hub=workspace.hub)
    assert fetched.rows == HubRows(ID, "plain", COMMIT)
    bars = [event for event in received if isinstance(event, Progressed) and event.total]
    files = hub.repositories[f"datasets/{ID}"].files
    assert bars[-1].done == bars[-1].total == sum(len(files[name]) for name in (*TRAIN, TEST))
    assert hub.files_asked_for() == {*TRAIN, TEST}
    found = texts(fetched.rows, workspace)
    assert found == {"train": ALL[:80], "test": ALL[80:]}
    assert not list(workspace.datasets.iterdir())


def test_no_program_is_downloaded_or_run(hub: StandInHub, workspace: Workspace) -> None:
    before = set(sys.modules)
    fetch(ROWS, ignore, hub=workspace.hub)
    fetch(HubRows(ID, "pairs"), ignore, hub=workspace.hub)
    assert not list(workspace.hub.rglob("*.py"))
    assert "reviews" not in set(sys.modules) - before
    hub.repositories[f"datasets/{ID}"] = Repository({"reviews.py": b"raise SystemExit", "README.md": b""})
    error = refusal(Workspace(workspace.root / "other").create())
    assert (type(error), error.id) == (DatasetUnreadable, "D11")
    assert "programs from the Hub are never run" in error.message
    with pytest.raises(DatasetUnreadable, match="never run"):
        describe(ID, "main", hub=workspace.hub)


def test_rows_that_are_here_are_shown_and_read_without_asking(hub: StandInHub, workspace: Workspace) -> None:
    fetched = fetch(ROWS, ignore, hub=workspace.hub)
    hub.requests.clear()
    assert fetch(fetched.rows, ignore, hub=workspace.hub) == fetched
    assert fetch(HubRows(ID, offline=True), ignore, hub=workspace.hub).splits == fetched.splits
    shown = preview(fetched.rows, ReadingOptions(), 5, ignore, scratch=workspace.datasets, hub=workspace.hub)
    assert (shown.name, shown.task, shown.roles.label) == (f"{ID}, plain", "text_classification", "label")
    assert shown.rows_total == 80
    assert shown.label_counts == {"positive": 40, "negative": 40}
    assert shown.parts == ("train", "test")
    found = describe(ID, COMMIT, hub=workspace.hub, without_asking=True)
    assert found.configurations[0].cached_bytes == found.configurations[0].download_bytes
    assert not hub.requests


def test_a_preview_of_rows_that_are_not_here_asks_nobody(hub: StandInHub, workspace: Workspace) -> None:
    with pytest.raises(DownloadFailed, match="is not on this computer"):
        preview(ROWS, ReadingOptions(), 5, ignore, scratch=workspace.datasets, hub=workspace.hub)
    assert not hub.requests


def test_one_split_may_be_chosen_to_be_read_alone(hub: StandInHub, workspace: Workspace) -> None:
    rows = fetch(ROWS, ignore, hub=workspace.hub).rows
    assert texts(rows, workspace, ReadingOptions(part="test")) == {"train": ALL[80:]}
    # the way of reading of a preview is taken again
    again = ReadingOptions(format="arrow", header="yes")
    assert texts(rows, workspace, again) == {"train": ALL[:80], "test": ALL[80:]}


def test_shards_may_lack_a_column(hub: StandInHub, workspace: Workspace) -> None:
    lines = [json.dumps({"text": "one", "label": "a"}), json.dumps({"text": "two", "note": "n", "label": "b"})]
    hub.repositories[f"datasets/{ID}"] = Repository(
        {"train-1.jsonl": (lines[0] + "\n").encode() * 3, "train-2.jsonl": (lines[1] + "\n").encode() * 3}
    )
    rows = fetch(ROWS, ignore, hub=workspace.hub).rows
    with Unpacking(workspace.datasets, ignore) as unpacking:
        (file,) = all_files(rows, ReadingOptions(), unpacking, hub=workspace.hub)
        (chunk,) = [chunk for chunk in rows_of(file, file.layout.columns) if chunk.numbers[0] == 4]
    assert file.layout.columns == ("text", "label", "note")
    assert chunk.numbers == [4, 5, 6]
    assert chunk.columns == {"text": ["two"] * 3, "label": ["b"] * 3, "note": ["n"] * 3}


def test_an_archive_shows_its_splits_as_one_of_this_computer_does(hub: StandInHub, workspace: Workspace) -> None:
    files = {"train.csv": csv_bytes(ALL[:60]), "test.csv": csv_bytes(ALL[60:])}
    hub.repositories[f"datasets/{ID}"] = Repository({"all.zip": zip_bytes(files), "README.md": b""})
    rows = fetch(ROWS, ignore, hub=workspace.hub).rows
    assert texts(rows, workspace) == {"train": ALL[:60], "test": ALL[60:]}


def test_a_stopped_download_ends_at_once_and_goes_on_where_it_was(hub: StandInHub, workspace: Workspace) -> None:
    content = hub.repositories[f"datasets/{ID}"].files[TRAIN[0]] = parquet([(f"text {n}", n % 2) for n in range(9_000)])
    hub.hold_after = len(content) // 2
    stopped_at = 0.0

    def stop_half_way(event: Event) -> None:
        nonlocal stopped_at
        if isinstance(event, Progressed) and event.total and event.done >= hub.hold_after:
            stopped_at = time.monotonic()
            raise StopRequested

    with pytest.raises(StopRequested):
        fetch(ROWS, stop_half_way, hub=workspace.hub)
    assert time.monotonic() - stopped_at < HOLD / 2  # although the server does not answer
    with pytest.raises(DownloadFailed):  # nothing half-downloaded is taken for rows
        preview(ROWS, ReadingOptions(), 5, ignore, scratch=workspace.datasets, hub=workspace.hub)
    assert describe(ID, "main", hub=workspace.hub).configurations[0].cached_bytes >= hub.hold_after
    hub.hold_after = 0
    hub.continue_run.set()
    hub.requests.clear()
    fetched = fetch(ROWS, ignore, hub=workspace.hub)
    assert fetched.splits["train"][0].read_bytes() == content
    assert any(request.range for request in hub.asked_for(TRAIN[0].rpartition("/")[2]))


def test_a_damaged_copy_is_downloaded_again(hub: StandInHub, workspace: Workspace) -> None:
    fetched = fetch(ROWS, ignore, hub=workspace.hub)
    blob = fetched.splits["test"][0].resolve()
    blob.write_bytes(blob.read_bytes()[:-50] + bytes(50))
    hub.requests.clear()
    fetch(fetched.rows, ignore, hub=workspace.hub)
    assert hub.files_asked_for() == {TEST}
    assert texts(fetched.rows, workspace)["test"] == ALL[80:]


def test_names_and_versions_that_do_not_exist_are_reported(hub: StandInHub, workspace: Workspace) -> None:
    error = refusal(workspace, HubRows("someone/nothing"))
    assert (type(error), error.id) == (DatasetUnreadable, "M10")
    assert error.message == "The Hub shows no data set named someone/nothing."
    assert (
        refusal(workspace, HubRows(ID, revision="v9")).message == f"The data set {ID} has no version “v9” on the Hub."
    )
    error = refusal(workspace, HubRows(ID, config="French"))
    assert error.message == f"The data set {ID} has no configuration “French”."
    assert error.hint == "There are: plain, pairs."
    hub.requests.clear()
    for name in ("", "a/b/c", "../../etc", "with space"):
        assert "name" in refusal(workspace, HubRows(name)).message
    assert not hub.requests


def test_a_gated_or_private_one_shows_what_is_missing(hub: StandInHub, workspace: Workspace) -> None:
    hub.repositories[f"datasets/{ID}"].gated = True
    error = refusal(workspace)
    assert (type(error), error.id) == (DownloadFailed, "M13")
    assert error.message == f"The data set {ID} needs permission on huggingface.co."
    assert f"https://huggingface.co/datasets/{ID}" in error.hint
    hub.always_status = 401
    assert refusal(workspace).message == f"The Hub shows no data set named {ID}, or it is private."


def test_without_a_connection_one_sentence_reports_it_and_an_earlier_copy_is_used(
    hub: StandInHub, workspace: Workspace
) -> None:
    fetched = fetch(ROWS, ignore, hub=workspace.hub)
    hub.close()
    received: list[Event] = []
    assert fetch(ROWS, received.append, hub=workspace.hub) == fetched
    assert Noted("No connection to the Hub. The rows that were downloaded earlier are used.") in received
    error = refusal(Workspace(workspace.root / "other").create())
    assert (error.id, error.message) == ("M10", "No connection to the Hub.")


def test_the_offline_switches_ask_nothing(
    hub: StandInHub, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "set to work offline" in refusal(workspace, HubRows(ID, offline=True)).message
    with pytest.raises(DownloadFailed, match="set to work offline"):
        describe(ID, "main", hub=workspace.hub, without_asking=True)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert f"The data set {ID} is not on this computer" in refusal(workspace).message
    assert not hub.requests


def test_a_huge_one_is_refused_with_numbers_before_the_first_byte(
    hub: StandInHub, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = 3_000
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9, free))  # type: ignore[attr-defined]
    error = refusal(workspace)
    assert (type(error), error.id) == (DiskFull, "M12")
    assert "3.0 kB are free" in error.message
    assert error.hint == "Free some space, or choose a smaller data set."
    assert not hub.files_asked_for()
    hub.repositories[f"datasets/{ID}"] = Repository({f"part-{number}.csv": b"a,b\n" for number in range(5_001)})
    assert "5,001 files" in refusal(workspace).message


def test_a_full_disk_keeps_what_has_come(
    hub: StandInHub, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    from engine.hub import transfer

    def fails(file: object, partial: Path, *_: object) -> None:
        with transfer.full_disk_named("rows"):
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(transfer, "_continue", fails)
        assert isinstance(refusal(workspace), DiskFull)
    fetch(ROWS, ignore, hub=workspace.hub)


def test_a_sign_in_page_is_not_taken_for_the_hub(hub: StandInHub, workspace: Workspace) -> None:
    hub.web_page_for = "/api/"
    assert refusal(workspace).message == "The answer did not come from the Hub."
    hub.web_page_for = TEST
    assert refusal(workspace).id == "M10"


def test_the_rows_are_fetched_by_a_question(hub: StandInHub, workspace: Workspace) -> None:
    fetched = answer(AskHubRows(HubRows(ID, "pairs")), ignore, workspace=workspace)
    assert fetched == HubRowsFetched(HubRows(ID, "pairs", COMMIT))
    assert [first for first, _ in texts(HubRows(ID, "pairs", COMMIT), workspace)["train"]][:2] == ["one", "three"]
