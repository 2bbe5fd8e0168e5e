"""Any two evaluated runs on the same rows: the paired difference, and what is not compared."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from scipy import stats

from engine import stages
from engine.contract.events import Event
from engine.contract.queries import AskRunDifferences, RunDifferences
from engine.contract.settings import EvaluateSettings, ExampleRows
from engine.contract.states import EvaluationReport
from engine.evaluating import observations
from engine.evaluating.paired_tests import holm
from engine.workspace.layout import Workspace
from engine.workspace.runs import create_run, run_folder, save_run
from tests.engine.trained_run import a_trained_run


def quietly(_event: Event) -> None:
    """Ignores events."""


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> tuple[EvaluationReport, Workspace]:
    run, workspace = a_trained_run(tmp_path_factory.mktemp("differences"), sizes=(40, 10, 120))
    return stages.evaluate(run, EvaluateSettings(), quietly, workspace=workspace), workspace


def another(report: EvaluationReport, workspace: Workspace, table: pa.Table, **changes: object) -> str:
    """A further run of the workspace with these predictions."""
    dataset = msgspec.structs.replace(report.run.dataset, **changes)
    record = create_run(workspace, dataset, report.run.settings)
    folder = run_folder(workspace, record.id)
    run = msgspec.structs.replace(report.run, id=record.id, folder=str(folder), dataset=dataset)
    place = folder / "evaluation"
    place.mkdir()
    parquet.write_table(table, place / "predictions.parquet")
    evaluation = msgspec.structs.replace(report, run=run, folder=str(place))
    save_run(workspace, msgspec.structs.replace(record, status="finished", run=run, evaluation=evaluation))
    return record.id


def with_wrong(table: pa.Table, wrong: int) -> pa.Table:
    """The same predictions, of which the first so many are wrong."""
    truth = table["truth"].to_pylist()
    other = {"positive": "negative", "negative": "positive"}
    predicted = [other[label] if place < wrong else label for place, label in enumerate(truth)]
    return table.set_column(table.schema.get_field_index("predicted"), "predicted", pa.array(predicted))


def asked(report: EvaluationReport, workspace: Workspace, *others: str) -> RunDifferences:
    answer = stages.answer(AskRunDifferences(report.run.id, others), quietly, workspace=workspace)
    assert isinstance(answer, RunDifferences)
    return answer


def test_runs_are_compared_on_the_rows_that_both_predicted(evaluated: tuple[EvaluationReport, Workspace]) -> None:
    report, workspace = evaluated
    table = parquet.read_table(Path(report.folder) / "predictions.parquet")
    mine = np.asarray(table["right"].to_pylist())
    ids = [another(report, workspace, with_wrong(table, wrong)) for wrong in (30, 3)]
    found = asked(report, workspace, *ids)
    assert [one.run for one in found.others] == ids
    for one, wrong in zip(found.others, (30, 3), strict=True):
        theirs = np.arange(120) >= wrong
        assert (one.rows, one.left_out) == (120, 0)
        assert one.test is not None
        better, worse = int((mine & ~theirs).sum()), int((theirs & ~mine).sum())
        assert (one.test.better, one.test.worse) == (better, worse)
        assert one.test.mcnemar_p == pytest.approx(stats.binomtest(better, better + worse, 0.5).pvalue)
        assert one.difference is not None
        assert one.difference.value == pytest.approx((one.score or 0) - (one.other_score or 0))
    first = found.others[0]
    assert first.difference is not None
    assert first.difference.low > 0
    tests = [one.test for one in found.others if one.test is not None]
    assert [test.adjusted_p for test in tests] == pytest.approx(holm([test.p for test in tests]))


def test_rows_that_are_one_observation_are_exchanged_together(
    evaluated: tuple[EvaluationReport, Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    report, workspace = evaluated
    table = parquet.read_table(Path(report.folder) / "predictions.parquet")
    other = another(report, workspace, with_wrong(table, 24))
    widths, rows = [], []
    for texts in (120, 12):
        monkeypatch.setattr(
            observations, "texts_of_rows", lambda _, texts=texts: [(row * texts // 120,) for row in range(120)]
        )
        (found,) = asked(report, workspace, other).others
        assert found.difference is not None
        widths.append(found.difference.high - found.difference.low)
        rows.append(found.rows)
    assert rows == [120, 120]
    assert widths[1] > 1.5 * widths[0]


def test_rows_that_one_lacks_or_that_were_edited_are_not_compared(
    evaluated: tuple[EvaluationReport, Workspace],
) -> None:
    report, workspace = evaluated
    table = parquet.read_table(Path(report.folder) / "predictions.parquet")
    truth = table["truth"].to_pylist()
    truth[0] = "positive" if truth[0] == "negative" else "negative"
    edited = table.set_column(table.schema.get_field_index("truth"), "truth", pa.array(truth)).slice(0, 100)
    (one,) = asked(report, workspace, another(report, workspace, edited)).others
    assert one.rows == 99
    assert one.left_out == 22  # twenty that it lacks, and the edited one on each side


def test_what_cannot_be_compared_shows_why(evaluated: tuple[EvaluationReport, Workspace]) -> None:
    report, workspace = evaluated
    table = parquet.read_table(Path(report.folder) / "predictions.parquet")
    source = ExampleRows("short_reviews")
    other_rows = another(report, workspace, table, source=source, fingerprint="another")
    waiting = create_run(workspace, report.run.dataset, report.run.settings)
    found = asked(report, workspace, other_rows, waiting.id, "no-such-run")
    assert [one.difference for one in found.others] == [None, None, None]
    assert found.others[0].reason == "It was evaluated on other rows."
    assert "is not evaluated" in found.others[1].reason
    assert found.others[2].reason
