"""What of a model's own classification head a run may begin with: what is pre-trained, and labels known by name."""

from __future__ import annotations

from engine.contract.states import PreparedDataset

PRETRAINED_HEADS = {"modernbert": "head"}  # masked language modelling trained it, as it trained BERT's pooler


def matching_labels(dataset: PreparedDataset) -> dict[int, int]:
    """By the number of each label of the rows: its number in the model's own head, for those that the head has.

    Names are compared without regard to case. Empty where the model has no head, or one of another kind: for words
    where texts have labels, or the other way round.
    """
    head = dataset.model.head
    if head is None or head.of_words != bool(dataset.settings.roles.tags):
        return {}
    own = {label.strip().casefold(): number for number, label in enumerate(head.labels)}
    names = [label.strip().casefold() for label in dataset.label_names]
    return {number: own[name] for number, name in enumerate(names) if name in own}
