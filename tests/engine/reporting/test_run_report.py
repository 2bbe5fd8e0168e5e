"""The report of a run: one page that loads nothing, with everything escaped, of at most 3 MB."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from engine.__main__ import main
from engine.contract.states import ClassScores, SplitCounts
from engine.reporting.run_report import LARGEST, run_report
from engine.workspace.layout import Workspace
from engine.workspace.runs import RunRecord, create_run, save_run
from tests.builders import a_dataset, a_run, an_evaluation, an_export

NASTY = '<script>alert("1")</script><img src=http://example.org/x onerror=alert(1)>\x00\ud800 & \u202e'


class Elements(HTMLParser):
    """Which elements and attributes a page has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "action", "data")]


def a_record(**changes: object) -> RunRecord:
    evaluation = an_evaluation()
    record = RunRecord(
        id="20261123-120000",
        name="Reviews",
        created=1_790_000_000.0,
        status="finished",
        dataset=evaluation.run.dataset,
        settings=evaluation.run.settings,
        run=evaluation.run,
        evaluation=evaluation,
    )
    return msgspec.structs.replace(record, **changes)


def test_a_report_has_the_score_first_then_curves_classes_rows_data_and_settings() -> None:
    page = run_report(a_record(exported=an_export(passport_digest="ab" * 32)))
    titles = ("Scores", "Training", "By class", "Rows it is most wrong about", "Data and encoder", "Settings", "Export")
    places = [page.index(f"<h2>{title}</h2>") for title in titles]
    assert places == sorted(places)
    assert page.count("<svg") == 3
    assert an_evaluation().wrong_rows[0].text in page
    assert "ab" * 32 in page
    assert "95 % interval" in page


def test_a_run_that_was_only_trained_or_is_not_yet_has_a_report_too() -> None:
    trained = run_report(a_record(evaluation=None))
    assert "<h2>Scores</h2>" not in trained
    assert "validation loss" in trained
    assert "<h2>Data and encoder</h2>" in run_report(a_record(evaluation=None, run=None, status="training"))


def test_foreign_text_is_escaped_everywhere_and_nothing_is_loaded() -> None:
    dataset = a_dataset(name=NASTY, label_names=(NASTY, "b"), splits={"train": SplitCounts(2, {NASTY: 2})})
    run = a_run(dataset=dataset, device=NASTY)
    wrong = msgspec.structs.replace(an_evaluation().wrong_rows[0], text=NASTY, truth=NASTY, predicted=NASTY)
    classes = (ClassScores(NASTY, 0.5, 0.5, 0.5, 2),)
    evaluation = an_evaluation(run=run, wrong_rows=(wrong,), classes=classes, confusion_labels=(NASTY, "b"))
    page = run_report(a_record(name=NASTY, note=NASTY, dataset=dataset, run=run, evaluation=evaluation))
    found = Elements(page)
    assert not found.names & {"script", "img", "iframe", "link", "object", "a", "form"}
    assert not [name for name in found.attributes if name.startswith("on")]
    assert found.addresses == []
    assert "default-src" in page
    page.encode("utf-8")  # a lone surrogate is replaced


def test_the_largest_report_is_at_most_three_megabytes() -> None:
    names = tuple(f"{number} " + "x" * 5_000 for number in range(120))
    splits = {name: SplitCounts(1, dict.fromkeys(names, 1)) for name in ("train", "validation", "test")}
    dataset = a_dataset(label_names=names, splits=splits)
    wrong = msgspec.structs.replace(an_evaluation().wrong_rows[0], text="y" * 100_000)
    evaluation = an_evaluation(
        run=a_run(dataset=dataset),
        classes=tuple(ClassScores(name, 0.5, 0.5, 0.5, 2) for name in names),
        confusion_labels=names,
        confusion=tuple((1,) * 120 for _ in names),
        wrong_rows=(wrong,) * 100,
    )
    page = run_report(a_record(dataset=dataset, run=evaluation.run, evaluation=evaluation))
    assert len(page.encode()) <= LARGEST
    assert "<h2>Rows it is most wrong about</h2>" in page  # it fits without leaving anything out


def test_what_is_too_large_leaves_out_rows_first(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = len(run_report(a_record()).encode())
    monkeypatch.setattr("engine.reporting.run_report.LARGEST", whole - 1)
    assert "Rows it is most wrong about" not in run_report(a_record())


def test_the_command_writes_the_report_beside_nothing_of_the_users(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    workspace = Workspace(tmp_path / "workspace").create()
    record = create_run(workspace, a_dataset(), a_run().settings)
    save_run(workspace, msgspec.structs.replace(record, run=a_run(id=record.id)))
    options = ["--workspace", str(workspace.root)]
    assert main(["report", record.id, *options]) == 0
    written = Path(capsys.readouterr().out.strip())
    assert written == tmp_path / f"report {record.id}.html"
    assert "<h2>Training</h2>" in written.read_text("utf-8")
    assert main(["report", record.id, *options]) == 0  # its own page is replaced
    assert len(list(tmp_path.glob("*.html"))) == 1
    (tmp_path / "mine.html").write_text("mine")
    assert main(["report", record.id, "mine.html", *options]) == 1
    assert (tmp_path / "mine.html").read_text() == "mine"
    assert main(["report", "none", *options]) == 1
