"""Models from the Hub, asked through the real client at a Hub of our own."""

from __future__ import annotations

import json
import random
import shutil
import time
from itertools import pairwise
from pathlib import Path

import pytest
from huggingface_hub import constants, scan_cache_dir

from engine.errors import (
    DiskFull,
    DownloadFailed,
    EngineError,
    ModelDamaged,
    ModelNotFound,
    ModelNotSupported,
    StopRequested,
)
from engine.events import Event, Noted, Progressed
from engine.loading.hub import describe, fetch
from engine.loading.load import load
from engine.settings import HubModel
from engine.storage import Workspace
from tests.engine.loading.stand_in_hub import COMMIT, Repository, StandInHub

TINY = HubModel("someone/tiny")
WEIGHTS = "model.safetensors"


def refusal(hub: StandInHub, workspace: Workspace, source: HubModel = TINY) -> EngineError:
    """The error of a load that must fail."""
    with pytest.raises(EngineError) as caught:
        load(source, lambda event: None, workspace=workspace)
    assert caught.value.message.endswith(".")
    assert caught.value.actions
    return caught.value


def test_a_model_is_downloaded_with_progress_in_bytes_and_loaded(
    hub: StandInHub, workspace: Workspace, heard: list[Event]
) -> None:
    model = load(TINY, heard.append, workspace=workspace)
    assert heard[-1] == Noted("Model loaded successfully!")
    assert model.name == "someone/tiny"
    assert model.source == HubModel("someone/tiny", revision=COMMIT)
    assert Path(model.folder).is_relative_to(workspace.hub)
    bars = [event for event in heard if isinstance(event, Progressed) and event.unit == "bytes"]
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


def test_the_size_is_told_before_any_weights_are_downloaded(hub: StandInHub, workspace: Workspace) -> None:
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


def test_a_mirror_that_tells_no_sizes_is_asked_file_by_file(hub: StandInHub, workspace: Workspace) -> None:
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
    assert time.monotonic() - stopped_at < 2  # although the server stands still
    assert not list(workspace.hub.glob("*/snapshots/*"))  # nothing half-loaded is listed as a model
    hub.hold_after = 0
    hub.go_on.set()
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


def test_a_hub_that_stands_still_can_be_stopped(hub: StandInHub, workspace: Workspace) -> None:
    hub.holds_listing = True
    begun = time.monotonic()

    def stop(event: Event) -> None:
        raise StopRequested

    with pytest.raises(StopRequested):
        fetch(TINY, stop, workspace=workspace)
    assert time.monotonic() - begun < 2


def test_a_broken_connection_is_continued_by_itself(hub: StandInHub, workspace: Workspace) -> None:
    hub.cut_after = len(hub.repositories["someone/tiny"].files[WEIGHTS]) // 2
    load(TINY, lambda event: None, workspace=workspace)
    first, second = [one for one in hub.requests if one.path.startswith("/storage/")]
    assert not first.range
    assert second.range == f"bytes={first.sent}-"


def test_a_server_that_cannot_continue_sends_all_again(
    hub: StandInHub, workspace: Workspace, heard: list[Event]
) -> None:
    hub.cut_after = len(hub.repositories["someone/tiny"].files[WEIGHTS]) // 2
    hub.ignores_range = True
    load(TINY, heard.append, workspace=workspace)
    bars = [event for event in heard if isinstance(event, Progressed) and event.total]
    assert bars[-1].done == bars[-1].total


def test_a_busy_server_is_asked_again(hub: StandInHub, workspace: Workspace) -> None:
    hub.statuses = [503, 0, 429, 503, 500]  # the listing once, then a file three times
    load(TINY, lambda event: None, workspace=workspace)


@pytest.mark.parametrize(("status", "words"), [(503, "(503)"), (500, "(500)"), (429, "busy (429)")])
def test_a_server_that_stays_busy_is_said_to_be(hub: StandInHub, workspace: Workspace, status: int, words: str) -> None:
    hub.always_status = status
    error = refusal(hub, workspace)
    assert (type(error), error.id) == (DownloadFailed, "M10")
    assert words in error.message
    assert error.actions == ("Try again", "Use a folder")


