"""The figures of an artefact's proof as text, the same on the page, in the terminal and in the model card."""

from __future__ import annotations

from engine.contract.artefacts import ARTEFACTS, varies
from engine.contract.formatting import number
from engine.contract.sentences import Sentence
from engine.contract.states import ArtefactProof


def agreement_text(share: float) -> str:
    """100 %, 99.5 %."""
    return f"{number(100 * share, '.0f' if share in (0.0, 1.0) else '.1f')} %"


def speed_text(proof: ArtefactProof) -> str:
    """The median and the 95th percentile of a call, with one text and with 32; empty where nothing was measured."""
    return ", ".join(
        Sentence("contract.artefact.speed", p50=one.p50, texts=one.batch, p95=one.p95) for one in proof.latencies
    )


def figures_text(proof: ArtefactProof) -> str:
    """What was proven of an artefact in a sentence or two; why it is not there where it is refused."""
    if proof.refused:
        return str(proof.refused)
    parts: list[str] = [Sentence("contract.artefact.size", bytes=proof.size_bytes)] if proof.size_bytes else []
    if proof.unproven:
        parts.append(Sentence("contract.artefact.unproven", reason=proof.unproven))
    if proof.rows:
        share = agreement_text(proof.agreement)
        parts.append(Sentence("contract.artefact.agreement", share=share, rows=proof.rows))
        parts.append(Sentence("contract.artefact.batch_agreement", share=agreement_text(proof.batch_agreement)))
    if proof.difference is not None and proof.difference.value:
        value, low, high = ([one, 3] for one in (proof.difference.value, proof.difference.low, proof.difference.high))
        parts.append(Sentence("contract.artefact.score", key=proof.score, value=value, low=low, high=high))
    speed = speed_text(proof)
    text = "; ".join([*parts, *([speed] if speed else [])])
    return f"{text}. {varies()}" if proof.name == "onnx_fastest" else f"{text}." if text else ""


def title_of(proof: ArtefactProof) -> str:
    """The artefact's name."""
    return ARTEFACTS[proof.name].title
