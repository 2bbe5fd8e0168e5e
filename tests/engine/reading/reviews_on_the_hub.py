"""A data set as it lies on the Hub: two configurations, Parquet in shards with named classes, and a program beside."""

from __future__ import annotations

import io

import datasets
import pyarrow as pa
import pyarrow.parquet as pq

from tests.builders_data import review_rows
from tests.engine.loading.stand_in_hub import Repository

ID = "someone/reviews"
ALL = review_rows()
TRAIN = ("data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet")
TEST = "data/test-00000-of-00001.parquet"
NUMBERED = [(text, int(label == "positive")) for text, label in ALL]


def parquet(rows: list[tuple[str, int]]) -> bytes:
    """Rows as `push_to_hub` writes them: the names of the classes are in the file's metadata."""
    features = datasets.Features(
        {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["negative", "positive"])}
    )
    made = datasets.Dataset.from_dict(
        {"text": [text for text, _ in rows], "label": [label for _, label in rows]}, features=features
    )
    output = io.BytesIO()
    pq.write_table(pa.table(made.data.table), output)
    return output.getvalue()


def reviews() -> Repository:
    return Repository(
        {
            TRAIN[0]: parquet(NUMBERED[:40]),
            TRAIN[1]: parquet(NUMBERED[40:80]),
            TEST: parquet(NUMBERED[80:]),
            "pairs.csv": ("first,second,label\n" + "one,two,x\nthree,four,y\n" * 6).encode(),
            "README.md": b"---\n---\n",
            "reviews.py": b"raise SystemExit('this was run')",
        },
        card={
            "license": "mit",
            "language": "en",
            "configs": [
                {
                    "config_name": "plain",
                    "data_files": [
                        {"split": "train", "path": "data/train-*"},
                        {"split": "test", "path": "data/test-*"},
                    ],
                },
                {"config_name": "pairs", "data_files": "pairs.csv"},
            ],
        },
    )
