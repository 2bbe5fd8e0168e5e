"""An exported folder in npm's @huggingface/transformers, where this computer has it.

The variable TUNEWRIGHT_TRANSFORMERS_JS names a folder with the package:

    npm install --ignore-scripts --prefix FOLDER @huggingface/transformers
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine.exporting.page_askers import Asker, found_asker
from engine.exporting.standalone import predict

VARIABLE = "TUNEWRIGHT_TRANSFORMERS_JS"
PACKAGE = Path("node_modules", "@huggingface", "transformers", "package.json")
UNKNOWN = "Unsupported model type"  # begins what it says of a family that it does not have
SAME = 1e-4  # of logits of the same file

# Without the network; each row alone. `answers` are those of a pipeline, which knows no pairs.
_CODE = """
import {AutoModelForSequenceClassification, AutoModelForTokenClassification, AutoTokenizer, env, pipeline}
  from "@huggingface/transformers";
import {readFileSync} from "node:fs";
const {parent, name, dtype, per_word, rows, task} = JSON.parse(readFileSync(0, "utf8"));
env.allowRemoteModels = false;
env.localModelPath = parent;
const tokenizer = await AutoTokenizer.from_pretrained(name);
const network = per_word ? AutoModelForTokenClassification : AutoModelForSequenceClassification;
const model = await network.from_pretrained(name, {dtype});
const found = [];
for (const row of rows) {
  const [text, text_pair] = typeof row === "string" ? [row, null] : row;
  const inputs = tokenizer(text, {text_pair, truncation: true});
  const {logits} = await model(inputs);
  found.push({ids: Array.from(inputs.input_ids.data, Number), logits: Array.from(logits.data)});
}
if (task) {
  const ask = await pipeline(task, name, {dtype});
  for (const [place, row] of rows.entries()) {
    found[place].answer = await ask(row, task === "text-classification" ? {top_k: null} : {});
  }
}
console.log(JSON.stringify(found));
"""


def lacking() -> str:
    """Why transformers.js cannot be asked here; empty where it can."""
    asker = found_asker()
    if not (isinstance(asker, Asker) and asker.kind == "node"):
        return "there is no Node.js 20 or newer"
    folder = os.environ.get(VARIABLE, "")
    return "" if folder and (Path(folder) / PACKAGE).is_file() else f"{VARIABLE} names no folder with npm's package"


def version() -> str:
    """That of the package."""
    return str(json.loads((Path(os.environ[VARIABLE]) / PACKAGE).read_bytes())["version"])


def asked(folder: Path, rows: Sequence[Any], *, dtype: str, per_word: bool, task: str = "") -> list[dict[str, Any]]:
    """The token ids and logits of each row, and with a task the answer of its pipeline; raises `RuntimeError`."""
    request = {"parent": f"{folder.parent}/", "name": folder.name, "dtype": dtype, "per_word": per_word}
    done = subprocess.run(
        ["node", "--input-type=module", "-e", _CODE],
        cwd=os.environ[VARIABLE],
        input=json.dumps({**request, "rows": list(rows), "task": task}),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if "Error: " in line]
        raise RuntimeError(lines[0].partition("Error: ")[2] if lines else done.stderr[-500:])
    found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return found


def differences(folder: Path, rows: Sequence[Any], *, dtype: str, file: str) -> list[str]:
    """What differs from predict.py with the same file: token ids, or logits by more than `SAME`.

    Texts that are longer than the network reads are left out: there the last special token is cut, too.
    """
    model = predict.Model(folder, file, threads=1)
    texts = [row if isinstance(row, str) else (row["text"], row["text_pair"]) for row in rows]
    texts = [text for text in texts if not model.encoded(text).cut]
    found = asked(folder, texts, dtype=dtype, per_word=model.per_word)
    temperature = float(model.calibration.get("temperature", 1.0))
    differing = []
    for text, theirs in zip(texts, found, strict=True):
        own = model.encoded(text)
        (logits,) = model.logits([own])
        if own.ids != theirs["ids"]:
            differing.append(f"token ids of {str(text)[:60]!r}")
        elif not np.allclose(temperature * logits.ravel(), theirs["logits"], atol=SAME, rtol=SAME):
            differing.append(f"logits of {str(text)[:60]!r}")
    return differing
