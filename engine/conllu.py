"""The columns of CoNLL-U, the format of Universal Dependencies."""

from __future__ import annotations

CONLLU = ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")
