"""Loads an exported folder as any stranger would and answers rows with it; the export's proof.

Started as its own process with `python -I`, offline. It knows nothing of this program: only the folder,
`transformers`, and a request file. Argument 1: the folder; 2: the request, JSON with `rows` (texts, lists of words,
or pairs as `transformers.pipeline` takes them), `threads`, `pipeline` and `activation`; 3: where the answers go,
safetensors with `probabilities` (positions, classes) float32 and `lengths` (rows,) int64; 4: where the facts go, JSON.
Standard output tells how many rows are done.
"""

import json
import sys
import time
from pathlib import Path


def main(folder: str, request_file: str, answers_file: str, facts_file: str) -> None:
    """Answers every row alone, as the first user will."""
    request = json.loads(Path(request_file).read_text("utf-8"))
    tell("importing")
    import torch
    import transformers
    from safetensors.torch import save_file

    torch.set_num_threads(request["threads"])
    tell("loading")
    activation = request["activation"]
    axis = (-1,) if activation == "softmax" else ()
    architecture = json.loads((Path(folder) / "config.json").read_text("utf-8"))["architectures"][0]
    network = getattr(transformers, architecture).from_pretrained(folder, local_files_only=True)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    network.eval()

    found, lengths, seconds = [], [], 0.0
    with torch.inference_mode():
        for number, row in enumerate(request["rows"], start=1):
            started = time.perf_counter()
            inputs = row if isinstance(row, dict) else {"text": row, "is_split_into_words": isinstance(row, list)}
            logits = network(**tokenizer(**inputs, truncation=True, return_tensors="pt")).logits[0]
            likely = getattr(torch, activation)(logits, *axis) if activation != "none" else logits
            seconds += time.perf_counter() - started
            positions = likely.reshape(-1, likely.shape[-1]).float()
            found.append(positions)
            lengths.append(len(positions))
            tell(f"row {number}")
    save_file({"probabilities": torch.cat(found).contiguous(), "lengths": torch.tensor(lengths)}, answers_file)

    # The way most people will call it: names must come out, not LABEL_0.
    first = request["rows"][0]
    text = " ".join(first) if isinstance(first, list) else first
    answers = transformers.pipeline(request["pipeline"], model=network, tokenizer=tokenizer)(text)
    answers = answers if isinstance(answers, list) else [answers]  # a pair gets one answer and no list
    names = network.config.id2label
    facts = {
        "label_names": [names[index] for index in range(len(names))],
        "pipeline_names": sorted({answer.get("label", answer.get("entity")) for answer in answers}),
        "milliseconds_per_row": 1000 * seconds / len(lengths),
    }
    Path(facts_file).write_text(json.dumps(facts), "utf-8")


def tell(word: str) -> None:
    """One line for the process that waits."""
    print("proof:", word, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
