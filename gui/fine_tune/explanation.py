"""Why fine-tuning comes third, with the user's own numbers."""

from __future__ import annotations

import math

from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings, TrainedPart
from engine.contract.states import PreparedDataset
from gui.components.numbers import write_number

MANY, FEW = 10_000, 100  # rows that the user's own are beside


def why_training(dataset: PreparedDataset | None, settings: FineTuneSettings) -> str:
    """The Why text of the page."""
    if dataset is None:
        return Sentence("gui.why.training.before")
    model, outputs = dataset.model, len(dataset.label_names)
    goal = (
        Sentence("gui.why.training.goal_score")
        if dataset.target_scale is not None
        else Sentence("gui.why.training.goal_labels", labels=outputs)
    )
    return "\n\n".join(
        (
            Sentence(
                "gui.why.training.pretrained",
                name=model.name,
                parameters=model.parameters,
                goal=goal,
                outputs=outputs,
            ),
            Sentence(
                "gui.why.training.step",
                rows=settings.batch_size,
                what=_what_moves(settings.layers_to_train),
                rate=write_number(settings.learning_rate),
            ),
            _memorizing(dataset, settings),
            _how_many_rows(dataset, settings),
            *((Sentence("gui.why.training.baselines"),) if dataset.splits["validation"].rows else ()),
        )
    )


def _what_moves(part: TrainedPart) -> Sentence:
    match part:
        case "full":
            return Sentence("gui.why.training.moves_all")
        case "last_layers":
            return Sentence("gui.why.training.moves_last")
        case "head_only":
            return Sentence("gui.why.training.moves_head")
        case "lora":
            return Sentence("gui.why.training.moves_adapters")


def _memorizing(dataset: PreparedDataset, settings: FineTuneSettings) -> str:
    """Why the loss may fall while the score does not rise."""
    if not dataset.splits["validation"].rows:
        return Sentence(
            "gui.why.training.memorizing_unseen",
            train=dataset.splits["train"].rows,
            parameters=dataset.model.parameters,
        )
    kept = (
        Sentence("gui.why.training.kept_best")
        if settings.kept_checkpoint == "best"
        else Sentence("gui.why.training.kept_last")
    )
    return Sentence(
        "gui.why.training.memorizing",
        train=dataset.splits["train"].rows,
        parameters=dataset.model.parameters,
        validation=dataset.splits["validation"].rows,
        kept=kept,
    )


def _how_many_rows(dataset: PreparedDataset, settings: FineTuneSettings) -> str:
    """Why a hundred rows need another method than ten thousand, beside the user's own number."""
    rows, batch = dataset.splits["train"].rows, settings.batch_size
    general = Sentence(
        "gui.why.training.rows",
        rows=rows,
        batch=batch,
        updates=math.ceil(rows / batch),
        many=math.ceil(MANY / batch),
        few=math.ceil(FEW / batch),
    )
    pairs = Sentence("gui.why.training.pairs", pairs=FEW * (FEW - 1) // 2)
    match settings.method:
        case "contrastive":
            here = Sentence("gui.why.training.here_pairs", rows=rows, pairs=rows * (rows - 1) // 2)
        case "linear":
            here = Sentence("gui.why.training.here_linear", rows=rows)
        case "similarity":
            here = Sentence("gui.why.training.here_similarity", rows=rows)
        case "fine_tuning":
            here = Sentence("gui.why.training.here_direct", rows=rows)
    chosen = Sentence("gui.why.training.here_compared") if settings.chosen_by == "cross_validation" else ""
    return " ".join(filter(None, (general, pairs, here, chosen)))
