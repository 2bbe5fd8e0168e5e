"""The Evaluate page: what it submits, what it shows of a report, and how its parts are connected."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QLabel
from pytestqt.qtbot import QtBot

from engine.contract.errors import ErrorReport
from engine.contract.events import Progressed
from engine.contract.messages import Evaluate
from engine.contract.queries import AskPrediction, AskRow, LabelProbability, Prediction, TokenizedText
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.settings import EvaluateSettings, FineTuneSettings, PrepareSettings, Roles
from engine.contract.states import ClassScores, EvaluationReport, ScoreDifference, SplitCounts, TargetScale, WrongRow
from engine.workspace.references import reference_to_run
from gui.evaluate.page import EvaluatePage
from gui.session import Session
from tests.builders import a_dataset, a_run, an_evaluation
from tests.gui.conftest import StandInEngine, show_page

HOSTILE = "<img src='file:///canary.png'><b>bold</b> &amp;"
WRONG = (
    WrongRow(31, "not half as bad as it could be", "positive", "negative", 0.97, 3.4),
    WrongRow(4, "a warm film", "positive", "negative", 0.61, 0.9),
    WrongRow(1_077, "so clever it hurts", "negative", "positive", 0.88, 2.1),
)
TAGS = ("O", "B-PERSON", "I-PERSON", "B-PLACE", "I-PLACE")


@pytest.fixture
def page(session: Session, qtbot: QtBot) -> EvaluatePage:
    return show_page(EvaluatePage(session), qtbot, width=760, height=1400, state=a_run())


def entities_report() -> EvaluationReport:
    dataset = a_dataset(task="token_classification", label_names=TAGS)
    return an_evaluation(
        run=a_run(dataset=dataset, metric="entity_f1"),
        scores={"entity_f1": 0.842, "entity_precision": 0.851, "entity_recall": None, "word_accuracy": 0.967},
        headline="entity_f1",
        intervals={"entity_f1": (0.78, 0.89)},
        baselines={"majority": {"entity_f1": 0.0}, "most_frequent_tag": {"entity_f1": 0.611}},
        classes=(ClassScores("PERSON", 0.9, 0.8, 0.847, 20), ClassScores("PLACE", None, 0.0, 0.0, 4)),
        confusion_labels=("O", "PERSON", "PLACE"),
        confusion=((900, 2, 1), (3, 20, 4), (2, 0, 0)),
        wrong_rows=(
            WrongRow(12, "Mira Tellen in Oslo", "PERSON: Mira Tellen; PLACE: Oslo", "PLACE: Tellen", 0.9, 5.2),
            WrongRow(30, "May calls", "PERSON: May", "no entity", 0.8, 3.0),
        ),
    )


def job_of(engine: StandInEngine) -> Evaluate:
    job = engine.jobs[engine.stage_number() - 1]
    assert isinstance(job, Evaluate)
    return job


def listed_rows(page: EvaluatePage) -> list[str]:
    table = page.evaluated_rows.table
    return [table.cells.text(row, 0) for row in range(table.cells.rowCount())]


# ── Evaluating ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_evaluate_scores_the_test_rows_on_the_device_of_the_run(
    page: EvaluatePage, session: Session, engine: StandInEngine
) -> None:
    run = a_run(settings=FineTuneSettings(device="cuda:0"))
    session.go_to(run)
    assert page.primary_text() == "Evaluate"
    page.take_primary_action()
    assert job_of(engine) == Evaluate(run, EvaluateSettings(split="test", device="cuda:0"))


def test_the_validation_rows_can_be_scored_instead(page: EvaluatePage, engine: StandInEngine) -> None:
    page.split_choice.setCurrentIndex(page.split_choice.findData("validation"))
    page.split_choice.activated.emit(page.split_choice.currentIndex())
    assert "200 validation rows" in page.plan.text()
    page.take_primary_action()
    assert job_of(engine).settings.split == "validation"


def test_where_nothing_is_held_out_cross_validation_is_what_is_offered_with_its_time(
    page: EvaluatePage, session: Session, engine: StandInEngine
) -> None:
    splits = {"train": SplitCounts(96, {}), "validation": SplitCounts(0, {}), "test": SplitCounts(0, {})}
    dataset = a_dataset(splits=splits, settings=msgspec.structs.replace(a_dataset().settings, test_share=0))
    session.go_to(a_run(dataset=dataset, seconds=36.0, best_score=None, history=()))
    assert page.split_choice.currentData() == "cross_validation"
    assert "96 training rows into up to 5 folds" in page.plan.text()
    assert "about 3 min" in page.plan.text()
    assert "Nothing was held out" in page.why()
    page.take_primary_action()
    assert job_of(engine).settings.split == "cross_validation"


def test_a_split_without_rows_is_not_offered(page: EvaluatePage, session: Session) -> None:
    splits = {"train": SplitCounts(10, {}), "validation": SplitCounts(2, {}), "test": SplitCounts(0, {})}
    session.go_to(a_run(dataset=a_dataset(splits=splits)))
    offered = [page.split_choice.itemText(i) for i in range(page.split_choice.count())]
    assert offered == ["Validation · 2 rows", "Cross-validation · 10 rows"]
    session.go_to(a_run(dataset=a_dataset(splits={"train": SplitCounts(1, {})})))
    assert not page.primary_enabled()
    assert "Prepare the data" in page.primary_reason()


def test_few_test_rows_are_cross_validated_first_and_it_shows_why(page: EvaluatePage, session: Session) -> None:
    splits = {"train": SplitCounts(86, {}), "validation": SplitCounts(0, {}), "test": SplitCounts(10, {})}
    session.go_to(a_run(dataset=a_dataset(splits=splits), seconds=60.0, steps=300, steps_planned=300))
    assert page.split_choice.currentData() == "cross_validation"
    assert "the score of 10 test rows would be uncertain by about 0.25" in page.plan.text()
    session.go_to(a_run(id="another"))  # of which 200 test rows, and training again takes long
    assert page.split_choice.currentData() == "test"


def test_while_evaluating_the_amount_is_shown_and_nothing_starts_twice(
    page: EvaluatePage, engine: StandInEngine
) -> None:
    for _ in range(5):
        page.take_primary_action()
    assert sum(isinstance(job, Evaluate) for job in engine.jobs) == 1
    engine.send(Progressed(64, 200, "Asking the network", "rows"))
    assert page.progress.isVisible()
    assert page.progress.amount() == "64 of 200 rows"
    assert not page.split_choice.isEnabled()
    assert not page.primary_enabled()
    page.stop(0)
    engine.stopped()
    assert not page.progress.isVisible()
    assert page.primary_enabled()


def test_a_failure_keeps_the_result_that_was_there(page: EvaluatePage, session: Session, engine: StandInEngine) -> None:
    session.go_to(an_evaluation())
    page.take_primary_action()
    error = ErrorReport("OutOfMemory", "T1", "The memory of the GPU is full.", actions=(RecoveryAction.USE_CPU,))
    engine.fail(error)
    assert page.summary.isVisible()
    page.solve(RecoveryAction.USE_CPU, error)
    assert job_of(engine).settings.device == "cpu"


# ── The result ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_score_is_with_its_interval_beside_the_baselines(page: EvaluatePage, engine: StandInEngine) -> None:
    page.take_primary_action()
    engine.succeed(an_evaluation())
    assert page.summary.value.text() == "0.83"
    assert "0.78 to 0.88" in page.summary.interval.text()
    assert "200 test rows" in page.summary.title.text()
    bars = page.summary.bars.bars()
    assert [(bar.name, bar.shown) for bar in bars] == [
        ("this model", "0.83"),
        ("TF-IDF + linear SVM", "0.76"),
        ("majority class", "0.34"),
    ]
    assert bars[0].interval == (0.775, 0.88)
    assert ("accuracy", "0.83 (0.78–0.88)") in page.summary.facts.facts()
    assert page.chosen() == "test 0.83 (0.78–0.88) · macro F1"
    assert page.primary_text() == "Evaluate again"


def test_a_finished_evaluation_is_shown_at_once(page: EvaluatePage, session: Session, engine: StandInEngine) -> None:
    session.go_to(an_evaluation(settings=EvaluateSettings(split="validation")))
    assert page.summary.isVisible()
    assert not page.plan.isVisible()
    assert page.split_choice.currentData() == "validation"
    assert "on 200 validation rows" in page.sentence()
    assert not any(isinstance(job, Evaluate) for job in engine.jobs)


def test_another_run_closes_the_result_and_keeps_the_split(page: EvaluatePage, session: Session) -> None:
    session.go_to(an_evaluation(settings=EvaluateSettings(split="validation")))
    session.go_to(a_run(id="another"))
    assert not page.summary.isVisible()
    assert page.split_choice.currentData() == "validation"
    assert page.chosen() == ""
    assert page.primary_text() == "Evaluate"


def test_what_cannot_be_measured_is_reported_and_is_no_nought(page: EvaluatePage, session: Session) -> None:
    session.go_to(
        an_evaluation(
            scores={"macro_f1": None, "accuracy": None},
            intervals={},
            baselines={"majority": {"macro_f1": None}},
            classes=(ClassScores("negative", None, None, None, 0), ClassScores("positive", 1.0, 1.0, 1.0, 1)),
        )
    )
    assert page.summary.value.text() == "not measurable"
    assert page.summary.facts.facts() == (("accuracy", "not measurable"),)
    assert page.summary.bars.bars()[1].value is None
    assert page.chosen() == "test not measurable · macro F1"
    table = page.classes.table.cells
    assert [table.text(0, column) for column in range(5)] == ["negative", "–", "–", "–", "0"]
    assert "not measurable" in page.classes.note()


@pytest.mark.parametrize(
    ("low", "high", "said", "role"),
    [
        (0.012, 0.068, "Better than TF-IDF + linear SVM by 0.040 (0.012–0.068).", "good"),
        (
            -0.03,
            0.07,
            "No difference to TF-IDF + linear SVM can be shown on 200 test rows (−0.03 to +0.07).",
            "caution",
        ),
        (-0.21, -0.11, "Worse than TF-IDF + linear SVM by 0.16 (0.11–0.21).", "caution"),
    ],
)
def test_the_verdict_is_the_difference_to_the_best_baseline(
    page: EvaluatePage, session: Session, low: float, high: float, said: str, role: str
) -> None:
    difference = ScoreDifference((low + high) / 2, low, high)
    session.go_to(an_evaluation(differences={"tfidf_svm": difference}))
    assert page.summary.verdict.text() == said
    assert page.summary.verdict.property("role") == role


def test_scores_on_rows_that_chose_or_taught_the_network_have_no_green_verdict(
    page: EvaluatePage, session: Session
) -> None:
    session.go_to(an_evaluation(settings=EvaluateSettings(split="validation"), intervals={}))
    assert page.summary.verdict.text() == (
        "Better than TF-IDF + linear SVM by 0.069 (0.021–0.117). "
        "Chosen among 3 evaluations on 200 validation rows: expect up to 0.02 less on new rows."
    )
    assert page.summary.verdict.property("role") == "caution"
    assert page.summary.interval.text() == ""
    session.go_to(an_evaluation(settings=EvaluateSettings(split="train"), intervals={}, differences={}))
    assert not page.summary.verdict.isVisible()


def test_a_score_without_an_interval_shows_why(page: EvaluatePage, session: Session) -> None:
    reason = "No interval for Matthews correlation: it cannot be computed for 12% of the resamples of these rows."
    session.go_to(an_evaluation(withheld={"mcc": reason}))
    assert reason in page.summary.notes.text()


def test_entities_are_scored_whole_and_named_as_such(page: EvaluatePage, session: Session) -> None:
    session.go_to(entities_report())
    assert page.summary.value.text() == "0.84"
    assert [bar.name for bar in page.summary.bars.bars()] == [
        "this model",
        "most frequent tag per word",
        "no entity at all",
    ]
    assert ("entity recall", "not measurable") in page.summary.facts.facts()
    assert page.classes.table.cells.column_name(0) == "Type"
    assert page.confusion.cell_sentence((1, 2)) == "4 words with the true label PERSON were predicted as PLACE, 15 %."
    assert page.confusion.cell_sentence((0, 1)).startswith("2 words outside of entities were predicted as PERSON")


def test_the_classes_are_sorted_by_number_and_not_by_letter(page: EvaluatePage, session: Session) -> None:
    counts = (("a", 9), ("b", 10), ("c", 1_200))
    session.go_to(an_evaluation(classes=tuple(ClassScores(name, 0.5, None, 0.5, n) for name, n in counts)))
    table = page.classes.table
    table.sort_by(4, Qt.SortOrder.DescendingOrder)
    assert [table.cells.text(row, 4) for row in range(3)] == ["1,200", "10", "9"]
    table.sort_by(0, Qt.SortOrder.DescendingOrder)
    assert [table.cells.text(row, 0) for row in range(3)] == ["c", "b", "a"]


def test_matrix_and_classes_are_beside_each_other_where_there_is_room(page: EvaluatePage, session: Session) -> None:
    session.go_to(an_evaluation())
    page.resize(1000, 1400)
    below = QBoxLayout.Direction.TopToBottom
    assert page._detail._box.direction() != below
    page.resize(500, 1400)
    assert page._detail._box.direction() == below
    assert page._top._box.direction() == below


# ── Wrong rows ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_row_with_the_largest_loss_is_first(page: EvaluatePage, session: Session) -> None:
    session.go_to(an_evaluation(wrong_rows=(WRONG[1], WRONG[0], WRONG[2])))
    assert listed_rows(page) == ["31", "1,077", "4"]


def test_a_cell_of_the_matrix_filters_the_wrong_rows(page: EvaluatePage, session: Session) -> None:
    session.go_to(an_evaluation(wrong_rows=WRONG))
    page.confusion.matrix.choose((1, 0))
    assert listed_rows(page) == ["31", "4"]
    assert "15 rows with the true label positive were predicted as negative" in page.evaluated_rows.note.text()
    assert "2 of them are among the 3 rows" in page.evaluated_rows.note.text()
    page.evaluated_rows.all_button.click()
    assert listed_rows(page) == ["31", "1,077", "4"]
    assert page.confusion.matrix.chosen_cell() is None


def test_a_cell_of_right_predictions_lists_none_of_the_wrong_rows(
    page: EvaluatePage, session: Session, qtbot: QtBot
) -> None:
    session.go_to(an_evaluation(wrong_rows=WRONG))
    page.confusion.matrix.choose((0, 0))
    assert listed_rows(page) == []
    qtbot.waitUntil(lambda: "Evaluate again to list them all." in page.evaluated_rows.note.text())  # nothing is on disk
    assert "were predicted correctly" in page.confusion.sentence.text()


def test_a_cell_of_entities_finds_the_rows_with_such_words(page: EvaluatePage, session: Session) -> None:
    session.go_to(entities_report())
    page.confusion.matrix.choose((1, 2))
    assert listed_rows(page) == ["12"]  # Tellen is a PERSON and was called a PLACE
    page.confusion.matrix.choose((1, 0))
    assert listed_rows(page) == ["12", "30"]  # Mira and May were not found
    page.confusion.matrix.choose((2, 0))
    assert listed_rows(page) == ["12"]  # Oslo was not found


def test_the_filter_box_looks_at_text_and_labels(page: EvaluatePage, session: Session) -> None:
    session.go_to(an_evaluation(wrong_rows=WRONG))
    page.evaluated_rows.filter.setText("CLEVER")
    assert listed_rows(page) == ["1,077"]
    page.confusion.matrix.choose((1, 0))
    assert listed_rows(page) == []
    page.evaluated_rows.filter.setText("warm")
    assert listed_rows(page) == ["4"]


def test_a_chosen_row_can_be_read_whole_and_tried(page: EvaluatePage, session: Session, engine: StandInEngine) -> None:
    long_text = "word " * 300 + "\nend"
    session.go_to(an_evaluation(wrong_rows=(WrongRow(8, long_text, "positive", "negative", 0.9, 2.0), *WRONG)))
    assert not page.evaluated_rows.try_button.isVisible()
    page.evaluated_rows.table.selectRow(2)
    assert page.evaluated_rows.whole.text() == long_text
    assert "truth positive · predicted negative with 90.0 %" in page.evaluated_rows.labels.text()
    page.evaluated_rows.try_button.click()
    assert page.box.text() == long_text
    assert engine.jobs[-1] == AskPrediction(reference_to_run(a_run()), long_text)


# ── Try it, and the frame ───────────────────────────────────────────────────────────────────────────────────────


def test_a_sentence_is_answered_before_any_evaluation(page: EvaluatePage, engine: StandInEngine, qtbot: QtBot) -> None:
    answer = Prediction("good", labels=(LabelProbability("positive", 0.9), LabelProbability("negative", 0.1)))
    engine.answers[AskPrediction] = lambda _question: answer
    page.try_sentence("good")
    qtbot.waitUntil(page.box.bars.isVisible)
    assert [(bar.name, bar.shown) for bar in page.box.bars.bars()] == [("positive", "90.0 %"), ("negative", "10.0 %")]


def test_an_older_answer_does_not_overwrite_a_newer_one(page: EvaluatePage, engine: StandInEngine) -> None:
    from engine.contract.events import Answered

    page.try_sentence("old")
    old = len(engine.jobs)
    page.try_sentence("new")
    new = len(engine.jobs)
    assert (old, False) in engine.stopped_jobs
    engine.send(Answered(Prediction("new", labels=(LabelProbability("positive", 0.7),))), new)
    engine.send(Answered(Prediction("old", labels=(LabelProbability("negative", 0.6),))), old)
    assert [bar.name for bar in page.box.bars.bars()] == ["positive"]


def test_while_a_stage_runs_the_sentence_waits_and_reports_it(page: EvaluatePage, engine: StandInEngine) -> None:
    page.take_primary_action()
    page.try_sentence("one")
    page.try_sentence("two")
    assert "when the running step has ended" in page.box.note.text()
    assert not any(isinstance(job, AskPrediction) for job in engine.jobs)
    engine.succeed(an_evaluation())
    assert [job.text for job in engine.jobs if isinstance(job, AskPrediction)] == ["two"]


def test_another_run_answers_the_sentence_anew(page: EvaluatePage, session: Session, engine: StandInEngine) -> None:
    page.try_sentence("good")
    other = a_run(id="another")
    session.go_to(other)
    assert engine.jobs[-1] == AskPrediction(reference_to_run(other), "good")


def test_a_question_that_fails_shows_why(page: EvaluatePage, engine: StandInEngine, qtbot: QtBot) -> None:
    engine.answers[AskPrediction] = lambda _question: ErrorReport("WorkerDied", "T3", "The engine ended.", "Try again.")
    page.try_sentence("good")
    qtbot.waitUntil(lambda: page.box.note.text() == "The engine ended. Try again.")


def test_hostile_labels_and_texts_are_shown_as_written(page: EvaluatePage, session: Session) -> None:
    dataset = a_dataset(name=HOSTILE, label_names=(HOSTILE, "other"))
    session.go_to(
        an_evaluation(
            run=a_run(dataset=dataset),
            confusion_labels=(HOSTILE, "other"),
            classes=(ClassScores(HOSTILE, 0.5, 0.5, 0.5, 2),),
            wrong_rows=(WrongRow(1, HOSTILE, HOSTILE, "other", 0.9, 1.0),),
            notes=(HOSTILE,),
        )
    )
    page.evaluated_rows.table.selectRow(0)
    page.confusion.matrix.choose((0, 1))
    for label in page.findChildren(QLabel):
        assert label.textFormat() == Qt.TextFormat.PlainText, label.text()
    assert HOSTILE in page.summary.notes.text()
    assert HOSTILE in page.confusion.sentence.text()
    for table in (page.evaluated_rows.table, page.classes.table):
        index = table.cells.index(0, 1 if table is page.evaluated_rows.table else 0)
        tooltip = str(table.cells.data(index, Qt.ItemDataRole.ToolTipRole))
        assert "<img" not in tooltip
        assert "&lt;img" in tooltip


def test_the_reasons_name_the_users_own_numbers(page: EvaluatePage, session: Session) -> None:
    assert "1,600 training rows" in page.why()
    session.go_to(an_evaluation())
    for said in ("200 test rows", "0.78 to 0.88", "majority class 0.34", "“negative” with 0.82", "Row 31"):
        assert said in page.why()
    assert 'splits["test"]' in page.code()
    session.go_to(entities_report())
    assert "whole entities" in page.why()


def test_everything_can_be_reached_by_keyboard_and_has_a_name(page: EvaluatePage, session: Session) -> None:
    session.go_to(an_evaluation(wrong_rows=WRONG))
    for widget in (
        page.split_choice,
        page.box.edit,
        page.confusion.matrix,
        page.classes.table,
        page.evaluated_rows.filter,
        page.evaluated_rows.table,
    ):
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus, widget
        assert widget.accessibleName(), widget
    assert "0.83" in page.summary.bars.accessibleDescription()


def test_a_wrong_row_is_shown_as_the_network_reads_it(
    page: EvaluatePage, session: Session, engine: StandInEngine, qtbot: QtBot
) -> None:
    asked: list[AskRow] = []

    def answer(question: object) -> TokenizedText | ErrorReport:
        assert isinstance(question, AskRow)
        asked.append(question)
        if question.number == 4:
            return ErrorReport("DatasetInvalid", "D20", "The prepared rows of test are not there.")
        return TokenizedText("a", ("[CLS]", "a"), (101, 1), (1, 1), (None, 0), words=("a",), row=question.number)

    engine.answers[AskRow] = answer
    session.go_to(an_evaluation(wrong_rows=WRONG))
    rows = page.evaluated_rows
    assert not rows.tokens_button.isVisible()
    rows.table.selectRow(0)
    rows.tokens_button.click()
    qtbot.waitUntil(rows.tokens.isVisible)
    assert (asked[-1].split, asked[-1].number) == ("test", 31)
    assert len(rows.tokens.view.alignment().columns) == 2

    rows.table.selectRow(2)
    assert not rows.tokens.isVisible()
    qtbot.keyClick(rows.table, Qt.Key.Key_Return)
    qtbot.waitUntil(rows.problem.isVisible)
    assert rows.problem.text() == "The prepared rows of test are not there."


def test_a_page_without_a_matrix_shows_what_there_is(page: EvaluatePage, session: Session) -> None:
    settings = PrepareSettings(task="regression", roles=Roles(text="a", second_text="b", score="points"))
    dataset = a_dataset(
        task="regression", settings=settings, label_names=("score",), target_scale=TargetScale(2.7, 1.5)
    )
    empty = {"confusion_labels": (), "confusion": ()}
    scored = an_evaluation(
        run=a_run(dataset=dataset, metric="spearman"),
        scores={"spearman": 0.83, "pearson": 0.82, "mae": 0.6, "rmse": 0.8},
        headline="spearman",
        intervals={"spearman": (0.81, 0.85)},
        baselines={"mean": {"spearman": None}, "tfidf_ridge": {"spearman": 0.6}},
        classes=(),
        scatter=((2.0, 2.5), (4.0, 3.5)),
        wrong_rows=(WrongRow(7, "one\ntwo", "5", "1.2", 0.0, 14.4),),
        **empty,
    )
    session.go_to(scored)
    assert page.scatter.isVisible()
    assert not page.confusion.isVisible()
    assert not page.classes.isVisible()
    assert page.evaluated_rows.table.cells.text(0, 4) == "–"
    assert page.box.second_edit.isVisible()
    assert "same order" in page.why()
    several = an_evaluation(
        run=a_run(dataset=a_dataset(task="multi_label_classification"), metric="micro_f1"),
        scores={"micro_f1": 0.7},
        headline="micro_f1",
        intervals={},
        baselines={},
        classes=(ClassScores("negative", 0.8, 0.7, 0.75, 9),),
        **empty,
    )
    session.go_to(several)
    assert page.classes.isVisible()
    assert not page.confusion.isVisible()
    assert not page.scatter.isVisible()
    assert not page.box.second_edit.isVisible()


def test_a_model_that_is_no_better_has_one_button_that_starts_a_better_run(page: EvaluatePage) -> None:
    taken: list[RecoveryAction] = []
    page.action_passed_on.connect(lambda action, _error: taken.append(action))
    page.session.go_to(an_evaluation())
    assert not page.summary.improve.isVisible()
    assert not page.is_doubtful()
    differences = {"tfidf_svm": ScoreDifference(-0.1, -0.15, -0.05)}
    page.session.go_to(an_evaluation(differences=differences))
    assert page.is_doubtful()
    assert page.summary.improve.text() == "Train with Auto"
    page.summary.improve.click()
    assert taken == [RecoveryAction.TRAIN_WITH_AUTO]


def test_a_score_that_cannot_be_measured_is_a_caution_with_a_button(page: EvaluatePage) -> None:
    page.session.go_to(an_evaluation(scores={"macro_f1": None}))
    assert "cannot be measured" in page.summary.verdict.text()
    assert page.summary.improve.isVisible()
    assert page.is_doubtful()
