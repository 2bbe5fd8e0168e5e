"""The ways in which the Hub, the connection or the model can fail, each with its sentence."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from huggingface_hub import constants

from engine.contract.errors import (
    DiskFull,
    DownloadFailed,
    EngineError,
    ModelNotFound,
    ModelNotSupported,
)
from engine.contract.events import Event, Noted
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.settings import HubModel
from engine.loading.hub import describe
from engine.loading.load import load
from engine.workspace.layout import Workspace
from tests.engine.loading.stand_in_hub import COMMIT, Repository, StandInHub
from tests.engine.loading.tiny_on_the_hub import TINY, WEIGHTS, hub_refusal


def test_a_busy_server_is_asked_again(hub: StandInHub, workspace: Workspace) -> None:
    hub.statuses = [503, 0, 429, 503, 500]  # the listing once, then a file three times
    load(TINY, lambda event: None, workspace=workspace)


@pytest.mark.parametrize(("status", "words"), [(503, "(503)"), (500, "(500)"), (429, "busy (429)")])
def test_a_server_that_stays_busy_is_reported_to_be(
    hub: StandInHub, workspace: Workspace, status: int, words: str
) -> None:
    hub.always_status = status
    error = hub_refusal(workspace)
    assert (type(error), error.id) == (DownloadFailed, "M10")
    assert words in error.message
    assert error.actions == (RecoveryAction.TRY_AGAIN, RecoveryAction.USE_FOLDER)


def test_an_unknown_name_is_reported_to_be_unknown(hub: StandInHub, workspace: Workspace) -> None:
    error = hub_refusal(workspace, HubModel("someone/nobody"))
    assert (type(error), error.message) == (ModelNotFound, "The Hub shows no model named someone/nobody.")
    error = hub_refusal(workspace, HubModel("someone/tiny", revision="v9"))
    assert error.message == "The model someone/tiny has no version “v9” on the Hub."


def test_a_private_or_missing_model_without_a_token_says_both(hub: StandInHub, workspace: Workspace) -> None:
    hub.always_status = 401
    assert hub_refusal(workspace).message == "The Hub shows no model named someone/tiny, or it is private."


def test_a_token_that_is_not_accepted_is_named_as_the_reason(
    hub: StandInHub, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_expired")
    hub.always_status = 401
    error = hub_refusal(workspace)
    assert (error.id, "access token" in error.message) == ("M13", True)
    assert "hf_expired" not in str(error.report())


@pytest.mark.parametrize("as_status", [False, True])
def test_a_gated_model_shows_where_permission_is_given(hub: StandInHub, workspace: Workspace, as_status: bool) -> None:
    if as_status:
        hub.always_status = 403
    else:
        hub.repositories["someone/tiny"].gated = True
    error = hub_refusal(workspace)
    assert (type(error), error.id) == (DownloadFailed, "M13")
    assert error.message == "The model someone/tiny needs permission on huggingface.co."
    assert "https://huggingface.co/someone/tiny" in error.hint


def test_a_token_that_cannot_be_sent_is_never_shown(
    hub: StandInHub, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_gehéim")
    error = hub_refusal(workspace)
    assert error.id == "M13"
    assert "hf_geh" not in str(error.report())


def test_the_offline_switch_asks_nothing_and_takes_what_is_here(hub: StandInHub, workspace: Workspace) -> None:
    offline = HubModel("someone/tiny", offline=True)
    error = hub_refusal(workspace, offline)
    assert (type(error), error.id, error.actions) == (
        DownloadFailed,
        "M10",
        (RecoveryAction.WORK_ONLINE, RecoveryAction.USE_FOLDER),
    )
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
    assert hub_refusal(workspace, HubModel("someone/tiny", offline=True)).id == "M10"


def test_the_environments_offline_switch_is_obeyed(
    hub: StandInHub, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "offline" in hub_refusal(workspace).message
    with pytest.raises(DownloadFailed, match="offline"):
        describe("someone/tiny", "main", workspace=workspace)
    assert not hub.requests
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    load(TINY, lambda event: None, workspace=workspace)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    found = describe("someone/tiny", "main", workspace=workspace)
    assert found.cached_bytes == found.download_bytes > 0


def test_without_a_connection_one_sentence_reports_it(hub: StandInHub, workspace: Workspace) -> None:
    hub.close()
    error = hub_refusal(workspace)
    assert (error.id, error.message) == ("M10", "No connection to the Hub.")
    switches = (RecoveryAction.WORK_OFFLINE, RecoveryAction.OPEN_PREFERENCES)
    assert error.actions == (RecoveryAction.TRY_AGAIN, *switches, RecoveryAction.USE_FOLDER)


def test_a_folder_for_files_of_the_hub_that_cannot_be_written_is_named(hub: StandInHub, tmp_path: Path) -> None:
    (tmp_path / "disk").write_text("no folder")
    place = Workspace(tmp_path / "workspace", hub=tmp_path / "disk" / "hub").create()
    error = hub_refusal(place)
    assert (error.id, error.message) == ("A3", f"Files of the Hub cannot be saved in {tmp_path / 'disk' / 'hub'}.")
    assert error.actions == (RecoveryAction.OPEN_PREFERENCES, RecoveryAction.TRY_AGAIN)


def test_without_a_connection_the_earlier_copy_is_used_and_said_to_be(
    hub: StandInHub, workspace: Workspace, received: list[Event]
) -> None:
    load(TINY, lambda event: None, workspace=workspace)
    hub.close()
    load(TINY, received.append, workspace=workspace)
    assert Noted("No connection to the Hub. The copy that was downloaded earlier is used.") in received


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
        "unknown": (
            {"config.json": config(model_type="futuristic"), **weights},
            "M9",
            "the kind “futuristic” are not known here",
        ),
        "typeless": ({"config.json": config(hidden_size=3), **weights}, "M9", "its kind of model"),
        "decoder": ({"config.json": config(model_type="bert", is_decoder=True), **weights}, "M9", "is_decoder"),
        "pickle": ({"config.json": config(model_type="bert"), "pytorch_model.bin": b"x"}, "M1", "old format"),
        "onnx": ({"config.json": config(model_type="bert"), "onnx/model.onnx": b"x"}, "M9", "ONNX"),
        "gguf": ({"model-q4.gguf": b"x"}, "M9", "GGUF"),
        "gguf with a config": ({"config.json": config(model_type="bert"), "model-q4.gguf": b"x"}, "M9", "GGUF"),
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
    error = hub_refusal(workspace, HubModel("someone/other"))
    assert isinstance(error, ModelNotSupported | ModelNotFound)
    assert error.id == id
    assert words in error.message
    assert hub.files_asked_for() <= {"config.json"}
    with pytest.raises(EngineError):
        describe("someone/other", "main", workspace=workspace)


def test_a_disk_that_is_too_small_is_reported_with_numbers_before_the_first_byte(
    hub: StandInHub, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9, 50_000))  # type: ignore[attr-defined]
    error = hub_refusal(workspace)
    assert (type(error), error.id) == (DiskFull, "M12")
    assert "50 kB are free" in error.message
    assert not hub.asked_for(WEIGHTS)


@pytest.mark.parametrize("where", ["/api/", "config.json", WEIGHTS])
def test_a_sign_in_page_is_not_taken_for_the_hub(hub: StandInHub, workspace: Workspace, where: str) -> None:
    hub.web_page_for = where
    error = hub_refusal(workspace)
    assert error.id == "M10"
    assert not list(workspace.hub.glob("*/refs/*"))


def test_other_content_of_the_right_size_is_not_kept(hub: StandInHub, workspace: Workspace) -> None:
    hub.wrong_content = True
    error = hub_refusal(workspace)
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


@pytest.mark.parametrize("name", ["", "  ", "a/b/c", "with space", "../../etc", "a--b", "x" * 200])
def test_what_cannot_be_a_name_asks_nothing(hub: StandInHub, workspace: Workspace, name: str) -> None:
    assert isinstance(hub_refusal(workspace, HubModel(name)), ModelNotFound)
    assert isinstance(hub_refusal(workspace, HubModel("someone/tiny", revision="../../x")), ModelNotFound)
    assert not hub.requests
