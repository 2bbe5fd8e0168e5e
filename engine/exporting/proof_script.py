"""Loads an exported folder as any stranger would and asks a plain pipeline about rows; the export's proof.

Started as its own process with `python -I`, offline. It knows nothing of this program: only the folder,
`transformers`, and a request file. Argument 1: the folder; 2: the request, JSON with `rows` (texts, or pairs as
`transformers.pipeline` takes them), `threads`, `pipeline` (its name), `options` (of the pipeline) and `call` (of each
call); 3: where what it answers goes, JSON with `answers` (one per row), `label_names` and `milliseconds_per_row`.
Standard output reports how many rows are done.
"""

import json
import sys
import time
from pathlib import Path


def main(folder: str, request_file: str, answers_file: str) -> None:
    """Every row alone, as the first user will."""
    request = json.loads(Path(request_file).read_text("utf-8"))
    report("importing")
    import torch
    import transformers

    torch.set_num_threads(request["threads"])
    report("loading")
    ask = transformers.pipeline(request["pipeline"], model=folder, **request["options"])

    answers, seconds = [], 0.0
    for number, row in enumerate(request["rows"], start=1):
        started = time.perf_counter()
        answers.append(ask(row, **request["call"]))
        seconds += time.perf_counter() - started
        report(f"row {number}")
    names = ask.model.config.id2label
    found = {
        "answers": answers,
        "label_names": [names[index] for index in range(len(names))],
        "milliseconds_per_row": 1000 * seconds / len(answers),
    }
    Path(answers_file).write_text(json.dumps(found, default=float), "utf-8")


def report(word: str) -> None:
    """One line for the process that waits."""
    print("proof:", word, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
