"""The figures of an artefact's proof as text, the same on the page, in the terminal and in the model card."""

from __future__ import annotations

from engine.contract.artefacts import ARTEFACTS, VARIES
from engine.contract.formatting import count, size
from engine.contract.metrics import score_name
from engine.contract.states import ArtefactProof


def agreement_text(share: float) -> str:
    """100 %, 99.5 %."""
    return f"{100 * share:.0f} %" if share in (0.0, 1.0) else f"{100 * share:.1f} %"


def speed_text(proof: ArtefactProof) -> str:
    """The median and the 95th percentile of a call, with one text and with 32; empty where nothing was measured."""
    return ", ".join(
        f"{one.p50:.1f} ms for {count(one.batch, 'text')} (95 % below {one.p95:.1f} ms)" for one in proof.latencies
    )


def figures_text(proof: ArtefactProof) -> str:
    """What was proven of an artefact in a sentence or two; why it is not there where it is refused."""
    if proof.refused:
        return str(proof.refused)
    parts = [size(proof.size_bytes)] if proof.size_bytes else []
    if proof.rows:
        parts.append(f"{agreement_text(proof.agreement)} of {proof.rows:,} answers are those of the trained model")
        parts.append(f"{agreement_text(proof.batch_agreement)} are the same alone and 32 at a time")
    if proof.difference is not None and proof.difference.value:
        one = proof.difference
        change = f"{score_name(proof.score)} {one.value:+.3f} ({one.low:+.3f} to {one.high:+.3f})"
        parts.append(change)
    speed = speed_text(proof)
    text = "; ".join([*parts, *([speed] if speed else [])])
    return f"{text}. {VARIES}" if proof.name == "onnx_fastest" else f"{text}." if text else ""


def title_of(proof: ArtefactProof) -> str:
    """The artefact's name."""
    return ARTEFACTS[proof.name].title
