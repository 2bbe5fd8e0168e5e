"""In which settings runs differ, and the curve of each from its record. Knows no widgets."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.contract.formatting import duration, score_name
from engine.contract.settings import FineTuneSettings, field_title
from engine.workspace.runs import RunRecord
from gui.components.numbers import write_number

_UNCOMPARED = ("run_name", "watch_list")


def differing_settings(records: Sequence[RunRecord]) -> tuple[str, ...]:
    """The names of the settings that are not the same in all runs, in the order of the form."""
    names = [field.name for field in msgspec.structs.fields(FineTuneSettings) if field.name not in _UNCOMPARED]
    return tuple(
        name
        for name in names
        if any(getattr(record.settings, name) != getattr(records[0].settings, name) for record in records[1:])
    )


def setting_text(record: RunRecord, name: str) -> str:
    """A run's value of a setting, as it is read."""
    value = getattr(record.settings, name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return write_number(value)
    if isinstance(value, tuple):
        return ", ".join(str(part) for part in value) or "–"
    return f"{value:,}" if isinstance(value, int) else str(value) or "–"


def settings_text(record: RunRecord, names: Sequence[str]) -> str:
    """The run's values of these settings in one line."""
    return " · ".join(f"{field_title(FineTuneSettings, name)} {setting_text(record, name)}" for name in names)


def score_text(record: RunRecord) -> str:
    """The best score there is, with its name."""
    if record.evaluation is not None:
        name, score = record.evaluation.headline, record.evaluation.scores.get(record.evaluation.headline)
    elif record.run is not None:
        name, score = record.run.metric, record.run.best_score
    else:
        return ""
    return "" if score is None else f"{score_name(name)} {score:.3f}"


def curve(record: RunRecord) -> tuple[tuple[int, float], ...]:
    """Step and score of each look at the validation rows; looks that could not be scored are left out."""
    if record.run is None:
        return ()
    looks = ((point.step, point.scores.get(record.run.metric)) for point in record.run.history)
    return tuple((step, score) for step, score in looks if score is not None)


def comparison(records: Sequence[RunRecord]) -> list[tuple[str, list[str]]]:
    """Rows of a table: what is compared, and its text for each run. First the scores, then the settings that differ."""
    rows = [
        ("Best validation score", [_validation_score(record) for record in records]),
        ("Score on the test rows", [_test_score(record) for record in records]),
        ("Time", [duration(record.run.seconds) if record.run is not None else "–" for record in records]),
    ]
    made_of = (
        ("Data", [record.dataset.name for record in records]),
        ("Model", [record.dataset.model.name for record in records]),
    )
    rows += [row for row in made_of if len(set(row[1])) > 1]
    return rows + [
        (field_title(FineTuneSettings, name), [setting_text(record, name) for record in records])
        for name in differing_settings(records)
    ]


def _validation_score(record: RunRecord) -> str:
    return "–" if record.run is None else _number_first(record.run.metric, record.run.best_score)


def _test_score(record: RunRecord) -> str:
    if record.evaluation is None:
        return "–"
    return _number_first(record.evaluation.headline, record.evaluation.scores.get(record.evaluation.headline))


def _number_first(name: str, score: float | None) -> str:
    """So that a narrow column cuts the name and not the number."""
    return "–" if score is None else f"{score:.3f} {score_name(name)}"
