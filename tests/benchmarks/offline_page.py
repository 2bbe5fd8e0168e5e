"""The offline page of an export in Chromium beside its predict.py: size, time to open, time of a text, agreement.

    python tests/benchmarks/offline_page.py FOLDER ROWS

FOLDER is exported with --onnx --int8 --predict --html; ROWS is a file with a text in each line. Labels must be the same
where the two most likely ones are more than 0.05 apart; rows where they are closer are counted and listed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from engine.exporting.browser_client import Browser
from engine.exporting.page_askers import found_browser
from engine.exporting.standalone import predict

SURE = 0.05


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("rows", type=Path)
    options = parser.parse_args()
    texts = [line for line in options.rows.read_text("utf-8").splitlines() if line.strip()]
    page = options.folder.resolve() / "offline.html"
    print(f"{len(texts)} texts; the page has {page.stat().st_size / 1e6:.1f} MB")
    found = {}
    for name, file in (("fp32", "onnx/model.onnx"), ("int8", "onnx/model_quantized.onnx")):
        model = predict.Model(options.folder, file, threads=1)
        found[name] = timed(f"onnxruntime, {name}, one thread", texts, lambda some, model=model: model.answer(some, 1))
    with Browser(found_browser(), "about:blank") as browser:
        began = time.perf_counter()
        browser.ask("Page.navigate", url=page.as_uri())
        while browser.value("typeof classifier") != "object":
            pass
        browser.value("classifier.model.then(() => 0)")
        print(f"opened and ready after {time.perf_counter() - began:.1f} s")

        def ask(some: Sequence[str], batch: int = 1) -> Any:
            return browser.value(f"classifier.model.then((model) => model.answer({json.dumps(some)}, {batch}))")

        found["page"] = timed("the page, one thread", texts, ask)
        found["page, 32 at a time"] = ask(texts, 32)
    for one, other in (("int8", "page"), ("fp32", "page"), ("page", "page, 32 at a time")):
        compare(texts, one, found[one], other, found[other])


def timed(name: str, texts: Sequence[str], ask: Callable[[Sequence[str]], Any]) -> list[Any]:
    """The answers, one text at a time."""
    ask(texts[:1])
    answers, milliseconds = [], []
    for text in texts:
        began = time.perf_counter()
        answers += ask([text])
        milliseconds.append(1000 * (time.perf_counter() - began))
    p50, p95 = np.percentile(milliseconds, [50, 95])
    print(f"{name}: {p50:.1f} ms for a text, 95 % below {p95:.1f} ms")
    return answers


def compare(texts: Sequence[str], one: str, ours: list[Any], other: str, theirs: list[Any]) -> None:
    """Counts the same labels, among all rows and among those with a clear answer."""
    sides = [[scores_of(answer) for answer in side] for side in (ours, theirs)]
    same = [our["label"] == their["label"] for our, their in zip(ours, theirs, strict=True)]
    margins = [np.diff(np.sort(list(scores.values()))[-2:])[0] for scores in sides[0]]
    clear = [is_same for is_same, margin in zip(same, margins, strict=True) if margin > SURE]
    largest = max(abs(our[name] - their[name]) for our, their in zip(*sides, strict=True) for name in our)
    print(f"{one} and {other}: {sum(same)} of {len(same)} labels are the same, {sum(clear)} of {len(clear)} clear ones")
    print(f"  probabilities differ by at most {largest:.2g}; closer together than {SURE}:")
    for text, is_same, margin in zip(texts, same, margins, strict=True):
        if margin <= SURE:
            print(f"  {margin:.3f} {'same' if is_same else 'OTHER'} {text[:80]!r}")


def scores_of(answer: dict[str, Any]) -> dict[str, float]:
    """Of predict.py an object, of the page a list, in which numbers keep their order."""
    scores = answer["scores"]
    return scores if isinstance(scores, dict) else {one["label"]: one["score"] for one in scores}


if __name__ == "__main__":
    main()
