"""Models from the Hub, asked through the real client at a Hub of our own."""

from __future__ import annotations

import random
import time
from itertools import pairwise
from pathlib import Path

import pytest
from huggingface_hub import constants, scan_cache_dir

from engine.contract.errors import (
    DownloadFailed,
    ModelDamaged,
    StopRequested,
)
from engine.contract.events import Event, Noted, Progressed
from engine.contract.queries import HubListing
from engine.contract.settings import HubModel
from engine.loading.hub import describe, fetch, search
from engine.loading.load import load
from engine.workspace.layout import Workspace
from tests.engine.loading.stand_in_hub import COMMIT, HOLD, Repository, StandInHub
from tests.engine.loading.tiny_on_the_hub import TINY, WEIGHTS, hub_refusal


def test_a_model_is_downloaded_with_progress_in_bytes_and_loaded(
    hub: StandInHub, workspace: Workspace, received: list[Event]
) -> None:
    model = load(TINY, received.append, workspace=workspace)
    assert received[-1] == Noted("Model loaded successfully!")
    assert model.name == "someone/tiny"
    assert model.source == HubModel("someone/tiny", revision=COMMIT)
    assert Path(model.folder).is_relative_to(workspace.hub)
    bars = [event for event in received if isinstance(event, Progressed) and event.unit == "bytes"]
    files = hub.repositories["someone/tiny"].files
    assert bars[-1].done == bars[-1].total == sum(len(content) for content in files.values())
    assert all(earlier.done <= later.done for earlier, later in pairwise(bars) if earlier.total)


def test_what_was_downloaded_is_a_cache_that_the_client_itself_understands(
    hub: StandInHub, workspace: Workspace
) -> None:
    load(TINY, lambda event: None, workspace=workspace)
    found = scan_cache_dir(workspace.hub)
    assert not found.warnings
    (repository,) = found.repos
    assert repository.repo_id == "someone/tiny"
    (revision,) = repository.revisions
    assert revision.commit_hash == COMMIT
    assert {file.file_name for file in revision.files} == set(hub.repositories["someone/tiny"].files)


def test_only_names_on_the_list_are_asked_for(hub: StandInHub, workspace: Workspace) -> None:
    hostile = ("modeling_evil.py", "training_args.bin", "pytorch_model.bin", "onnx/model.onnx", "sub/config.json")
    hub.repositories["someone/tiny"].files |= dict.fromkeys((*hostile, "adapter_model.safetensors"), b"x")
    load(TINY, lambda event: None, workspace=workspace)
    assert hub.files_asked_for() == {"config.json", "tokenizer.json", "tokenizer_config.json", WEIGHTS}


def test_the_size_is_reported_before_any_weights_are_downloaded(hub: StandInHub, workspace: Workspace) -> None:
    files = hub.repositories["someone/tiny"].files
    files["training_args.bin"] = bytes(5_000)
    found = describe("someone/tiny", "main", workspace=workspace)
    wanted = sum(len(content) for name, content in files.items() if name != "training_args.bin")
    assert found.download_bytes == wanted
    assert found.cached_bytes == len(files["config.json"])  # needed to know what it is
    assert (found.revision, found.model_type) == (COMMIT, "bert")
    assert (found.license, found.languages) == ("apache-2.0", ("en", "de"))
    assert found.free_bytes > 0
    assert not hub.asked_for(WEIGHTS)
    load(TINY, lambda event: None, workspace=workspace)
    assert describe("someone/tiny", "main", workspace=workspace).cached_bytes == wanted


def test_a_mirror_that_shows_no_sizes_is_asked_file_by_file(hub: StandInHub, workspace: Workspace) -> None:
    hub.repositories["someone/tiny"].tells_sizes = False
    files = hub.repositories["someone/tiny"].files
    found = describe("someone/tiny", "main", workspace=workspace)
    assert found.download_bytes == sum(len(content) for content in files.values())
    load(TINY, lambda event: None, workspace=workspace)


def test_a_second_load_downloads_nothing_and_a_pinned_version_asks_nothing(
    hub: StandInHub, workspace: Workspace
) -> None:
    first = load(TINY, lambda event: None, workspace=workspace)
    hub.requests.clear()
    assert load(TINY, lambda event: None, workspace=workspace) == first
    assert [request.path for request in hub.requests] == ["/api/models/someone/tiny/revision/main"]
    hub.requests.clear()
    assert load(first.source, lambda event: None, workspace=workspace) == first
    assert not hub.requests


