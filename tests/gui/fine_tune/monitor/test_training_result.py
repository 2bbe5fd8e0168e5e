"""What a finished run has reached, beside its baselines: a run that passes none of them is no success."""

from __future__ import annotations

import pytest

from engine.contract.defaults import auto_settings
from engine.contract.events import BaselineMeasured
from engine.contract.messages import FineTune
from engine.contract.settings import FineTuneSettings
from engine.tasks.registry import task_facts
from engine.workspace.event_log import RunLog
from engine.workspace.runs import create_run, run_folder
from gui.fine_tune.page import FineTunePage
from gui.session import Session
from tests.builders import a_dataset, a_run
from tests.gui.conftest import StandInEngine

REFUSED = task_facts("text_classification").refused_settings


@pytest.fixture
def page(empty_page: FineTunePage) -> FineTunePage:
    return empty_page


def open_run(session: Session, settings: FineTuneSettings, score: float | None, *baselines: float) -> None:
    record = create_run(session.workspace, a_dataset(), settings)
    log = RunLog(run_folder(session.workspace, record.id))
    for name, reached in zip(("majority", "tfidf_svm"), baselines, strict=False):
        log.append(BaselineMeasured(name, "macro_f1", reached))
    log.close()
    session.go_to(a_run(id=record.id, settings=settings, best_score=score))


def test_a_run_above_its_baselines_has_no_caution(page: FineTunePage, session: Session) -> None:
    open_run(session, FineTuneSettings(), 0.8, 0.3, 0.7)
    result = page._watch.result
    assert not result.verdict.isVisible()
    assert not result.improve.isVisible()
    assert not page.is_doubtful()


def test_a_run_below_a_baseline_offers_auto_and_starts_it(
    page: FineTunePage, session: Session, engine: StandInEngine
) -> None:
    open_run(session, FineTuneSettings(learning_rate=0.05), 0.5, 0.3, 0.7)
    result = page._watch.result
    assert result.verdict.text() == "No better than TF-IDF + linear SVM: 0.700 on the same rows."
    assert page.is_doubtful()
    assert result.improve.text() == "Train with Auto"
    result.improve.click()
    job = engine.jobs[engine.stage_number() - 1]
    assert isinstance(job, FineTune)
    assert job.settings == auto_settings(a_dataset(), REFUSED)


def test_a_run_of_auto_below_a_baseline_offers_the_contrastive_start(
    page: FineTunePage, session: Session, engine: StandInEngine
) -> None:
    open_run(session, auto_settings(a_dataset(), REFUSED), 0.5, 0.3, 0.7)
    result = page._watch.result
    assert result.improve.text() == "Keep the simple model"
    result.improve.click()
    job = engine.jobs[engine.stage_number() - 1]
    assert isinstance(job, FineTune)
    assert job.settings.method == "contrastive"


def test_a_score_of_nothing_is_a_caution(page: FineTunePage, session: Session) -> None:
    open_run(session, FineTuneSettings(), 0.0, 0.0)
    assert page.is_doubtful()
