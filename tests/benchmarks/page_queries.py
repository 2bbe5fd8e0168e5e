"""How long questions of Evaluate take: a text in Try it beside a pipeline, why, similar rows, label errors …

    python tests/benchmarks/page_queries.py WORKSPACE [--run ID] [--rounds 20]

WORKSPACE holds an evaluated run, without --run the newest. What the page keeps is left out: the run and its rows are
copied without it, so that each question is answered for the first time. Beside the seconds by the clock stands the
processor time of this process, which other programs change less. Aims: a text 150 ms after the last key, of which the
page waits 80 ms; why 1 s up to 32 tokens and 4 s at 128.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import msgspec

from engine.contract.diagnoses import AskColumnScores, AskExplanation, AskNearRows
from engine.contract.states import TrainingRun
from engine.diagnosing import diagnose, explain, other_columns, row_features
from engine.evaluating.predict import predict
from engine.training.batching.rows import read_splits
from engine.workspace.layout import Workspace
from engine.workspace.references import reference_to_run
from engine.workspace.runs import list_runs, read_run
from tests.benchmarks.measuring import interleaved, report, save

SEED = 1


def main() -> None:
    """Prints a line for each question."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--run", default="")
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    workspace = Workspace(options.workspace.resolve())
    identity = options.run or next(one.id for one in list_runs(workspace) if one.evaluation is not None)
    trained = read_run(workspace, identity).run
    assert trained is not None
    with tempfile.TemporaryDirectory() as folder:
        run = untouched(trained, Path(folder))
        texts = texts_of(run)
        try_it(run, texts, options.rounds)
        whys(run, texts)
        looked_for(run)


def untouched(run: TrainingRun, folder: Path) -> TrainingRun:
    """A copy of the run and its rows without what was found before."""
    rows = folder / "rows"
    shutil.copytree(run.dataset.folder, rows, ignore=shutil.ignore_patterns(row_features.FILE, other_columns.FILE))
    shutil.copytree(run.folder, folder / "run", ignore=shutil.ignore_patterns(diagnose.FILE))
    dataset = msgspec.structs.replace(run.dataset, folder=str(rows))
    return msgspec.structs.replace(run, folder=str(folder / "run"), dataset=dataset)


def texts_of(run: TrainingRun) -> list[str]:
    rows = read_splits(run.dataset)["test"]
    if "text" in rows.column_names:
        return [str(text) for text in rows["text"][:200]]
    return [" ".join(map(str, words)) for words in rows["tokens"][:200]]


def try_it(run: TrainingRun, texts: list[str], rounds: int) -> None:
    """One text after the other, this program and a pipeline in turn."""
    from transformers import pipeline

    from engine.evaluating.trained_network import trained_network

    trained = trained_network(run)
    kind = "token-classification" if run.dataset.task == "token_classification" else "text-classification"
    theirs: Any = pipeline(kind, model=trained.network, tokenizer=trained.tokenizer, device="cpu")
    places = {"ours": 0, "theirs": 0}

    def one(name: str, ask: Callable[[str], object]) -> float:
        text = texts[places[name] % len(texts)]
        places[name] += 1
        began = time.perf_counter()
        ask(text)
        return 1_000 * (time.perf_counter() - began)

    predict(run, texts[0])
    theirs(texts[0])
    sides = {
        "a text in Try it": lambda: one("ours", lambda text: predict(run, text)),
        "pipeline": lambda: one("theirs", theirs),
    }
    report("page_queries", "ms", interleaved(sides, rounds), "a text in Try it", seed=SEED)


def whys(run: TrainingRun, texts: list[str]) -> None:
    reference = reference_to_run(run)
    for length in (8, 32, 128):
        text = " ".join(" ".join(texts).split()[: round(0.7 * length)])
        found = []
        for _ in range(3):
            began = time.perf_counter(), time.process_time()
            answer = explain.explain(run, AskExplanation(reference, text), lambda _event: None)
            found.append((time.perf_counter() - began[0], time.process_time() - began[1]))
        tokens = len(answer.tokens)
        said(f"why, {tokens} tokens", *(statistics.median(side) for side in zip(*found, strict=True)))
    timed("similar rows, the first time", lambda: explain.near_rows(run, AskNearRows(reference, texts[0]), _silent))
    timed("similar rows, again", lambda: explain.near_rows(run, AskNearRows(reference, texts[1]), _silent))


def looked_for(run: TrainingRun) -> None:
    question = AskColumnScores(reference_to_run(run), "")
    timed("label errors", lambda: diagnose.find_label_errors(run, _silent))
    timed("more labels", lambda: diagnose.find_learning_curve(run, _silent))
    timed("weak groups", lambda: diagnose.find_weak_slices(run, _silent))
    timed("scores by column", lambda: diagnose.find_column_scores(run, question, _silent))


def timed(name: str, act: Callable[[], object]) -> None:
    began = time.perf_counter(), time.process_time()
    act()
    said(name, time.perf_counter() - began[0], time.process_time() - began[1])


def said(name: str, clock: float, processor: float) -> None:
    print(f"  {name:<34} {clock:8.2f} s   processor {processor:8.2f} s", flush=True)
    save("page_queries", question=name, seconds=clock, processor_seconds=processor, seed=SEED)


def _silent(_event: object) -> None:
    pass


if __name__ == "__main__":
    main()
