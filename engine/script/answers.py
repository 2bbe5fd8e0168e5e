"""Answers with a calibration in plain code: for the model card, for predict.py beside the weights, and for the script.

What a plain `transformers` folder cannot carry, thresholds and the rule for "don't know", is read from
calibration.json; the temperature is in the weights already.
"""

from __future__ import annotations

from engine import __version__
from engine.contract.calibration import DO_NOT_KNOW, Calibration
from engine.contract.script_builder import Script, literal
from engine.contract.settings import SplitName

ONE_LABEL = f'''
def answer(text):
    """The label, or "{DO_NOT_KNOW}"."""
    likely = {{one["label"]: one["score"] for one in classify(text, truncation=True, top_k=None)}}
    thresholds, rule = calibration.get("thresholds", {{}}), calibration.get("unsure")
    reached = [label for label in thresholds if likely[label] >= thresholds[label]]
    given = max(reached or (label for label in likely if label not in thresholds), key=likely.get)
    if rule and rule["kind"] == "confidence":
        return given if likely[given] >= rule["least_confidence"] else "{DO_NOT_KNOW}"
    if rule:
        cutoffs = rule["label_cutoffs"]
        possible = [label for label in likely if likely[label] >= cutoffs.get(label, rule["cutoff"])]
        return given if possible == [given] else "{DO_NOT_KNOW}"
    return given
'''
SEVERAL_LABELS = '''
def answer(text):
    """The labels that reach their thresholds."""
    thresholds = calibration["thresholds"]
    given = classify(text, truncation=True, top_k=None)
    return [one["label"] for one in given if one["score"] >= thresholds.get(one["label"], 0.5)]
'''


def answer_function(*, several_labels: bool) -> str:
    """The function `answer(text)`, which needs `classify` (a pipeline with all labels) and `calibration`."""
    return SEVERAL_LABELS if several_labels else ONE_LABEL


def predict_script(*, several_labels: bool, pairs: bool) -> str:
    """predict.py: answers texts from the command line, or each line of standard input."""
    given = "TEXT SECOND_TEXT" if pairs else "TEXT ..."
    tab = "; a tab is between the texts of a pair" if pairs else ""
    asked = '[{"text": sys.argv[1], "text_pair": sys.argv[2]}]' if pairs else "sys.argv[1:]"
    lines = (
        '(dict(zip(("text", "text_pair"), line.rstrip("\\n").split("\\t", 1))) for line in sys.stdin)'
        if pairs
        else '(line.rstrip("\\n") for line in sys.stdin)'
    )
    return f'''"""Answers texts as the model was calibrated to, with plain transformers and calibration.json.

    python predict.py {given}
    python predict.py < texts.txt

A line is a text{tab}. Made by Tunewright {__version__}.
"""

import json
import sys
from pathlib import Path

from transformers import pipeline

folder = Path(__file__).resolve().parent
calibration = json.loads((folder / "calibration.json").read_text("utf-8"))
classify = pipeline("text-classification", model=str(folder))

{answer_function(several_labels=several_labels)}

if __name__ == "__main__":
    for text in {asked} if len(sys.argv) > 1 else {lines}:
        print(json.dumps(answer(text), ensure_ascii=False), flush=True)
'''


def scored_answers(script: Script, calibration: Calibration, split: SplitName, *, several_labels: bool) -> str:
    """Lines before and after scoring that give the new model the same answers; empty where nothing was chosen."""
    if several_labels:
        return _label_cuts(script, calibration)
    if calibration.is_plain:
        return ""
    rule = calibration.unsure
    script.imports("numpy", "array", "exp")
    code = f"""
# Answers as they were chosen by the run's validation rows: probabilities are of logits divided by the temperature.
temperature = {calibration.temperature!r}
logits = trainer.predict(splits["{split}"]).predictions / temperature
likely = exp(logits - logits.max(1, keepdims=True))
likely /= likely.sum(1, keepdims=True)
predicted = likely.argmax(1)
"""
    for label, threshold in calibration.thresholds.items():
        script.imports("numpy", "where")
        code += f"""# From its threshold on this label is predicted, else the likeliest other.
column = labels.index({literal(label)})
ranks = likely.copy()
ranks[:, column] = where(likely[:, column] >= {threshold!r}, 2, -1)
predicted = ranks.argmax(1)
"""
    if rule is not None and rule.kind == "confidence":
        code += f"answered = likely[range(len(likely)), predicted] >= {rule.least_confidence!r}\n"
    elif rule is not None:
        entries = "\n".join(f"    {literal(label)}: {cut!r}," for label, cut in rule.label_cutoffs.items())
        code += f"""# A label is possible from its cutoff on; the answer is given where it alone is.
cutoffs = {{
{entries}
}}
sets = likely >= array([cutoffs.get(label, {rule.cutoff!r}) for label in labels])
answered = (sets.sum(1) == 1) & sets[range(len(sets)), predicted]
"""
    code += f'truth = array(splits["{split}"]["labels"][:])\n'
    if rule is not None:
        right = "(predicted == truth)[answered].mean()"
        return f'{code}print(f"answered: {{answered.mean():.1%}}, of these right: {{{right}:.1%}}")\n'
    return code + 'print(f"right: {(predicted == truth).mean():.1%}")\n'


def _label_cuts(script: Script, calibration: Calibration) -> str:
    if not calibration.thresholds:
        return ""
    script.imports("numpy", "array", "log")
    lines = "\n".join(f"    {literal(name)}: {threshold!r}," for name, threshold in calibration.thresholds.items())
    times = "" if calibration.temperature == 1 else f" * {calibration.temperature!r}  # the temperature"
    return f"""
# From which probability on each label is given, as it was fitted on rows that were not learned.
thresholds = {{
{lines}
}}
cut = array([thresholds.get(label, 0.5) for label in labels])
cut = log(cut / (1 - cut)){times}
"""


def folded_temperature(script: Script, temperature: float) -> str:
    """Lines that divide the output layer by the temperature; empty where there is none."""
    if temperature == 1:
        return ""
    script.imports("torch")
    return f"""
# The temperature goes into the output layer, so that plain transformers gives calibrated probabilities.
layers = [part for part in model.modules() if isinstance(part, torch.nn.Linear)]
output = [part for part in layers if part.out_features == len(labels)][-1]
output.weight.data /= {temperature!r}
if output.bias is not None:
    output.bias.data /= {temperature!r}
"""
