"""In which settings and scores runs differ. Knows no widgets."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.contract.formatting import duration
from engine.contract.metrics import score_name
from engine.contract.settings import FineTuneSettings, field_title
from engine.workspace.runs import RunRow
from gui.components.numbers import write_number

_UNCOMPARED = ("run_name", "watch_list")


def differing_settings(rows: Sequence[RunRow]) -> tuple[str, ...]:
    """The names of the settings that are not the same in all runs, in the order of the form."""
    names = (field.name for field in msgspec.structs.fields(FineTuneSettings))
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
        return "yes" if value else "no"
    if isinstance(value, float):
        return write_number(value)
    if isinstance(value, tuple):
        return ", ".join(str(part) for part in value) or "–"
    return f"{value:,}" if isinstance(value, int) else str(value) or "–"


def settings_text(row: RunRow, names: Sequence[str]) -> str:
    """The run's values of these settings in one line."""
    return " · ".join(f"{field_title(FineTuneSettings, name)} {setting_text(row, name)}" for name in names)


def score_text(row: RunRow) -> str:
    """The best score there is, with its name."""
    summary = row.summary
    if summary.headline:
        name, score = summary.headline, summary.test_score
    else:
        name, score = summary.metric, summary.best_score
    return "" if score is None else f"{score_name(name)} {score:.3f}"


def comparison(rows: Sequence[RunRow]) -> list[tuple[str, list[str]]]:
    """Rows of a table: what is compared, and its text for each run. First the scores, then the settings that differ."""
    lines = [
        ("Best validation score", [_number_first(row.summary.metric, row.summary.best_score) for row in rows]),
        ("Score on the test rows", [_number_first(row.summary.headline, row.summary.test_score) for row in rows]),
        ("Time", [_duration(row) for row in rows]),
    ]
    made_of = (
        ("Data", [row.summary.dataset for row in rows]),
        ("Model", [row.summary.model for row in rows]),
    )
    lines += [line for line in made_of if len(set(line[1])) > 1]
    return lines + [
        (field_title(FineTuneSettings, name), [setting_text(row, name) for row in rows])
        for name in differing_settings(rows)
    ]


def _duration(row: RunRow) -> str:
    return "–" if row.summary.seconds is None else duration(row.summary.seconds)


def _number_first(name: str, score: float | None) -> str:
    """So that a narrow column cuts the name and not the number."""
    return "–" if score is None else f"{score:.3f} {score_name(name)}"
