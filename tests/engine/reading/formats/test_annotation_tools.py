"""Exports of annotation tools: entities and labels as they were given, everything else by its reason."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.contract.inspection import Inspection
from engine.contract.settings import FileRows, Roles
from engine.preparing.inspection import inspect
from tests.builders_data import ignore

NAMES = [("Anna Weber", "PER"), ("Graz", "LOC"), ("Bluefin", "ORG"), ("Li", "PER")]
ROWS = [
    (f"😀 On day {n} they saw {name} again.", [(14 + len(str(n)), 14 + len(str(n)) + len(name), kind)])
    for n in range(40)
    for name, kind in [NAMES[n % 4]]
]
ENTITIES = {"PER": 20, "LOC": 10, "ORG": 10}
WORDS = Roles(tokens="tokens", tags="tags")


def place(text: str, name: str) -> tuple[int, int]:
    return text.index(name), text.index(name) + len(name)


DATA = [(text, *place(text, NAMES[n % 4][0]), NAMES[n % 4][1]) for n, (text, _) in enumerate(ROWS)]


def browser(text: str, at: int) -> int:
    return len(text[:at].encode("utf-16-le")) // 2


def region(text: str, start: int, end: int, *labels: str, kind: str = "labels") -> dict[str, Any]:
    value = {"start": browser(text, start), "end": browser(text, end), "text": text[start:end], kind: list(labels)}
    return {"value": value, "from_name": "ner", "to_name": "t", "type": kind, "id": "x"}


def task(text: str, results: list[dict[str, Any]], holder: str = "annotations", **data: Any) -> dict[str, Any]:
    return {"id": 1, "data": {"body": text, **data}, holder: [{"result": results, "was_cancelled": False}]}


def as_csv(header: list[str], rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue()


def seen(folder: Path, content: str | Path, name: str = "rows.json") -> Inspection:
    (folder / "scratch").mkdir(exist_ok=True)
    if isinstance(content, str):
        (folder / name).write_text(content, "utf-8")
        content = folder / name
    return inspect(FileRows(str(content)), ignore, scratch=folder / "scratch")


def html(text: str, start: int, end: int) -> str:
    return f"<div><p>{text[:start]}<b>{text[start:end]}</b>{text[end:]}</p></div>"


def hypertext(text: str, start: int, end: int, kind: str) -> dict[str, Any]:
    item = region(text, start, end, kind, kind="hypertextlabels")
    item["value"] |= {"globalOffsets": {"start": browser(text, start), "end": browser(text, end)}}
    item["value"] |= {"start": "/div[1]/p[1]/b[1]/text()[1]", "end": "/div[1]/p[1]/b[1]/text()[1]"}
    return item


def spacy_tokens(text: str, start: int, end: int, kind: str) -> list[dict[str, Any]]:
    words = text[start:end].split()
    tags = [f"U-{kind}"] if len(words) == 1 else [f"B-{kind}", f"L-{kind}"]
    parts = [(word, "O") for word in text[:start].split()] + list(zip(words, tags, strict=True))
    return [{"id": n, "orth": word, "tag": "-", "ner": tag} for n, (word, tag) in enumerate([*parts, ("again", "O")])]


MARKED: dict[str, Callable[[], str]] = {
    "Label Studio, another field": lambda: json.dumps(
        [
            task(t, [region(t, a, b, k)], source="mail", url="https://example.org/a/very/long/address/of/it")
            for t, a, b, k in DATA
        ]
    ),
    "Label Studio, a field called text": lambda: "\n".join(
        json.dumps({**task(t, [region(t, a, b, k)]), "data": {"text": t, "longer": "x" * 99}}) for t, a, b, k in DATA
    ),
    "Label Studio, predictions": lambda: json.dumps(
        [{**task(t, [region(t, a, b, k)], "predictions"), "annotations": []} for t, a, b, k in DATA]
    ),
    "Label Studio, completions": lambda: json.dumps(
        [task(t, [region(t, a, b, k)], "completions") for t, a, b, k in DATA]
    ),
    "Label Studio, hypertext": lambda: json.dumps(
        [task(html(t, a, b), [hypertext(t, a, b, k)]) for t, a, b, k in DATA]
    ),
    "Label Studio, short": lambda: json.dumps(
        [
            {"id": 1, "body": t, "ner": [region(t, a, b, k)["value"]], "annotator": 1, "lead_time": 2.5}
            for t, a, b, k in DATA
        ]
    ),
    "Label Studio, CSV": lambda: as_csv(
        ["annotator", "ner", "body"], [["1", json.dumps([region(t, a, b, k)["value"]]), t] for t, a, b, k in DATA]
    ),
    "Python list in a cell": lambda: as_csv(["sentence", "entities"], [[t, str([(a, b, k)])] for t, a, b, k in DATA]),
    "Python list of objects in a cell": lambda: as_csv(
        ["text", "spans"], [[t, str([{"start": a, "end": b, "label": k}])] for t, a, b, k in DATA]
    ),
    "other names": lambda: "\n".join(json.dumps({"sentence": t, "ner": [[a, b, k]]}) for t, a, b, k in DATA),
    "DataTurks": lambda: "\n".join(
        json.dumps(
            {
                "content": t,
                "annotation": [{"label": [k], "points": [{"start": a, "end": b - 1, "text": t[a:b]}]}],
                "extras": None,
            }
        )
        for t, a, b, k in DATA
    ),
    "spaCy 2, pairs and null": lambda: json.dumps(
        {
            "classes": ["PER", "LOC", "ORG"],
            "annotations": [*([t, {"entities": [[a, b, k]]}] for t, a, b, k in DATA), None],
        }
    ),
}


@pytest.mark.parametrize("form", MARKED)
def test_every_export_gives_the_same_entities(tmp_path: Path, form: str) -> None:
    found = seen(tmp_path, MARKED[form]())
    assert found.error is None
    assert (found.format, found.task, found.roles) == ("spans", "token_classification", WORDS)
    assert (found.rows_used, found.entities) == (40, ENTITIES)
    assert found.rows_excluded == ({"is empty (null)": 1} if "null" in form else {})
    for example in found.examples:
        text, start, end, _ = DATA[example["row"] - 1]
        assert "".join(example["tokens"]) == text.replace(" ", "")
        assert [word for word, tag in zip(example["tokens"], example["tags"], strict=True) if tag != "O"] == text[
            start:end
        ].split()
    assert not {"changed_entities", "marks_inside_words"} & {one.id for one in found.findings}


def test_sentences_of_spacy_2_are_rows(tmp_path: Path) -> None:
    documents = [
        {"id": n, "paragraphs": [{"raw": t, "sentences": [{"tokens": spacy_tokens(t, a, b, k), "brackets": []}]}]}
        for n, (t, a, b, k) in enumerate(DATA)
    ]
    found = seen(tmp_path, json.dumps(documents))
    assert (found.task, found.roles, found.rows_used, found.entities) == ("token_classification", WORDS, 40, ENTITIES)


def test_a_list_of_structs_in_parquet_is_marks(tmp_path: Path) -> None:
    rows = [{"text": t, "spans": [{"start": a, "end": b, "label": k}]} for t, a, b, k in DATA]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "rows.parquet")
    found = seen(tmp_path, tmp_path / "rows.parquet")
    assert (found.format, found.rows_used, found.entities) == ("spans", 40, ENTITIES)


def webanno() -> str:
    lines = [
        "#FORMAT=WebAnno TSV 3.2",
        "#T_SP=webanno.custom.Mood|mood",
        "#T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value",
        "",
        "",
    ]
    before = 0
    for number, (text, start, end, kind) in enumerate(DATA, start=1):
        lines.append(f"#Text={text}")
        words = text.split()
        inside, at = len(text[start:end].split()), 0
        for count, word in enumerate(words, start=1):
            first = text.index(word, at)
            at = first + len(word)
            marked = start <= first < end
            value = f"{kind}{f'[{number}]' * (inside > 1)}" if marked else "_"
            places = f"{before + browser(text, first)}-{before + browser(text, at)}"
            lines.append(f"{number}-{count}\t{places}\t{word}\t_\t_\t{value}\t")
        lines.append("")
        before += browser(text, len(text)) + 1
    return "\n".join(lines) + "\n"


def test_webanno_is_read_by_its_layer_of_entities(tmp_path: Path) -> None:
    found = seen(tmp_path, webanno(), "rows.tsv")
    assert (found.format, found.roles, found.rows_used, found.entities) == ("spans", WORDS, 40, ENTITIES)
    assert found.examples[0]["tags"][5:8] == ["O", "B-PER", "I-PER"]


def test_documents_of_brat_are_rows_by_line(tmp_path: Path) -> None:
    folder = tmp_path / "brat"
    folder.mkdir()
    for number in range(0, 40, 2):
        (first, a, b, k), (second, c, d, m) = DATA[number : number + 2]
        (folder / f"d{number}.txt").write_text(f"{first}\n{second}\n", "utf-8")
        at = len(first) + 1
        marks = [
            f"T1\t{k} {a} {b}\t{first[a:b]}",
            f"T2\t{m} {at + c} {at + d}\t{second[c:d]}",
            "R1\tmet Arg1:T1 Arg2:T2",
        ]
        (folder / f"d{number}.ann").write_text(
            "\n".join([*marks, "T3\tGAP 0 1;5 7\tx"] if number == 0 else marks), "utf-8"
        )
    found = seen(tmp_path, folder)
    assert (found.format, found.rows_used, found.entities) == ("spans", 40, ENTITIES)
    assert [one.sentence for one in found.findings if "of 41" in one.sentence] == [
        "1 of 41 entities changed, in 1 row."
    ]
    alone = seen(tmp_path, folder / "d0.ann")
    assert alone.error is not None
    assert "d0.ann has 2 usable rows" in alone.error.sentence


def test_a_second_label_of_a_region_is_reported(tmp_path: Path) -> None:
    found = seen(tmp_path, json.dumps([task(t, [region(t, a, b, k, "EXTRA")]) for t, a, b, k in DATA]))
    assert found.entities == ENTITIES
    assert "40 of 80 entities could not be read as marked" in found.findings[0].sentence


def choice(name: str, *values: str) -> dict[str, Any]:
    return {"value": {"choices": list(values)}, "from_name": name, "to_name": "t", "type": "choices"}


def test_choices_of_label_studio_are_labels(tmp_path: Path) -> None:
    rows = [task(t, [choice("mood", "good" if n % 2 else "bad")]) for n, (t, *_) in enumerate(DATA)]
    found = seen(tmp_path, json.dumps([*rows, {"id": 9, "data": {"body": "Not done yet"}, "annotations": []}]))
    assert (found.format, found.roles) == ("jsonl", Roles(text="body", label="mood"))
    assert (found.rows_used, found.labels) == (40, {"bad": 20, "good": 20})
    assert found.rows_excluded == {"has no annotation that was not cancelled": 1}


def test_a_place_in_a_taxonomy_is_a_label_with_its_way(tmp_path: Path) -> None:
    def chosen(*way: str) -> dict[str, Any]:
        return {"value": {"taxonomy": [list(way)]}, "from_name": "topic", "to_name": "t", "type": "taxonomy"}

    ways = (("news", "sport"), ("news", "films"))
    found = seen(tmp_path, json.dumps([task(t, [chosen(*ways[n % 2])]) for n, (t, *_) in enumerate(DATA)]))
    assert found.roles == Roles(text="body", label="topic")
    assert found.labels == {"news / films": 20, "news / sport": 20}


@pytest.mark.parametrize("form", ["full", "short", "csv"])
def test_one_choice_as_text_and_several_as_a_list_are_labels(tmp_path: Path, form: str) -> None:
    chosen = [["late", "broken"], ["late"], ["broken"]]
    given = [(t, chosen[n % 3]) for n, (t, *_) in enumerate(DATA)]
    short = [{"text": t, "topics": {"choices": own} if len(own) > 1 else own[0], "annotator": 1} for t, own in given]
    content = {
        "full": json.dumps([task(t, [choice("topics", *own)]) for t, own in given]),
        "short": json.dumps(short),
        "csv": as_csv(
            ["text", "topics"],
            [
                [str(row["text"]), row["topics"] if isinstance(row["topics"], str) else json.dumps(row["topics"])]
                for row in short
            ],
        ),
    }[form]
    found = seen(tmp_path, content)
    assert (found.task, found.roles.labels, found.rows_used) == ("multi_label_classification", "topics", 40)
    assert found.labels == {"late": 27, "broken": 27}


def test_an_annotation_that_was_cancelled_is_none(tmp_path: Path) -> None:
    rows = [task(t, [region(t, a, b, k)]) for t, a, b, k in DATA]
    rows[3]["annotations"].insert(0, {"was_cancelled": True, "result": []})
    rows[5]["annotations"][0]["was_cancelled"] = True
    found = seen(tmp_path, json.dumps(rows))
    assert found.rows_excluded == {"has no annotation that was not cancelled": 1}
    assert found.entities == {**ENTITIES, DATA[5][3]: ENTITIES[DATA[5][3]] - 1}


def test_other_results_of_label_studio_are_refused_by_name(tmp_path: Path) -> None:
    item = {"value": {"x": 1, "width": 5, "rectanglelabels": ["a"]}, "from_name": "b", "type": "rectanglelabels"}
    found = seen(tmp_path, json.dumps([task(t, [item]) for t, *_ in DATA]))
    assert found.error is not None
    assert (found.error.id, "rectanglelabels" in found.error.sentence) == ("D12", True)


def test_rejected_rows_of_prodigy_teach_no_label_that_was_rejected(tmp_path: Path) -> None:
    answers = ["accept", "reject", "accept", "ignore"]
    rows = [{"text": t, "label": ("A", "B")[n % 8 < 4], "answer": answers[n % 4]} for n, (t, *_) in enumerate(DATA)]
    found = seen(tmp_path, "\n".join(map(json.dumps, rows)))
    assert (found.roles, found.labels) == (Roles(text="text", label="label"), {"B": 10, "A": 10})
    assert found.rows_excluded == {"was rejected by the annotator": 10, "was skipped by the annotator": 10}
    found = seen(tmp_path, "\n".join(json.dumps({**row, "label": "A"}) for row in rows))
    assert found.labels == {"A": 20, "not A": 10}
    assert found.rows_excluded == {"was skipped by the annotator": 10}
    assert "reading.note.rejected_is_a_class" in {one.id for one in found.findings}


def test_choices_of_prodigy_are_labels(tmp_path: Path) -> None:
    options = [{"id": "POS", "text": "positive"}, {"id": "NEG", "text": "negative"}]
    rows = [
        {"text": t, "options": options, "accept": [("POS", "NEG")[n % 2]], "answer": "accept"}
        for n, (t, *_) in enumerate(DATA)
    ]
    assert seen(tmp_path, "\n".join(map(json.dumps, rows))).labels == {"POS": 20, "NEG": 20}
    rows[0]["accept"] = ["POS", "NEG"]
    found = seen(tmp_path, "\n".join(map(json.dumps, rows)))
    assert (found.task, found.labels) == ("multi_label_classification", {"NEG": 21, "POS": 20})


def test_labels_that_doccano_joins_are_several_and_a_language_is_one(tmp_path: Path) -> None:
    joined = [[str(n), t, ("late#broken", "late", "broken")[n % 3]] for n, (t, *_) in enumerate(DATA)]
    found = seen(tmp_path, as_csv(["id", "data", "label"], joined), "rows.csv")
    assert (found.task, set(found.labels)) == ("multi_label_classification", {"late", "broken"})
    languages = [[t, ("C#", "F#", "C")[n % 3]] for n, (t, *_) in enumerate(DATA)]
    found = seen(tmp_path, as_csv(["text", "label"], languages), "rows.csv")
    assert set(found.labels) == {"C#", "F#", "C"}