def test_a_stopped_download_ends_at_once_and_goes_on_where_it_was(hub: StandInHub, workspace: Workspace) -> None:
    content = hub.repositories["someone/tiny"].files[WEIGHTS]
    hub.hold_after = len(content) // 2
    small = sum(len(c) for name, c in hub.repositories["someone/tiny"].files.items() if name != WEIGHTS)
    stopped_at = 0.0

    def stop_half_way(event: Event) -> None:
        nonlocal stopped_at
        if isinstance(event, Progressed) and event.total and event.done >= small + hub.hold_after:
            stopped_at = time.monotonic()
            raise StopRequested

    with pytest.raises(StopRequested):
        fetch(TINY, stop_half_way, workspace=workspace)
    assert time.monotonic() - stopped_at < HOLD / 2  # although the server does not answer
    assert not list(workspace.hub.glob("*/snapshots/*"))  # nothing half-loaded is listed as a model
    hub.hold_after = 0
    hub.continue_run.set()
    hub.requests.clear()
    model = load(TINY, lambda event: None, workspace=workspace)
    assert Path(model.folder, WEIGHTS).read_bytes() == content
    (request,) = [one for one in hub.requests if one.path.startswith("/storage/")]
    assert request.sent <= len(content) - len(content) // 2 + 4096
    assert request.range


def test_stops_at_random_moments_never_leave_half_a_model(hub: StandInHub, workspace: Workspace) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    content = hub.repositories["someone/tiny"].files[WEIGHTS]
    asked = 0

    def maybe_stop(event: Event) -> None:
        if asked < 12 and chance.random() < 0.5:
            raise StopRequested

    while True:
        asked += 1
        try:
            fetched = fetch(TINY, maybe_stop, workspace=workspace)
            break
        except StopRequested:
            continue
    assert (fetched.folder / WEIGHTS).read_bytes() == content
    hub.requests.clear()
    load(TINY, lambda event: None, workspace=workspace)
    assert not hub.asked_for(WEIGHTS)


def test_a_hub_that_stalls_can_be_stopped(hub: StandInHub, workspace: Workspace) -> None:
    hub.holds_listing = True
    begun = time.monotonic()

    def stop(event: Event) -> None:
        raise StopRequested

    with pytest.raises(StopRequested):
        fetch(TINY, stop, workspace=workspace)
    assert time.monotonic() - begun < HOLD / 2


def test_a_broken_connection_is_continued_by_itself(hub: StandInHub, workspace: Workspace) -> None:
    hub.cut_after = len(hub.repositories["someone/tiny"].files[WEIGHTS]) // 2
    load(TINY, lambda event: None, workspace=workspace)
    first, second = [one for one in hub.requests if one.path.startswith("/storage/")]
    assert not first.range
    assert second.range == f"bytes={first.sent}-"


def test_a_server_that_cannot_continue_sends_all_again(
    hub: StandInHub, workspace: Workspace, received: list[Event]
) -> None:
    hub.cut_after = len(hub.repositories["someone/tiny"].files[WEIGHTS]) // 2
    hub.ignores_range = True
    load(TINY, received.append, workspace=workspace)
    bars = [event for event in received if isinstance(event, Progressed) and event.total]
    assert bars[-1].done == bars[-1].total


def test_a_model_in_shards_is_downloaded_whole(hub: StandInHub, workspace: Workspace, tmp_path: Path) -> None:
    from transformers import BertModel

    from tests.builders_models import tiny_bert_folder

    folder = tiny_bert_folder(tmp_path / "sharded")
    network = BertModel.from_pretrained(str(folder))
    (folder / WEIGHTS).unlink()
    network.save_pretrained(folder, max_shard_size="60KB")
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    hub.repositories["someone/sharded"] = Repository(files)
    found = describe("someone/sharded", "main", workspace=workspace)
    assert found.download_bytes == sum(len(content) for content in files.values())
    model = load(HubModel("someone/sharded"), lambda event: None, workspace=workspace)
    assert model.parameters == sum(parameter.numel() for parameter in network.parameters())
    del files["model-00002-of-00002.safetensors"]
    assert isinstance(hub_refusal(Workspace(tmp_path / "other").create(), HubModel("someone/sharded")), ModelDamaged)


def test_a_pasted_address_is_read_as_the_name_in_it(hub: StandInHub, workspace: Workspace) -> None:
    model = load(HubModel("https://huggingface.co/someone/tiny"), lambda event: None, workspace=workspace)
    assert model.name == "someone/tiny"


def test_a_search_lists_models_with_what_the_hub_states_about_them(hub: StandInHub) -> None:
    hub.repositories["someone/tiny"].listed = {
        "config": {"model_type": "bert"},
        "safetensors": {"total": 12_345},
        "downloads": 7,
        "tags": ["license:mit", "de", "tf", "pytorch", "safetensors"],
        "gated": False,
    }
    hub.repositories["someone/tiny-gated"] = Repository({}, listed={"gated": "manual", "tags": ["safetensors"]})
    hub.repositories["someone/tiny-chat"] = Repository({}, listed={"config": {"model_type": "llama"}, "tags": "bad"})
    hub.repositories["someone/other"] = Repository({})
    found = search("tiny").models
    assert found == (
        HubListing("someone/tiny", "bert", 12_345, 7, "mit", ("de",)),
        HubListing("someone/tiny-gated", needs_permission=True),
        HubListing("someone/tiny-chat", "llama", is_trainable=False),
    )


