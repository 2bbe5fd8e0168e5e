"""Whether the chosen text is something to read: numbers and identifiers are not."""

from __future__ import annotations

import numpy as np

from engine.errors import DatasetInvalid
from engine.identifiers import are_identifiers
from engine.preparing.collecting import Collected
from engine.preparing.likeness import rows_at
from engine.settings import Roles

_LOOKED_AT = 500


def check_texts(collected: Collected, roles: Roles) -> None:
    """Raises `DatasetInvalid` (D16) where nearly all texts are different numbers or identifiers."""
    if "text" not in collected.columns:
        return
    positions = np.unique(np.linspace(0, len(collected) - 1, _LOOKED_AT).astype(np.int64))
    texts = [str(row["text"]) for rows in rows_at(collected, positions) for row in rows]
    if are_identifiers(texts):
        raise DatasetInvalid(
            "D16",
            f"“{roles.text}” holds numbers or identifiers, such as “{texts[0][:40]}”: is this the right column?",
            hint="Choose the column that holds something to read.",
            actions=("Choose columns",),
            field="text",
        )
