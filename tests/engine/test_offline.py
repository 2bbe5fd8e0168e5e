"""Work offline is absolute: all five steps, from the user's own Hub cache, without one attempt to connect."""

from __future__ import annotations

import contextlib
import socket
import sys
from pathlib import Path

import pytest
from huggingface_hub import constants

from engine import stages
from engine.contract.queries import AskDevices, AskHubModel, AskTokens
from engine.contract.settings import (
    EvaluateSettings,
    ExportSettings,
    FileRows,
    FineTuneSettings,
    HubModel,
    PrepareSettings,
)
from engine.workspace.layout import Workspace
from tests.builders_data import ignore, review_file
from tests.builders_models import tiny_bert_folder

COMMIT = "c0ffee" + "0" * 34
# What Python reports before it resolves a name or connects (PEP 578).
NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "urllib.Request")


@pytest.mark.nightly
def test_no_connection_is_tried_in_all_five_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = tmp_path / "cache" / "models--someone--tiny" / "snapshots" / COMMIT
    tiny_bert_folder(snapshot)
    (snapshot.parents[1] / "refs").mkdir()
    (snapshot.parents[1] / "refs" / "main").write_text(COMMIT)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    workspace = Workspace(tmp_path / "workspace").create()
    tried: list[str] = []
    watching = True

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event in NETWORK and not _is_local(arguments):
            tried.append(f"{event} {arguments[1:]}")

    sys.addaudithook(watch)
    with contextlib.suppress(OSError), socket.create_connection(("192.0.2.1", 9), timeout=0.01):  # of nobody
        pass
    assert tried  # the watch works
    tried.clear()
    try:
        stages.answer(AskDevices(), ignore, workspace=workspace)
        found = stages.answer(AskHubModel("someone/tiny"), ignore, workspace=workspace)
        model = stages.load_model(HubModel("someone/tiny", offline=True), ignore, workspace=workspace)
        stages.answer(AskTokens(model.folder, model.max_length, "a good film"), ignore, workspace=workspace)
        rows = FileRows(str(review_file(tmp_path / "reviews.csv")))
        dataset = stages.prepare_dataset(model, rows, PrepareSettings(), ignore, workspace=workspace)
        settings = FineTuneSettings(epochs=1, batch_size=8, device="cpu", precision="fp32")
        run = stages.fine_tune(dataset, settings, ignore, workspace=workspace)
        report = stages.evaluate(run, EvaluateSettings(device="cpu"), ignore, workspace=workspace)
        exported = stages.export(report, ExportSettings(), ignore, workspace=workspace)
    finally:
        watching = False
    assert tried == []
    assert found
    assert Path(exported.folder).is_dir()


def _is_local(arguments: tuple[object, ...]) -> bool:
    """A socket between processes of this computer, which has a path and no address."""
    sock = arguments[0] if arguments else None
    return isinstance(sock, socket.socket) and sock.family == getattr(socket, "AF_UNIX", None)