def test_a_search_offline_asks_nothing_and_a_busy_hub_is_a_sentence(
    hub: StandInHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.always_status = 429
    with pytest.raises(DownloadFailed, match="busy"):
        search("tiny")
    hub.requests.clear()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(DownloadFailed, match="offline"):
        search("tiny")
    assert not hub.requests


# ── The cache that other programs of this user share ────────────────────────────────────────────────────────────


@pytest.fixture
def user_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, hub: StandInHub, workspace: Workspace) -> Path:
    """Holds someone/tiny, as the client itself keeps it."""
    load(TINY, lambda event: None, workspace=workspace)
    cache = tmp_path / "cache"
    workspace.hub.rename(cache)
    workspace.hub.mkdir()
    for link in cache.glob("*/snapshots/*/*"):  # the client makes them relative
        blob = link.readlink().name
        link.unlink()
        link.symlink_to(Path("../../blobs") / blob)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    hub.requests.clear()
    return cache


def contents(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.lstat().st_mtime_ns for path in folder.rglob("*")}


def test_a_model_in_the_users_own_cache_is_used_without_network(
    hub: StandInHub, workspace: Workspace, user_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(user_cache)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    found = describe("someone/tiny", "main", workspace=workspace)
    assert found.cached_bytes == found.download_bytes > 0
    model = load(HubModel("someone/tiny", offline=True), lambda event: None, workspace=workspace)
    assert Path(model.folder).is_relative_to(user_cache)
    assert model.source == HubModel("someone/tiny", revision=COMMIT, offline=True)
    assert not hub.requests
    assert contents(user_cache) == before


def test_what_the_users_own_cache_holds_is_not_downloaded_again(
    hub: StandInHub, workspace: Workspace, user_cache: Path
) -> None:
    found = describe("someone/tiny", "main", workspace=workspace)
    assert found.cached_bytes == found.download_bytes
    assert Path(load(TINY, lambda event: None, workspace=workspace).folder).is_relative_to(user_cache)
    assert {request.path for request in hub.requests} == {"/api/models/someone/tiny/revision/main"}
    hub.requests.clear()
    load(HubModel("someone/tiny", revision=COMMIT), lambda event: None, workspace=workspace)
    assert not hub.requests  # a pinned version asks nothing


def test_a_newer_version_on_the_hub_is_downloaded_beside_the_users_own_cache(
    hub: StandInHub, workspace: Workspace, user_cache: Path
) -> None:
    before = contents(user_cache)
    hub.repositories["someone/tiny"].commit = "d" * 40
    model = load(TINY, lambda event: None, workspace=workspace)
    assert Path(model.folder).is_relative_to(workspace.hub)
    assert contents(user_cache) == before


def test_a_part_of_a_model_in_the_users_own_cache_is_not_taken_for_the_whole(
    hub: StandInHub, workspace: Workspace, user_cache: Path
) -> None:
    (snapshot,) = user_cache.glob("*/snapshots/*")
    for path in snapshot.glob("tokenizer*"):
        path.unlink()
    assert Path(load(TINY, lambda event: None, workspace=workspace).folder).is_relative_to(workspace.hub)


def test_a_model_that_has_an_owner_in_its_name_since_is_found_under_its_first_one(
    hub: StandInHub, workspace: Workspace, user_cache: Path
) -> None:
    (user_cache / "models--someone--tiny").rename(user_cache / "models--tiny")
    for name in ("google-bert/tiny", "tiny"):
        model = load(HubModel(name, offline=True), lambda event: None, workspace=workspace)
        assert Path(model.folder).is_relative_to(user_cache)
    with pytest.raises(DownloadFailed):
        load(HubModel("someone/tiny", offline=True), lambda event: None, workspace=workspace)


def test_the_shape_that_its_memory_follows_from_is_known_before_the_download(
    hub: StandInHub, workspace: Workspace
) -> None:
    shape = describe("someone/tiny", "main", workspace=workspace).shape
    assert shape is not None
    assert (shape.model_type, shape.layers, shape.hidden_size, shape.heads, shape.inner) == ("bert", 2, 32, 2, 64)
    parameters = load(TINY, lambda event: None, workspace=workspace).parameters
    assert shape.parameters == pytest.approx(parameters, rel=0.2)  # the header of the file is small for real ones
