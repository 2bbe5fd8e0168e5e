"""Which inputs mean nearly the same to the loaded model: near one another where it places them.

A text's place is the mean of the encoder's last states over its tokens, scaled to length one (Reimers and Gurevych,
Sentence-BERT, 2019). Two inputs are nearly the same where their cosine distance is below 0.13 of the median distance
from an input to its nearest neighbour (cleanlab's default for near duplicates), so that the bound follows how closely
this model places these texts altogether. Of pairs of texts each is compared with its counterpart, and the less alike
ones decide: two such rows are other questions where one text is the same and the other is not.

Memory: at most `MOST_ROWS` inputs are looked at, 4 bytes × hidden size for each text, and a block of them against all.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoModel, PreTrainedModel, PreTrainedTokenizerBase

from engine.contract.events import Emit, Progressed
from engine.contract.progress import ProgressReporter
from engine.contract.sentences import Sentence
from engine.contract.states import ModelHandle
from engine.contract.text_parsing import full_text
from engine.devices import detection as devices
from engine.preparing.rows.collecting import Collected, rows_at
from engine.preparing.rows.groups import connected_groups
from engine.preparing.rows.near_duplicates import NearDuplicates, chosen_inputs
from engine.tasks.network import calm_transformers
from engine.tasks.padding import padded_inputs

MOST_ROWS = 20_000
NEAR = 0.13  # of the median distance to the nearest neighbour
LONGEST = 128  # tokens of an input that are read
_CHARACTERS = 2_000  # of an input that are tokenized
_AT_ONCE = 32  # inputs
_BLOCK = 512  # inputs that are compared with all at once
_NEIGHBOURS = 8  # of each input that are looked at
_NOTE = Sentence("preparing.progress.reading_texts_model")


class TextEmbeddings:
    """The embeddings of inputs by the loaded model; each is computed once, whoever asks."""

    def __init__(self, model: ModelHandle, tokenizer: PreTrainedTokenizerBase, device: str = "auto") -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._compute = devices.choose(device)
        self._network: PreTrainedModel | None = None
        self._numbers: dict[int, int] = {}  # the identity of an input to its row in `_vectors`
        self._vectors: list[np.ndarray] = []  # (texts of a row, hidden) float32 each

    def find_near_duplicates(
        self, collected: Collected, wanted: np.ndarray, emit: Emit, *, seed: int
    ) -> NearDuplicates:
        """Compares the inputs of the rows in the mask `wanted` (rows,) bool; `emit` may raise `StopRequested`."""
        positions, inverse, inputs = chosen_inputs(collected, wanted, most=MOST_ROWS, seed=seed)
        vectors = self._of(collected, positions, emit)
        pairs, shares = near_pairs(vectors, self._compute.device, emit)
        groups = connected_groups(int(inverse.max(initial=-1)) + 1, inverse[positions[pairs]], emit)[inverse]
        return NearDuplicates(groups, positions[pairs], shares, len(positions), inputs, "meaning")

    def _of(self, collected: Collected, positions: np.ndarray, emit: Emit) -> np.ndarray:
        """(positions, texts of a row, hidden) float32 of length one."""
        identities = collected.identities[positions].tolist()
        missing = np.asarray([identity not in self._numbers for identity in identities], dtype=bool)
        if missing.any():
            self._vectors += list(self._computed(collected, positions[missing], emit))
            for identity in collected.identities[positions[missing]].tolist():
                self._numbers[identity] = len(self._numbers)
        if not identities:
            return np.zeros((0, 1, self._model.hidden_size), dtype=np.float32)
        return np.stack([self._vectors[self._numbers[identity]] for identity in identities])

    def _computed(self, collected: Collected, positions: np.ndarray, emit: Emit) -> np.ndarray:
        emit(Progressed(0, len(positions), _NOTE, "rows"))
        features: list[dict[str, Any]] = []
        for rows in rows_at(collected, positions):
            features.extend(self._encoded(rows))
        network = self._loaded()
        order = np.argsort([-len(row["input_ids"]) for row in features], kind="stable")
        vectors = np.zeros((len(features), self._model.hidden_size), dtype=np.float32)
        parts = [order[start : start + _AT_ONCE] for start in range(0, len(order), _AT_ONCE)]
        # Long and short ones in turn, so that the first seconds predict how long the rest will take.
        turns = np.random.default_rng(0).permutation(len(parts)).tolist()
        done, progress = 0, ProgressReporter(emit)
        for some in [parts[turn] for turn in turns]:
            progress.report(done * len(positions) // len(order), len(positions), _NOTE, "rows")
            done += len(some)
            batch = padded_inputs(
                [features[index] for index in some.tolist()],
                padding_id=int(self._tokenizer.pad_token_id or 0),
                multiple=8,
            )
            vectors[some] = mean_states(network, {name: part.to(network.device) for name, part in batch.items()})
        return vectors.reshape(len(positions), -1, self._model.hidden_size)

    def _encoded(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The tokens of each text, those of a row one behind the other."""
        texts = [text[:_CHARACTERS] for row in rows for text in _texts_of(row)]
        encoded = self._tokenizer(
            texts,
            truncation=True,
            max_length=min(LONGEST, self._model.max_length),
            padding=False,
            verbose=False,
        )
        kept = [name for name in ("input_ids", "token_type_ids") if name in encoded]
        return [{name: encoded[name][index] for name in kept} for index in range(len(texts))]

    def _loaded(self) -> PreTrainedModel:
        if self._network is None:
            with calm_transformers():
                network: PreTrainedModel = AutoModel.from_pretrained(
                    str(Path(self._model.folder)),
                    local_files_only=True,
                    trust_remote_code=False,
                    use_safetensors=True,
                    dtype=torch.float32,
                )
            network.train(False)
            network.to(self._compute.device)  # type: ignore[arg-type]
            self._network = network
        return self._network


