"""Charts as SVG: curves of a run and a confusion matrix, for a card, a page, and whoever opens the file alone.

Text on a white ground, since the place that shows them may be dark. Colours after Okabe and Ito, darkened to 3 : 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from engine.contract import formatting
from engine.contract.sentences import Sentence
from engine.reporting.html import Markup, element

WIDTH, HEIGHT = 640, 260  # pixels of a plot of curves
LEFT, RIGHT, TOP, BOTTOM = 56, 150, 16, 40  # around the plot
COLOURS = ("#0072B2", "#C85200", "#00875F", "#B0568A")
INK, QUIET, LINE, GROUND = "#1A1C20", "#5C616B", "#E2E3E7", "#FFFFFF"
FONT = "system-ui, sans-serif"
MOST_POINTS = 400  # of a curve: more are not seen
MOST_LABELS = 40  # beside a confusion matrix
MOST_CLASSES = 120  # of a matrix that is drawn
LONGEST_LABEL = 24  # characters


class Curve(NamedTuple):
    """One line: its points in the order of x; `dashed` where it is no measurement of the run."""

    name: str
    points: Sequence[tuple[float, float]]
    dashed: bool = False


def curves(title: str, named_x: str, lines: Sequence[Curve]) -> Markup:
    """The lines in one plot with their names at the ends; empty where there is nothing to draw."""
    lines = [line._replace(points=_finite(line.points)) for line in lines]
    lines = [line for line in lines if line.points]
    if not lines:
        return Markup("")
    xs = [x for line in lines for x, _ in line.points]
    ys = [y for line in lines for _, y in line.points]
    x_ticks, y_ticks = ticks(min(xs), max(xs)), ticks(min(ys), max(ys))
    x_of = _scale(min(*xs, x_ticks[0]), max(*xs, x_ticks[-1]), LEFT, WIDTH - RIGHT)
    y_of = _scale(min(*ys, y_ticks[0]), max(*ys, y_ticks[-1]), HEIGHT - BOTTOM, TOP)
    parts = [_text(LEFT, HEIGHT - 6, named_x, fill=QUIET)]
    for tick in y_ticks:
        parts.append(_line(LEFT, y_of(tick), WIDTH - RIGHT, y_of(tick), LINE))
        parts.append(_text(LEFT - 6, y_of(tick) + 4, _number(tick), anchor="end", fill=QUIET))
    for tick in x_ticks:
        parts.append(_text(x_of(tick), HEIGHT - BOTTOM + 16, _number(tick), anchor="middle", fill=QUIET))
    for place, y in _apart([y_of(line.points[-1][1]) for line in lines]):
        colour = COLOURS[place % len(COLOURS)]
        drawn = [(x_of(x), y_of(y_)) for x, y_ in lines[place].points]
        dashes = "5 4" if lines[place].dashed else None
        if len(drawn) == 1:
            parts.append(element("circle", cx=_at(drawn[0][0]), cy=_at(drawn[0][1]), r=3, fill=colour))
        else:
            path = " ".join(f"{_at(x)},{_at(y_)}" for x, y_ in drawn)
            parts.append(
                element("polyline", points=path, fill="none", stroke=colour, stroke_width=2, stroke_dasharray=dashes)
            )
        parts.append(_text(WIDTH - RIGHT + 8, y + 4, _short(lines[place].name), fill=colour))
    return _svg(WIDTH, HEIGHT, title, parts)


def confusion(labels: Sequence[str], counts: Sequence[Sequence[int]]) -> Markup:
    """The matrix, truth down, predicted across; darker where more of a row's truth is; empty for very many classes."""
    number = len(labels)
    if not 0 < number <= MOST_CLASSES:
        return Markup("")
    named = number <= MOST_LABELS
    cell = max(6, min(44, 520 // number))
    left, top, right = (170, 170, 100) if named else (60, 24, 16)  # names lean to the right
    width, height = left + cell * number + right, top + cell * number + 16
    parts = [
        element("rect", x=left, y=top, width=cell * number, height=cell * number, fill="none", stroke=LINE),
        _text(left, 14, Sentence("reporting.report.predicted_right"), fill=QUIET),
        _text(8, top - 6 if named else top + 12, Sentence("reporting.report.true_down"), fill=QUIET),
    ]
    for row, label in enumerate(labels):
        y = top + row * cell
        total = sum(counts[row])
        if named:
            parts.append(_text(left - 6, y + cell / 2 + 4, _short(label), anchor="end"))
            x = left + row * cell + cell / 2
            turned = f"rotate(-60 {_at(x)} {top - 6})"
            parts.append(_text(x, top - 6, _short(label), transform=turned))
        for column in range(number):
            count = counts[row][column]
            if not count and not named:
                continue  # nothing to see, and many of them
            share = count / total if total else 0.0
            x = left + column * cell
            colour = _shade(share, right=row == column)
            if named:
                described = Sentence(
                    "reporting.report.cell",
                    truth=_short(label),
                    predicted=_short(labels[column]),
                    rows=count,
                    total=total,
                )
                hint, line = element("title", described), LINE
            else:
                hint, line = Markup(""), None
            parts.append(element("rect", hint, x=x, y=y, width=cell, height=cell, fill=colour, stroke=line))
            if count and cell >= 26:
                ink = "#FFFFFF" if share > 0.55 else INK
                parts.append(_text(x + cell / 2, y + cell / 2 + 4, formatting.number(count), anchor="middle", fill=ink))
    return _svg(width, height, Sentence("reporting.report.matrix"), parts)


def ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Round numbers from at most `low` to at least `high`."""
    if not high > low:
        room = abs(low) * 0.1 or 1.0
        low, high = low - room, high + room
    raw = (high - low) / wanted
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * by for by in (1, 2, 2.5, 5, 10) if size * by >= raw)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(place * step, 12) for place in range(first, last + 1)]


def _finite(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The points that can be drawn, thinned to `MOST_POINTS`, the last one among them."""
    kept = [(x, y) for x, y in points if math.isfinite(x) and math.isfinite(y)]
    if len(kept) <= MOST_POINTS:
        return kept
    return [kept[round(place * (len(kept) - 1) / (MOST_POINTS - 1))] for place in range(MOST_POINTS)]


def _apart(places: Sequence[float], gap: float = 15) -> list[tuple[int, float]]:
    """Each place with a height for its name, so that no two names overlap."""
    found: list[tuple[int, float]] = []
    lowest = -math.inf
    for place in sorted(range(len(places)), key=lambda one: places[one]):
        lowest = max(places[place], lowest + gap)
        found.append((place, lowest))
    return sorted(found)


def _scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    span = (high - low) or 1.0
    return lambda value: start + (value - low) / span * (end - start)


def _shade(share: float, *, right: bool) -> str:
    """From white to blue on the diagonal, to vermilion beside it."""
    full = (0, 114, 178) if right else (200, 82, 0)
    mixed = (round(255 + (part - 255) * min(1.0, share)) for part in full)
    return "#" + "".join(f"{part:02X}" for part in mixed)


def _number(value: float) -> str:
    return formatting.number(value, ",.0f" if abs(value) >= 1_000 else "g")


def _at(value: float) -> str:
    return f"{value:.1f}"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…"


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> Markup:
    return element("line", x1=_at(x1), y1=_at(y1), x2=_at(x2), y2=_at(y2), stroke=colour, stroke_width=1)


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", fill: str = INK, transform: str | None = None
) -> Markup:
    return element("text", text, x=_at(x), y=_at(y), fill=fill, text_anchor=anchor, transform=transform)


def _svg(width: float, height: float, title: str, parts: Sequence[Markup]) -> Markup:
    ground = element("rect", width="100%", height="100%", fill=GROUND)
    return element(
        "svg",
        element("title", title),
        ground,
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:g} {height:g}",
        width=f"{width:g}",
        height=f"{height:g}",
        role="img",
        font_family=FONT,
        font_size=12,
    )
