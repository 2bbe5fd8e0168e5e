"""The offline page opened in Chromium from disk: its answers, that it asks for nothing, and that names stay texts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from engine.contract.artefacts import PAGE
from engine.contract.settings import ExportSettings
from engine.contract.states import ArtefactProof, EvaluationReport
from engine.exporting import offline_page
from engine.exporting.browser_client import Browser
from engine.exporting.export import export
from engine.exporting.page_askers import Asker, found_browser
from engine.exporting.standalone import predict
from tests.builders import an_evaluation
from tests.builders_data import ignore
from tests.engine.trained_run import a_trained_run

CHROMIUM = found_browser()
pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(not CHROMIUM, reason="there is no browser made of Chromium"),
]
TEXTS = (
    "the film is bright and a joy",
    "the plot is dull",
    "a",
    "上海 😀 cafe\u0301 " * 60,
    "the end is bad and the joy is dull",
)
HOSTILE = "</script><img src=x onerror='hacked=1'>\u2028"
SURE = 0.05  # between the two most likely labels, above which the same label is promised
READY = "classifier.model.then((model) => model.labels)"
# The rule of the page that a request breaks.
SENT = """new Promise((refused) => {
  addEventListener("securitypolicyviolation", (event) => refused(event.violatedDirective));
  fetch("https://example.org/").then(() => refused("none"), () => setTimeout(() => refused("none"), 5000));
})"""


class Exported(NamedTuple):
    folder: Path
    evaluation: EvaluationReport
    proof: ArtefactProof


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory, warm_proof: None) -> Exported:
    """An export whose page was proven in the browser, although there may be Node.js."""
    root = tmp_path_factory.mktemp("page")
    run, workspace = a_trained_run(root)
    evaluation = an_evaluation(run=run, folder=str(Path(run.folder) / "evaluation"))
    settings = ExportSettings(str(root / "model"), "Reviews", 20, ("html",))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(offline_page, "found_asker", lambda: Asker("browser", CHROMIUM))
        state = export(evaluation, settings, ignore, workspace=workspace)
    (proof,) = (proof for proof in state.artefacts if proof.name == "html")
    return Exported(Path(state.folder), evaluation, proof)


def answers(browser: Browser, texts: tuple[str, ...], batch: int) -> Any:
    return browser.value(f"classifier.model.then((model) => model.answer({json.dumps(texts)}, {batch}))")


def test_the_page_is_proven_in_the_browser(exported: Exported) -> None:
    proof = exported.proof
    assert (str(proof.refused), str(proof.unproven)) == ("", "")
    assert (proof.rows, proof.agreement, proof.batch_agreement) == (20, 1.0, 1.0)


def test_it_answers_as_predict_py_does_and_asks_for_nothing(exported: Exported) -> None:
    model = predict.Model(exported.folder, "onnx/model_quantized.onnx", threads=1)
    with Browser(CHROMIUM, (exported.folder / PAGE).as_uri()) as browser:
        assert browser.value(READY) == model.labels
        for batch in (1, 3):
            for ours, theirs in zip(model.answer(TEXTS, batch), answers(browser, TEXTS, batch), strict=True):
                scores = {one["label"]: one["score"] for one in theirs["scores"]}
                assert scores == pytest.approx(ours["scores"], abs=0.02)
                assert theirs.get("cut_tokens") == ours.get("cut_tokens")
                first, second = sorted(ours["scores"].values(), reverse=True)[:2]
                assert first - second <= SURE or theirs["label"] == ours["label"]
        asked = [
            event["params"]["request"]["url"]
            for event in browser.events
            if event["method"] == "Network.requestWillBeSent"
        ]
        assert asked[0] == (exported.folder / PAGE).as_uri()
        assert [url.partition(":")[0] for url in asked[1:]] == ["blob"]
        assert browser.value(SENT) == "connect-src"
        loud = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled")
        assert [event for event in browser.events if event["method"] in loud] == []


def test_names_and_texts_are_shown_as_texts(exported: Exported, tmp_path: Path) -> None:
    folder = tmp_path / "hostile"
    shutil.copytree(exported.folder, folder)
    config = json.loads((folder / "config.json").read_bytes())
    config["id2label"] = {"0": HOSTILE, "1": f"{HOSTILE}2"}
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    offline_page.write_page(folder / PAGE, HOSTILE, exported.evaluation)
    with Browser(CHROMIUM, (folder / PAGE).as_uri()) as browser:
        browser.value(READY)
        elements = browser.value("document.querySelectorAll('script, img').length")
        typed = (
            "new Promise((shown) => { const result = document.getElementById('result');"
            " new MutationObserver(() => shown(result.innerText)).observe(result, {childList: true});"
            f" first.value = {json.dumps(HOSTILE)}; first.dispatchEvent(new Event('input')); }})"
        )
        shown = browser.value(typed)
        assert shown.startswith(HOSTILE.strip())
        assert browser.value("document.title") == HOSTILE
        assert browser.value("document.querySelectorAll('script, img').length") == elements
        assert browser.value("typeof hacked") == "undefined"