def _texts_of(row: dict[str, Any]) -> list[str]:
    if "tokens" in row:
        return [full_text(row)]
    return [str(row["text"]), *([str(row["second_text"])] if row.get("second_text") is not None else [])]


def mean_states(network: PreTrainedModel, batch: dict[str, torch.Tensor]) -> np.ndarray:
    """The mean of the last states over the tokens of each row, of length one: (batch, hidden) float32."""
    with torch.inference_mode():
        states: torch.Tensor = network(**batch).last_hidden_state.float()
        mask = batch["attention_mask"].unsqueeze(-1).float()
        mean = (states * mask).sum(dim=1) / mask.sum(dim=1)
        vectors: np.ndarray = torch.nn.functional.normalize(mean, dim=1).cpu().numpy()
    np.nan_to_num(vectors, copy=False)
    return vectors


def near_pairs(vectors: np.ndarray, device: torch.device, emit: Emit) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (pairs, 2) int64 of rows that are nearly the same, the first the smaller, and their cosines, falling.

    `vectors` (rows, texts, hidden) float32 have length one; the cosine of two rows is that of their least alike texts.
    """
    count = len(vectors)
    if count < 3:
        return np.zeros((0, 2), dtype=np.int64), np.zeros(0)
    texts = [torch.from_numpy(np.ascontiguousarray(vectors[:, text])).to(device) for text in range(vectors.shape[1])]
    most = min(_NEIGHBOURS, count - 1)
    cosines, others = np.zeros((count, most), dtype=np.float32), np.zeros((count, most), dtype=np.int64)
    for start in range(0, count, _BLOCK):
        emit(Progressed(start, count, Sentence("preparing.progress.comparing_texts"), "rows"))
        end = min(start + _BLOCK, count)
        with torch.inference_mode():
            block = texts[0][start:end] @ texts[0].T
            for others_of in texts[1:]:
                block = torch.minimum(block, others_of[start:end] @ others_of.T)
            block[torch.arange(end - start), torch.arange(start, end)] = -2.0  # not with itself
            best = block.topk(most, dim=1)
        cosines[start:end], others[start:end] = best.values.cpu().numpy(), best.indices.cpu().numpy()
    near = 1.0 - cosines < NEAR * float(np.median(1.0 - cosines[:, 0]))
    one, place = np.nonzero(near)
    pairs = np.sort(np.stack([one, others[one, place]], axis=1), axis=1)
    pairs, first = np.unique(pairs, axis=0, return_index=True)
    shares = np.clip(cosines[one, place][first].astype(np.float64), 0.0, 1.0)
    order = np.argsort(-shares, kind="stable")
    return pairs[order].astype(np.int64), shares[order]
