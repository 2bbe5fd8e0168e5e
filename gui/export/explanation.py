"""The Why tab of Export: label names, the order of the steps, and the proof, with the user's own numbers."""

from __future__ import annotations

from engine.contract.sentences import Sentence
from engine.contract.states import EvaluationReport, ExportedModel
from gui.components.plain_text import both_ends

LONGEST_LABEL = 30  # characters of a label in a sentence
SHOWN = 6  # labels that are named


def why_export(evaluation: EvaluationReport | None, exported: ExportedModel | None) -> str:
    """Paragraphs of plain text; nothing before there is an evaluation, since the page is closed until then."""
    if evaluation is None:
        return ""
    labels = [both_ends(name, LONGEST_LABEL) for name in evaluation.run.dataset.label_names]
    if len(labels) > 1:
        named = ", ".join(f"{number} = {label}" for number, label in enumerate(labels[:SHOWN]))
        names = Sentence("gui.why.export.names", named=named + (", …" if len(labels) > SHOWN else ""), last=labels[-1])
    else:
        names = Sentence("gui.why.export.number")
    paragraphs = [
        Sentence("gui.why.export.folder"),
        names,
        Sentence("gui.why.export.last", rows=evaluation.rows),
        Sentence("gui.why.export.proof"),
    ]
    if exported is not None:
        proof = exported.proof
        paragraphs.append(Sentence("gui.why.export.agreed", percent=100 * proof.agreement, rows=proof.rows))
    return "\n\n".join(paragraphs)
