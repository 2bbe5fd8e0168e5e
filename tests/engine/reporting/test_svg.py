"""Charts as SVG: whole documents of their own, every text escaped."""

from __future__ import annotations

import math
from xml.etree import ElementTree

import pytest

from engine.reporting.run_charts import confusion_chart, loss_chart, score_chart
from engine.reporting.svg import MOST_CLASSES, Curve, confusion, curves, ticks
from tests.builders import a_run, an_evaluation

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return [one.text or "" for one in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_curves_are_drawn_with_their_names_and_round_ticks() -> None:
    svg = curves("Loss", "step", [Curve("a & b", [(0, 0.9), (100, 0.1)]), Curve("other", [(0, 0.8), (100, 0.12)])])
    tree = ElementTree.fromstring(svg)
    assert len(tree.findall(f"{SVG}polyline")) == 2
    assert {"a & b", "other", "step", "0.2", "100"} <= set(texts(svg))


def test_what_is_not_finite_is_left_out_and_a_single_point_is_a_dot() -> None:
    svg = curves("Loss", "step", [Curve("loss", [(1, math.nan), (2, 0.5), (3, math.inf)])])
    assert len(ElementTree.fromstring(svg).findall(f"{SVG}circle")) == 1
    assert "nan" not in svg
    assert curves("Loss", "step", [Curve("loss", [])]) == ""


def test_a_long_curve_is_thinned_and_keeps_its_last_point() -> None:
    svg = curves("Loss", "step", [Curve("loss", [(float(x), x / 1e5) for x in range(100_001)])])
    assert len(svg) < 10_000
    (line,) = ElementTree.fromstring(svg).findall(f"{SVG}polyline")
    assert line.attrib["points"].split()[-1].split(",")[0] == "490.0"  # the right edge of the plot


def test_labels_of_a_matrix_are_text_and_cells_show_their_counts() -> None:
    svg = confusion(["<script>", "b"], [[3, 1], [0, 2]])
    hints = [one.text for one in ElementTree.fromstring(svg).iter(f"{SVG}title")]
    assert "true <script>, predicted b: 1 of 4" in hints
    assert "<script>" not in svg
    assert confusion([str(n) for n in range(MOST_CLASSES + 1)], []) == ""


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0.113, 0.127), (3, 3), (-2, 5_000), (0, 0)])
def test_ticks_are_few_and_reach_around(low: float, high: float) -> None:
    found = ticks(low, high)
    assert found[0] <= low
    assert found[-1] >= high
    assert 2 <= len(found) <= 8


def test_a_run_has_a_chart_of_losses_of_its_score_and_of_what_it_confuses() -> None:
    evaluation = an_evaluation()
    assert "validation loss" in texts(loss_chart(a_run()))
    assert "Macro F1" in texts(score_chart(a_run()))
    assert "negative" in texts(confusion_chart(evaluation))
