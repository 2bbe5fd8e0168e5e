"""In which settings and scores runs differ. Uses no widgets."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.contract.formatting import duration, number
from engine.contract.metrics import score_name
from engine.contract.score_sentences import best_on_validation, number_text, score_on_split
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings, field_title
from engine.workspace.runs import RunRow
from gui.components.numbers import write_number

_UNCOMPARED = ("run_name", "parent", "watch_list")


def differing_settings(rows: Sequence[RunRow]) -> tuple[str, ...]:
    """The names of the settings that are not the same in all runs, in the order of the form."""
    names = FineTuneSettings.__struct_fields__
    columns = zip(*(msgspec.structs.astuple(row.settings) for row in rows), strict=True)
    return tuple(
        name
        for name, values in zip(names, columns, strict=bool(rows))
        if name not in _UNCOMPARED and values.count(values[0]) < len(values)
    )


def setting_text(row: RunRow, name: str) -> str:
    """A run's value of a setting, as it is read."""
    value = getattr(row.settings, name)
    if isinstance(value, bool):
        return Sentence("gui.runs.yes") if value else Sentence("gui.runs.no")
    if isinstance(value, float):
        return write_number(value)
    if isinstance(value, tuple):
        return ", ".join(str(part) for part in value) or "–"
    return number(value) if isinstance(value, int) else str(value) or "–"


def settings_text(row: RunRow, names: Sequence[str]) -> str:
    """The run's values of these settings in one line."""
    return " · ".join(f"{field_title(FineTuneSettings, name)} {setting_text(row, name)}" for name in names)


def evaluation_text(row: RunRow) -> str:
    """ "test 0.822 (0.796–0.848) · macro F1", or an empty string where the run is not evaluated."""
    summary = row.summary
    if not summary.headline:
        return ""
    return score_on_split(summary.headline, summary.test_score, summary.scored_split, summary.interval)


def validation_text(row: RunRow) -> str:
    """ "validation 0.830, best of 12 · macro F1", or an empty string where there is none."""
    summary = row.summary
    if not summary.metric or summary.best_score is None:
        return ""
    return best_on_validation(summary.metric, summary.best_score, summary.evaluations)


def validation_figure(row: RunRow) -> str:
    """ "0.830 · macro F1": the best while training, below a title that names the split."""
    summary = row.summary
    if not summary.metric or summary.best_score is None:
        return ""
    return f"{number_text(summary.best_score, score=summary.metric)} · {score_name(summary.metric)}"


def test_figure(row: RunRow) -> str:
    """ "0.822 (0.796–0.848) · macro F1": the evaluation on test rows, or “cross-validated 0.822 …”; else empty."""
    summary = row.summary
    if not summary.headline or summary.scored_split not in ("test", "cross_validation"):
        return ""
    return evaluation_text(row).removeprefix("test ")


def comparison(rows: Sequence[RunRow]) -> list[tuple[str, list[str]]]:
    """Rows of a table: what is compared, and its text for each run. First the scores, then the settings that differ."""
    lines: list[tuple[str, list[str]]] = [
        (Sentence("gui.runs.best_while_training"), [validation_text(row) or "–" for row in rows]),
        (Sentence("gui.runs.evaluation"), [evaluation_text(row) or "–" for row in rows]),
        (Sentence("gui.runs.time"), [_duration(row) for row in rows]),
    ]
    made_of = (
        (Sentence("gui.runs.data"), [row.summary.dataset for row in rows]),
        (Sentence("gui.runs.model"), [row.summary.model for row in rows]),
    )
    lines += [line for line in made_of if len(set(line[1])) > 1]
    return lines + [
        (field_title(FineTuneSettings, name), [setting_text(row, name) for row in rows])
        for name in differing_settings(rows)
    ]


def _duration(row: RunRow) -> str:
    return "–" if row.summary.seconds is None else duration(row.summary.seconds)
