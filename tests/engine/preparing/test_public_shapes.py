"""Public data sets as they are downloaded: the names and the order of their columns, with texts of ours."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from engine.contract.settings import FileRows
from engine.preparing.inspection import inspect
from tests.builders_data import ignore
from tests.engine.preparing.inspected import Expected, differences
from tests.engine.preparing.test_kinds_of_tables import paraphrases, reviews, table

TEXTS = [text for text, _ in reviews(80)]
PAIRS = paraphrases()
ASKS = ("preparing.question.label_column",)
UNREAD = ("preparing.data_note.text_not_read",)


def rows(*columns: Sequence[object]) -> list[tuple[object, ...]]:
    return list(zip(*columns, strict=True))


def turns(*values: object, of: int = 80) -> list[object]:
    """The values again and again."""
    return [values[n % len(values)] for n in range(of)]


def numbered(form: str, of: int = 80) -> list[str]:
    return [form.format(n) for n in range(of)]


def lines(*records: Mapping[str, object]) -> bytes:
    return "\n".join(map(json.dumps, records)).encode()


FIRST, SECOND, SAME = ([pair[part] for pair in PAIRS] for part in range(3))
SHAPES: dict[str, Expected] = {
    "Sentiment140": Expected(
        {
            "a.csv": table(
                (),
                rows(
                    turns("0", "4"),
                    numbered("14678{:05}"),
                    numbered("Mon Apr 06 22:19:{:02} PDT 2009"),
                    turns("NO_QUERY"),
                    turns(*numbered("user{}", 30)),
                    TEXTS,
                ),
            )
        },
        roles={"text": "column 6", "label": "column 1"},
        header="no",
        used=80,
    ),
    "AG News": Expected(
        {
            "train.csv": table(
                (), rows(turns(1, 2, 3, 4), numbered("Title {} of a paper"), [f"{t}. {t}" for t in TEXTS])
            )
        },
        roles={"text": "column 3", "label": "column 1", "second_text": ""},
        header="no",
        findings=UNREAD,
    ),
    "airline tweets": Expected(
        {
            "Tweets.csv": table(
                (
                    "tweet_id",
                    "airline_sentiment",
                    "airline_sentiment_confidence",
                    "airline",
                    "name",
                    "text",
                    "tweet_created",
                ),
                rows(
                    numbered("57030613367776{:04}"),
                    turns("negative", "neutral", "positive"),
                    numbered("0.{}"),
                    turns("Delta", "United"),
                    numbered("user{}"),
                    TEXTS,
                    turns("2015-02-24 11:35:52 -0800"),
                ),
            )
        },
        roles={"text": "text", "label": "airline_sentiment"},
    ),
    "CoLA": Expected(
        {"train.tsv": table((), rows(turns("gj04"), turns(0, 1), turns("*", ""), TEXTS), delimiter="\t")},
        roles={"text": "column 4", "label": "column 2"},
        header="no",
    ),
    "QQP": Expected(
        {
            "q.tsv": table(
                ("id", "qid1", "qid2", "question1", "question2", "is_duplicate"),
                rows(range(60), range(60), range(100, 160), FIRST, SECOND, SAME),
                delimiter="\t",
            )
        },
        roles={"text": "question1", "second_text": "question2", "label": "is_duplicate"},
    ),
    "SNLI": Expected(
        {
            "s.jsonl": lines(
                *(
                    {
                        "annotator_labels": ["neutral"],
                        "captionID": f"{n}.jpg#0",
                        "gold_label": ("neutral", "entailment", "contradiction")[n % 3],
                        "sentence1": one,
                        "sentence1_parse": f"(ROOT {one})",
                        "sentence2": other,
                    }
                    for n, (one, other, _) in enumerate(PAIRS)
                )
            )
        },
        roles={"text": "sentence1", "second_text": "sentence2", "label": "gold_label"},
    ),
    "SICK": Expected(
        {
            "s.txt": table(
                ("pair_ID", "sentence_A", "sentence_B", "relatedness_score", "entailment_judgment"),
                rows(
                    range(60),
                    FIRST,
                    SECOND,
                    [n % 40 / 10 + 1 for n in range(60)],
                    turns("NEUTRAL", "ENTAILMENT", of=60),
                ),
                delimiter="\t",
            )
        },
        task="regression",
        roles={"text": "sentence_A", "second_text": "sentence_B", "score": "relatedness_score"},
    ),
    "STS-B": Expected(
        {
            "sts-train.csv": "".join(
                "\t".join(["main", ("vid", "par")[n % 2], "2012", f"{n:04}", f"{n % 50 / 10:.3f}", one, other])
                + ("\tlicense\tsource\n" if n % 5 == 0 else "\n")
                for n, (one, other, _) in enumerate(PAIRS)
            ).encode()
        },
        task="regression",
        roles={"text": "column 6", "second_text": "column 7", "score": "column 5"},
        used=48,
        excluded={"has 9 columns instead of 7": 12},
        findings=ASKS,
    ),
    "GoEmotions, one column for each": Expected(
        {
            "g.csv": table(
                (
                    "text",
                    "id",
                    "author",
                    "created_utc",
                    "rater_id",
                    "example_very_unclear",
                    "admiration",
                    "anger",
                    "joy",
                ),
                rows(
                    TEXTS,
                    numbered("eew{:04}"),
                    numbered("u{}"),
                    numbered("154838{:04}"),
                    turns(*range(37)),
                    turns("False"),
                    turns(0, 1),
                    turns(0, 0, 1),
                    turns(1, 0, 0, 0),
                ),
            )
        },
        task="multi_label_classification",
        roles={"text": "text", "label_columns": ["admiration", "anger", "joy"]},
    ),
    "toxic comments": Expected(
        {
            "train.csv": table(
                ("id", "comment_text", "toxic", "severe_toxic", "threat"),
                rows(numbered("{:016x}"), TEXTS, turns(0, 1), turns(0, 0, 1), turns(0)),
            )
        },
        task="multi_label_classification",
        roles={"text": "comment_text", "label_columns": ["toxic", "severe_toxic", "threat"]},
        findings=("preparing.data_note.labels_without_rows",),
    ),
    "BBC news": Expected(
        {
            "bbc.csv": table(
                ("category", "filename", "title", "content"),
                rows(
                    turns("business", "tech"),
                    numbered("{:03}.txt"),
                    numbered("Ad sales boost {}"),
                    [3 * t for t in TEXTS],
                ),
            )
        },
        roles={"text": "content", "label": "category"},
    ),
    "fake news": Expected(
        {
            "f.csv": table(
                ("title", "text", "subject", "date"),
                rows(numbered("A title {}"), TEXTS, turns("News", "politics"), numbered("December {}, 2017")),
            )
        },
        roles={"text": "text", "label": "subject"},
    ),
    "hate speech of Davidson": Expected(
        {
            "l.csv": table(
                ("", "count", "hate_speech", "offensive_language", "neither", "class", "tweet"),
                rows(range(80), turns(3), turns(0, 1, 2), turns(1, 2, 0), turns(2, 0, 1), turns(0, 1, 2), TEXTS),
            )
        },
        roles={"text": "tweet", "label": "class"},
    ),
    "OLID": Expected(
        {
            "olid.tsv": table(
                ("id", "tweet", "subtask_a", "subtask_b"),
                rows(range(80), TEXTS, turns("OFF", "NOT"), turns("TIN", "UNT")),
                delimiter="\t",
            )
        },
        roles={"text": "tweet"},
        findings=ASKS,
    ),
    "GermEval 2018": Expected(
        {"g.txt": table((), rows(TEXTS, turns("NO", "OFFENSE"), turns("NO", "INSULT", "NO", "ABUSE")), delimiter="\t")},
        roles={"text": "column 1"},
        findings=ASKS,
    ),
    "Yelp": Expected(
        {
            "y.json": lines(
                *(
                    {
                        "review_id": f"r{n:022}",
                        "stars": float(n % 5 + 1),
                        "useful": n % 3,
                        "funny": 0,
                        "cool": 0,
                        "text": text,
                    }
                    for n, text in enumerate(TEXTS)
                )
            )
        },
        roles={"text": "text", "label": "stars"},
    ),
    "Amazon reviews": Expected(
        {
            "a.json": lines(
                *(
                    {
                        "overall": float(n % 5 + 1),
                        "verified": True,
                        "reviewTime": "09 13, 2009",
                        "reviewerID": f"A{n}",
                        "reviewText": text,
                        "summary": f"sum of {n} words",
                    }
                    for n, text in enumerate(TEXTS)
                )
            )
        },
        roles={"text": "reviewText", "label": "overall"},
        findings=UNREAD,
    ),
    "disaster tweets": Expected(
        {
            "train.csv": table(
                ("id", "keyword", "location", "text", "target"),
                rows(range(80), turns("fire", "flood"), turns("US", ""), TEXTS, turns(0, 1)),
            )
        },
        roles={"text": "text", "label": "target"},
    ),
    "readability": Expected(
        {
            "train.csv": table(
                ("id", "url_legal", "license", "excerpt", "target", "standard_error"),
                rows(
                    numbered("c12129{:03x}"),
                    turns(""),
                    turns(""),
                    TEXTS,
                    [-n / 17 for n in range(80)],
                    numbered("0.4{:03}"),
                ),
            )
        },
        task="regression",
        roles={"text": "excerpt", "score": "target"},
    ),
    "consumer complaints": Expected(
        {
            "c.csv": table(
                ("Date received", "Product", "Issue", "Consumer complaint narrative", "Company", "ZIP code"),
                rows(
                    turns("03/12/2014"),
                    turns("Loan", "Card"),
                    turns("Fees", "Bill"),
                    TEXTS,
                    turns("BANK"),
                    numbered("9{:04}"),
                ),
            )
        },
        roles={"text": "Consumer complaint narrative"},
        findings=ASKS,
    ),
    "hotel reviews in Chinese": Expected(
        {
            "c.csv": table(
                ("label", "review"),
                rows(
                    turns(0, 1),
                    [f"酒店{n}环境不错" if n % 2 else f"房间{n}太小" for n in range(80)],
                ),
            )
        },
        roles={"text": "review", "label": "label"},
    ),
    "SemEval tweets": Expected(
        {"s.txt": table((), rows(numbered("264183{:04}"), turns("positive", "neutral"), TEXTS), delimiter="\t")},
        roles={"text": "column 3", "label": "column 2"},
        header="no",
    ),
    "genres of films": Expected(
        {
            "l.csv": table(
                ("plot", "genre"), rows(TEXTS, turns("Drama, Comedy", "Drama", "Comedy", "Comedy, Horror", "Horror"))
            )
        },
        task="multi_label_classification",
        roles={"text": "plot", "labels": "genre"},
        labels={"Drama": 32, "Comedy": 48, "Horror": 32},
    ),
    "triplets without a label": Expected(
        {"t.csv": table(("anchor", "positive", "negative"), rows(FIRST, SECOND, numbered("Something else {}", 60)))},
        error="D16",
        sentence="no column with labels",
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_public_data_set_is_read_as_it_is_meant(tmp_path: Path, name: str) -> None:
    for file, content in SHAPES[name].files.items():
        (tmp_path / file).write_bytes(content)
    (tmp_path / "scratch").mkdir()
    paths = [str(tmp_path / file) for file in SHAPES[name].files]
    found = inspect(FileRows(*paths), ignore, scratch=tmp_path / "scratch")
    assert differences(found, SHAPES[name]) == {}
