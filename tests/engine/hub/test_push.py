"""An exported folder goes to the Hub as a whole, as a private repository, or not at all; refusals have sentences."""

from __future__ import annotations

from pathlib import Path

import pytest
from huggingface_hub import constants

from engine.contract.errors import ExportFailed, StopRequested
from engine.contract.events import Event, Progressed
from engine.hub import push as pushing
from engine.hub.push import checked_repository, push, sent_files
from engine.workspace.atomic_files import new_folder
from tests.engine.loading.stand_in_hub import COMMIT, Repository, StandInHub

TOKEN = "hf_secret_of_the_test"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as an export writes it."""
    target = tmp_path / "exports" / "Reviews"
    target.parent.mkdir()
    with new_folder(target) as staging:
        (staging / "onnx").mkdir()
        files = {"config.json": b"{}", "README.md": b"---\nlicense: mit\n---\n# Reviews\n", "Reviews.zip": b"PK"}
        files |= {"model.safetensors": bytes(range(256)) * 400, "onnx/model.onnx": b"onnx" * 1000}
        for name, content in files.items():
            (staging / name).write_bytes(content)
    return target


@pytest.fixture(autouse=True)
def _token(hub: StandInHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)


def ignore(_: Event) -> None:
    """Nobody listens."""


def test_all_files_but_the_zip_are_in_one_commit_of_a_private_repository(folder: Path, hub: StandInHub) -> None:
    events: list[Event] = []
    sent = push(folder, "reviews", events.append)
    names = {name for name, _ in sent_files(folder)}
    assert names == {"config.json", "README.md", "MANIFEST.json", "model.safetensors", "onnx/model.onnx"}
    found = hub.repositories["someone/reviews"].files
    assert found == {name: (folder / name).read_bytes() for name in names}
    assert hub.visibility == {"someone/reviews": "private"}
    assert (sent.repository, sent.commit, sent.files, sent.private) == ("someone/reviews", COMMIT, 5, True)
    assert sent.size_bytes == sum(size for _, size in sent_files(folder))
    assert sum(one.path.endswith("/commit/main") for one in hub.requests) == 1
    progress = [event for event in events if isinstance(event, Progressed)]
    assert progress[-1].done == progress[-1].total == sent.size_bytes
    assert TOKEN not in str(events)


def test_it_is_public_where_that_is_asked_for(folder: Path, hub: StandInHub) -> None:
    push(folder, "owner/reviews", ignore, private=False)
    assert hub.visibility == {"owner/reviews": "public"}


@pytest.mark.parametrize(
    ("part", "status", "message", "sentence"),
    [
        ("/api/repos/create", 401, "", "does not accept the access token"),
        ("/api/repos/create", 403, "You don't have the rights", "does not permit to make reviews"),
        ("/api/repos/create", 409, "", "a repository reviews on the Hub already"),
        ("/api/repos/create", 500, "", "did not take the model"),
        ("/info/lfs/objects/batch", 403, "Private repository storage limit reached", "does not take so much"),
        ("/upload/", 413, "", "does not take so much"),
        ("/upload/", 403, "", "does not permit"),
        ("/commit/main", 400, "", "did not take the model"),
    ],
)
def test_each_refusal_has_its_sentence_and_leaves_nothing(
    folder: Path, hub: StandInHub, part: str, status: int, message: str, sentence: str
) -> None:
    hub.refuses = {part: (status, message)}
    with pytest.raises(ExportFailed, match=sentence) as refused:
        push(folder, "reviews", ignore)
    report = refused.value.report()
    assert report.id == "X8"
    assert TOKEN not in f"{report}"
    assert "someone/reviews" not in hub.repositories


def test_a_repository_that_is_there_is_never_touched(folder: Path, hub: StandInHub) -> None:
    hub.repositories["someone/reviews"] = Repository({"README.md": b"mine"})
    with pytest.raises(ExportFailed, match="already"):
        push(folder, "reviews", ignore)
    assert hub.repositories["someone/reviews"].files == {"README.md": b"mine"}
    assert [one.path for one in hub.requests] == ["/api/repos/create"]


def test_a_repository_that_cannot_be_deleted_again_is_named(folder: Path, hub: StandInHub) -> None:
    hub.refuses = {"/commit/main": (400, ""), "/api/repos/delete": (403, "")}
    with pytest.raises(ExportFailed, match="someone/reviews could not be deleted"):
        push(folder, "reviews", ignore)


def test_a_stop_while_it_is_sent_leaves_nothing(folder: Path, hub: StandInHub) -> None:
    hub.holds_sending = True

    def stop(event: Event) -> None:
        if any("/upload/" in one.path for one in hub.requests):
            hub.continue_run.set()
            raise StopRequested

    with pytest.raises(StopRequested):
        push(folder, "reviews", stop)
    assert "someone/reviews" not in hub.repositories


def test_without_a_connection_it_reports_it(folder: Path, hub: StandInHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ExportFailed, match="no connection to the Hub"):
        push(folder, "reviews", ignore)


def test_offline_nothing_is_asked(folder: Path, hub: StandInHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ExportFailed, match="work offline"):
        push(folder, "reviews", ignore)
    assert hub.requests == []


def test_without_a_token_nothing_is_asked(folder: Path, hub: StandInHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushing, "get_token", lambda: None)
    with pytest.raises(ExportFailed, match="needs an access token"):
        push(folder, "reviews", ignore)
    assert hub.requests == []


def test_a_folder_that_was_changed_is_not_sent(folder: Path, hub: StandInHub) -> None:
    (folder / "config.json").write_text('{"changed": 1}', "utf-8")
    with pytest.raises(ExportFailed, match="not as it was exported"):
        push(folder, "reviews", ignore)
    assert hub.requests == []


@pytest.mark.parametrize("name", ["", "  ", "a/b/c", "with space", "..", "-x-"])
def test_what_cannot_be_a_name_is_refused(name: str) -> None:
    with pytest.raises(ExportFailed) as refused:
        checked_repository(name)
    assert refused.value.report().field == "repository"


def test_the_address_before_a_name_is_taken_off() -> None:
    assert checked_repository(" https://huggingface.co/me/my-model/ ") == "me/my-model"
