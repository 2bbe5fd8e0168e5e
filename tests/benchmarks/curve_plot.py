"""What one redraw of a chart costs with 10,000, 100,000 and 1,000,000 points, raw curve and smoothed curve together.

    python tests/benchmarks/curve_plot.py [--seconds 3]

Counts everything between new points and the finished picture: thinning, fitting the axis, painting 960×300 pixels
into an image. Prints the middle and the 95th percentile, and saves a JSON line. Aim: 8 ms.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from measuring import save
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from gui.charts.curve_data import smoothed
from gui.charts.line_plot import CurvePlot
from gui.design import application_style

POINTS = (10_000, 100_000, 1_000_000)


def main() -> int:
    """Measures each size and prints a line for it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3.0)
    seconds = parser.parse_args().seconds
    application = QApplication([])
    application_style.set_up(application, "light")
    found = {}
    for count in POINTS:
        times = measured(count, seconds)
        middle, late = np.percentile(times, (50, 95)).tolist()
        found[str(count)] = {"median_ms": middle, "p95_ms": late, "redraws": len(times)}
        print(f"{count:>9,} points: {middle:6.2f} ms a redraw (95 % within {late:.2f} ms, {len(times):,} redraws)")
    save("curve_plot", unit="ms", measured=found, seed=0)
    return 0


def measured(count: int, seconds: float) -> list[float]:
    """Milliseconds of each redraw."""
    generator = np.random.Generator(np.random.PCG64(0))
    x = np.arange(count, dtype=np.float64)
    y = np.exp(-x / count * 3) + 0.1 * generator.standard_normal(count)
    smooth = smoothed(y, 0.6)
    plot = CurvePlot("Loss")
    plot.add_line("training", 0)
    plot.resize(960, 300)
    plot.set_range(0.0, count)
    plot.show()
    image = QImage(plot.size(), QImage.Format.Format_RGB32)
    times: list[float] = []
    ends = time.perf_counter() + seconds
    while time.perf_counter() < ends or len(times) < 10:
        begun = time.perf_counter()
        plot.set_line("training", x, smooth, before_smoothing=y)
        plot.redraw()
        plot.render(image)
        times.append((time.perf_counter() - begun) * 1000)
    plot.close()
    return times[3:]


if __name__ == "__main__":
    sys.exit(main())