def test_an_unknown_name_is_said_to_be_unknown(hub: StandInHub, workspace: Workspace) -> None:
    error = refusal(hub, workspace, HubModel("someone/nobody"))
    assert (type(error), error.message) == (ModelNotFound, "The Hub shows no model named someone/nobody.")
    error = refusal(hub, workspace, HubModel("someone/tiny", revision="v9"))
    assert error.message == "The model someone/tiny has no version “v9” on the Hub."


def test_a_private_or_missing_model_without_a_token_says_both(hub: StandInHub, workspace: Workspace) -> None:
    hub.always_status = 401
    assert refusal(hub, workspace).message == "The Hub shows no model named someone/tiny, or it is private."


def test_a_token_that_is_not_accepted_is_named_as_the_reason(
    hub: StandInHub, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_expired")
    hub.always_status = 401
    error = refusal(hub, workspace)
    assert (error.id, "access token" in error.message) == ("M13", True)
    assert "hf_expired" not in str(error.report())


@pytest.mark.parametrize("as_status", [False, True])
def test_a_gated_model_says_where_permission_is_given(hub: StandInHub, workspace: Workspace, as_status: bool) -> None:
    if as_status:
        hub.always_status = 403
    else:
        hub.repositories["someone/tiny"].gated = True
    error = refusal(hub, workspace)
    assert (type(error), error.id) == (DownloadFailed, "M13")
    assert error.message == "The model someone/tiny needs permission on huggingface.co."
    assert "https://huggingface.co/someone/tiny" in error.hint


def test_a_token_that_cannot_be_sent_is_never_shown(
    hub: StandInHub, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_gehéim")
    error = refusal(hub, workspace)
    assert error.id == "M13"
    assert "hf_geh" not in str(error.report())


def test_the_offline_switch_asks_nothing_and_takes_what_is_here(hub: StandInHub, workspace: Workspace) -> None:
    offline = HubModel("someone/tiny", offline=True)
    error = refusal(hub, workspace, offline)
    assert (type(error), error.id, error.actions) == (DownloadFailed, "M10", ("Try again", "Use a folder"))
    assert not hub.requests
    online = load(TINY, lambda event: None, workspace=workspace)
    hub.requests.clear()
    assert load(offline, lambda event: None, workspace=workspace).folder == online.folder
    assert not hub.requests


def test_a_version_downloaded_by_its_commit_is_found_offline_as_main(hub: StandInHub, workspace: Workspace) -> None:
    by_commit = load(HubModel("someone/tiny", revision=COMMIT), lambda event: None, workspace=workspace)
    offline = load(HubModel("someone/tiny", offline=True), lambda event: None, workspace=workspace)
    assert offline.folder == by_commit.folder
    Path(by_commit.folder, WEIGHTS).unlink()
    assert refusal(hub, workspace, HubModel("someone/tiny", offline=True)).id == "M10"


def test_the_environments_offline_switch_is_obeyed(
    hub: StandInHub, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "offline" in refusal(hub, workspace).message
    with pytest.raises(DownloadFailed, match="offline"):
        describe("someone/tiny", "main", workspace=workspace)
    assert not hub.requests
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    load(TINY, lambda event: None, workspace=workspace)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    found = describe("someone/tiny", "main", workspace=workspace)
    assert found.cached_bytes == found.download_bytes > 0


def test_without_a_connection_one_sentence_says_so(hub: StandInHub, workspace: Workspace) -> None:
    hub.close()
    error = refusal(hub, workspace)
    assert (error.id, error.message) == ("M10", "No connection to the Hub.")
    assert error.actions == ("Try again", "Use a folder")


def test_without_a_connection_the_earlier_copy_is_used_and_said_to_be(
    hub: StandInHub, workspace: Workspace, heard: list[Event]
) -> None:
    load(TINY, lambda event: None, workspace=workspace)
    hub.close()
    load(TINY, heard.append, workspace=workspace)
    assert Noted("No connection to the Hub. The copy that was downloaded earlier is used.") in heard


def refused_repositories() -> dict[str, tuple[dict[str, bytes], str, str]]:
    """Kinds of models that cannot be fine-tuned here: files, id of the fault, words of the sentence."""

    def config(**values: object) -> bytes:
        return json.dumps(values).encode()

    weights = {WEIGHTS: b"never read"}
    return {
        "gpt2": ({"config.json": config(model_type="gpt2"), **weights}, "M9", "writes text (gpt2)"),
        "t5": (
            {"config.json": config(model_type="t5", is_encoder_decoder=True), **weights},
            "M9",
            "rewrites text (t5)",
        ),
        "vit": ({"config.json": config(model_type="vit"), **weights}, "M9", "for images (vit)"),
        "unknown": ({"config.json": config(model_type="futuristic"), **weights}, "M9", "“futuristic”"),
        "typeless": ({"config.json": config(hidden_size=3), **weights}, "M9", "what kind"),
        "decoder": ({"config.json": config(model_type="bert", is_decoder=True), **weights}, "M9", "is_decoder"),
        "pickle": ({"config.json": config(model_type="bert"), "pytorch_model.bin": b"x"}, "M1", "old format"),
        "onnx": ({"config.json": config(model_type="bert"), "onnx/model.onnx": b"x"}, "M9", "ONNX"),
        "gguf": ({"model-q4.gguf": b"x"}, "M9", "GGUF"),
        "adapter": ({"adapter_config.json": b"{}", "adapter_model.safetensors": b"x"}, "M9", "adapter"),
        "tensorflow": ({"config.json": config(model_type="bert"), "tf_model.h5": b"x"}, "M9", "TensorFlow"),
        "nothing": ({"README.md": b"hello"}, "M9", "config.json is missing"),
    }


@pytest.mark.parametrize("kind", refused_repositories())
def test_what_cannot_be_fine_tuned_is_refused_before_its_weights_are_downloaded(
    hub: StandInHub, workspace: Workspace, kind: str
) -> None:
    files, id, words = refused_repositories()[kind]
    hub.repositories["someone/other"] = Repository(files)
    error = refusal(hub, workspace, HubModel("someone/other"))
    assert isinstance(error, ModelNotSupported | ModelNotFound)
    assert error.id == id
    assert words in error.message
    assert hub.files_asked_for() <= {"config.json"}
    with pytest.raises(EngineError):
        describe("someone/other", "main", workspace=workspace)


def test_a_disk_that_is_too_small_is_told_with_numbers_before_the_first_byte(
    hub: StandInHub, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9, 50_000))  # type: ignore[attr-defined]
    error = refusal(hub, workspace)
    assert (type(error), error.id) == (DiskFull, "M12")
    assert "50 kB are free" in error.message
    assert not hub.asked_for(WEIGHTS)


@pytest.mark.parametrize("where", ["/api/", "config.json", WEIGHTS])
def test_a_sign_in_page_is_not_taken_for_the_hub(hub: StandInHub, workspace: Workspace, where: str) -> None:
    hub.web_page_for = where
    error = refusal(hub, workspace)
    assert error.id == "M10"
    assert not list(workspace.hub.glob("*/refs/*"))


def test_other_content_of_the_right_size_is_not_kept(hub: StandInHub, workspace: Workspace) -> None:
    hub.wrong_content = True
    error = refusal(hub, workspace)
    assert (error.id, error.message) == ("M10", "The Hub announced another model.safetensors than it sent.")
    assert not list(workspace.hub.glob("*/blobs/*.part"))
    hub.wrong_content = False
    load(TINY, lambda event: None, workspace=workspace)


def test_a_damaged_copy_is_downloaded_again(hub: StandInHub, workspace: Workspace) -> None:
    model = load(TINY, lambda event: None, workspace=workspace)
    blob = Path(model.folder, WEIGHTS).resolve()
    blob.write_bytes(blob.read_bytes()[:-100] + bytes(100))
    hub.requests.clear()
    assert load(model.source, lambda event: None, workspace=workspace) == model
    assert hub.asked_for(WEIGHTS)


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
    assert isinstance(refusal(hub, Workspace(tmp_path / "other").create(), HubModel("someone/sharded")), ModelDamaged)


@pytest.mark.parametrize("name", ["", "  ", "a/b/c", "with space", "../../etc", "a--b", "x" * 200])
def test_what_cannot_be_a_name_asks_nothing(hub: StandInHub, workspace: Workspace, name: str) -> None:
    assert isinstance(refusal(hub, workspace, HubModel(name)), ModelNotFound)
    assert isinstance(refusal(hub, workspace, HubModel("someone/tiny", revision="../../x")), ModelNotFound)
    assert not hub.requests


def test_a_pasted_address_is_read_as_the_name_in_it(hub: StandInHub, workspace: Workspace) -> None:
    model = load(HubModel("https://huggingface.co/someone/tiny"), lambda event: None, workspace=workspace)
    assert model.name == "someone/tiny"
