"""Kinds of files that annotation tools, services and libraries write, and JSON in its many shapes."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from tests.engine.preparing.inspected import Expected
from tests.engine.reading.brought_files import (
    Span,
    Tagged,
    as_json,
    counted,
    entities,
    how_many,
    in_scheme,
    kind,
    labelled,
    lines,
    sentences,
    spans,
    table,
    texts,
    words,
)

TOKENS = "token_classification"
MULTI = "multi_label_classification"
TEXT_LABEL: dict[str, str | list[str]] = {"text": "text", "label": "label"}


def marked(chance: random.Random) -> tuple[list[Tagged], list[tuple[str, list[Span]]]]:
    rows = sentences(chance, how_many(chance))
    return rows, [spans(row) for row in rows]


def read(rows: list[Tagged], files: dict[str, bytes], **further: Any) -> Expected:
    told = {"task": TOKENS, "used": len(rows), "entities": entities(rows), **further}
    return Expected(files, **told)


def both(rows: list[Tagged], files: dict[str, bytes]) -> Expected:
    """The intent is learned, and a note states that the marks could be."""
    return Expected(
        files,
        roles={"text": "text", "label": "intent"},
        used=len(rows),
        findings=("preparing.data_note.other_labels",),
        finding_sentence="“tags”",
    )


def units(text: str, at: int) -> int:
    return len(text[:at].encode("utf-16-le")) // 2


# ── Marked texts ────────────────────────────────────────────────────────────────────────────────────────────────


@kind("annotation tools")
def doccano(chance: random.Random) -> Expected:
    rows, found = marked(chance)
    key = chance.choice(("label", "labels", "entities", "spans"))
    records: list[dict[str, Any]] = []
    for n, (text, marks) in enumerate(found):
        given: list[Any] = [list(mark) for mark in marks]
        if key in ("entities", "spans"):
            given = [
                {"id": 10 * n + m, "label": name, "start_offset": start, "end_offset": end}
                for m, (start, end, name) in enumerate(marks)
            ]
        records.append(
            {"id": n, "text": text, key: given, **({"relations": []} if key == "entities" else {}), "Comments": []}
        )
    return read(rows, {"all.jsonl": lines(records, ascii=False)})


@kind("annotation tools")
def words_with_types_and_no_places(chance: random.Random) -> Expected:
    """As services and prompts answer: each entity a word and its type."""
    rows, found = marked(chance)
    word, label = chance.choice((("word", "type"), ("text", "label"), ("entity", "category"), ("span", "tag")))
    form = chance.randrange(5)
    records = []
    for text, marks in found:
        pairs = [(text[start:end], name) for start, end, name in marks]
        given: object = [{word: one, label: name} for one, name in pairs]
        if form == 1:
            given = [[one, name] for one, name in pairs]
        elif form == 2:
            given = [[name, one] for one, name in pairs]
        elif form == 3:
            given = dict(pairs)
        elif form == 4:
            given = {name: [one for one, other in pairs if other == name] for name in ("PER", "LOC", "ORG")}
        records.append({"text": text, "entities": given})
    name, content = as_json(chance, records)
    return read(rows, {name: content}, findings=("reading.note.words_found",), absent=("words_not_found",))


@kind("annotation tools")
def prodigy_spans(chance: random.Random) -> Expected:
    rows, found = marked(chance)
    records = []
    for n, (row, (text, marks)) in enumerate(zip(rows, found, strict=True)):
        tokens, at = [], 0
        for place, (word, _) in enumerate(row):
            at = text.index(word, at)
            tokens.append({"text": word, "start": at, "end": at + len(word), "id": place, "ws": True})
            at += len(word)
        first = {token["start"]: token["id"] for token in tokens}
        last = {token["end"]: token["id"] for token in tokens}
        given = [
            {"start": start, "end": end, "token_start": first[start], "token_end": last[end], "label": name}
            for start, end, name in marks
        ]
        records.append(
            {
                "text": text,
                "_input_hash": n,
                "_task_hash": -n,
                "_is_binary": False,
                "tokens": tokens,
                "_view_id": "ner_manual",
                "spans": given,
                "answer": "accept",
                "_timestamp": 1_600_000_000 + n,
                "_annotator_id": "x",
                "_session_id": "x",
            }
        )
    return read(rows, {"ner.jsonl": lines(records)})


@kind("annotation tools")
def prodigy_with_rejected(chance: random.Random) -> Expected:
    rows, found = marked(chance)
    records = []
    answers = ["reject" if n % 10 == 3 else "ignore" if n % 10 == 7 else "accept" for n in range(len(rows))]
    for answer, (text, marks) in zip(answers, found, strict=True):
        records.append(
            {
                "text": text,
                "spans": [{"start": start, "end": end, "label": name} for start, end, name in marks],
                "answer": answer,
            }
        )
    kept = [row for row, answer in zip(rows, answers, strict=True) if answer == "accept"]
    left = {
        "was rejected by the annotator": answers.count("reject"),
        "was skipped by the annotator": answers.count("ignore"),
    }
    return read(kept, {"ner.jsonl": lines(records)}, excluded=left)


@kind("annotation tools")
def prodigy_categories(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance), ("POS", "NEG"))
    options = [{"id": "POS", "text": "Positive"}, {"id": "NEG", "text": "Negative"}]
    records = [
        {
            "text": text,
            "options": options,
            "_input_hash": n,
            "accept": [label],
            "answer": "accept",
            "_view_id": "choice",
            "config": {"choice_style": "single"},
        }
        for n, (text, label) in enumerate(rows)
    ]
    return Expected({"textcat.jsonl": lines(records)}, roles=TEXT_LABEL, labels=counted(rows), used=len(rows))


@kind("annotation tools")
def prodigy_several_categories(chance: random.Random) -> Expected:
    names = ("BILLING", "DEFECT", "PRAISE")
    number = how_many(chance)
    sets = [chance.sample(names, chance.choice((1, 1, 2, 3))) for _ in range(number)]
    options = [{"id": name, "text": name.title()} for name in names]
    records = [
        {"text": text, "options": options, "accept": found, "answer": "accept", "_view_id": "choice"}
        for text, found in zip(texts(chance, number), sets, strict=True)
    ]
    return Expected(
        {"textcat.jsonl": lines(records)},
        task=MULTI,
        roles={"text": "text", "labels": "labels"},
        labels={name: sum(name in found for found in sets) for name in names},
        used=number,
    )


def _region(text: str, mark: Span, *, more: tuple[str, ...] = ()) -> dict[str, Any]:
    start, end, name = mark
    value = {"start": units(text, start), "end": units(text, end), "text": text[start:end], "labels": [name, *more]}
    return {
        "value": value,
        "id": f"r{start}",
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "origin": "manual",
    }


@kind("annotation tools")
def label_studio_regions(chance: random.Random) -> Expected:
    rows, found = marked(chance)
    field = chance.choice(("text", "body", "comment", "dialog"))
    tasks = []
    for n, (text, marks) in enumerate(found):
        text = "😀 " + text if n % 3 == 0 else text
        moved = [(start + 2 * (n % 3 == 0), end + 2 * (n % 3 == 0), name) for start, end, name in marks]
        annotation = {
            "id": n,
            "completed_by": 1,
            "result": [_region(text, mark) for mark in moved],
            "was_cancelled": False,
            "ground_truth": False,
            "lead_time": 4.2,
            "prediction": {},
            "result_count": len(moved),
        }
        tasks.append(
            {
                "id": n,
                "annotations": [annotation],
                "file_upload": "a.csv",
                "drafts": [],
                "predictions": [],
                "data": {field: text, "source": "mail", "ref": n},
                "meta": {},
                "project": 1,
            }
        )
    return read(rows, {"project-1.json": json.dumps(tasks).encode()})


@kind("annotation tools")
def label_studio_short(chance: random.Random) -> Expected:
    rows, found = marked(chance)
    records = [
        {
            "text": text,
            "id": n,
            "label": [_region(text, mark)["value"] for mark in marks],
            "annotator": 1,
            "annotation_id": n,
            "created_at": "2024-01-01T00:00:00Z",
            "updated_at": "2024-01-01T00:00:00Z",
            "lead_time": 3.1,
        }
        for n, (text, marks) in enumerate(found)
    ]
    for record, (_, marks) in zip(records, found, strict=True):
        if not marks:
            del record["label"]
    kept = rows
    return read(kept, {"project-1-min.json": json.dumps(records).encode()})


@kind("annotation tools")
def label_studio_conll(chance: random.Random) -> Expected:
    rows, _ = marked(chance)
    body = "-DOCSTART- -X- O\n" + "\n".join("".join(f"{word} -X- _ {tag}\n" for word, tag in row) for row in rows)
    return read(rows, {"project-1.conll": body.encode()}, words=words(rows))


@kind("annotation tools")
def label_studio_choices(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance), ("Positive", "Negative", "Neutral"))
    control = chance.choice(("sentiment", "topic", "choice", "class"))
    tasks = [
        {
            "id": n,
            "annotations": [
                {
                    "id": n,
                    "result": [
                        {
                            "value": {"choices": [label]},
                            "id": "x",
                            "from_name": control,
                            "to_name": "text",
                            "type": "choices",
                            "origin": "manual",
                        }
                    ],
                    "was_cancelled": False,
                }
            ],
            "predictions": [],
            "data": {"text": text, "url": f"https://example.org/{n}/a/long/address/of/this/text"},
        }
        for n, (text, label) in enumerate(rows)
    ]
    return Expected(
        {"project.json": json.dumps(tasks, indent=chance.choice((None, 2))).encode()},
        roles={"text": "text", "label": control},
        labels=counted(rows),
        used=len(rows),
    )


@kind("annotation tools")
def label_studio_choices_short(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance), ("Positive", "Negative", "Neutral"))
    control = chance.choice(("sentiment", "choice", "class", "topic"))
    records = [
        {
            "text": text,
            "id": n,
            control: label,
            "annotator": 1,
            "annotation_id": n,
            "created_at": "2024-01-01T00:00:00Z",
            "updated_at": "2024-01-01T00:00:00Z",
            "lead_time": 2.0,
        }
        for n, (text, label) in enumerate(rows)
    ]
    if chance.random() < 0.5:
        names = list(records[0])
        return Expected(
            {"p.csv": table(names, [list(record.values()) for record in records])},
            roles={"text": "text", "label": control},
            labels=counted(rows),
            used=len(rows),
        )
    return Expected(
        {"p.json": json.dumps(records).encode()},
        roles={"text": "text", "label": control},
        labels=counted(rows),
        used=len(rows),
    )


@kind("annotation tools")
def doccano_categories(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance), ("positive", "negative"))
    match chance.randrange(3):
        case 0:
            content = {
                "all.jsonl": lines(
                    {"id": n, "text": text, "label": [label], "Comments": []} for n, (text, label) in enumerate(rows)
                )
            }
            return Expected(content, roles={"text": "text"}, used=len(rows), task=MULTI, labels=counted(rows))
        case 1:
            content = {"all.csv": table(("id", "text", "label"), [(n, *row) for n, row in enumerate(rows)])}
        case _:
            content = {"all.csv": table(("id", "data", "label"), [(n, *row) for n, row in enumerate(rows)])}
            return Expected(content, roles={"text": "data", "label": "label"}, used=len(rows), labels=counted(rows))
    return Expected(content, roles=TEXT_LABEL, used=len(rows), labels=counted(rows))


@kind("annotation tools")
def dataturks(chance: random.Random) -> Expected:
    rows, found = marked(chance)
    records = [
        {
            "content": text,
            "annotation": [
                {"label": [name], "points": [{"start": start, "end": end - 1, "text": text[start:end]}]}
                for start, end, name in marks
            ],
            "extras": None,
            "metadata": {
                "first_done_at": 1_520_000_000_000 + n,
                "sec_taken": 0,
                "last_updated_by": "x",
                "status": "done",
                "evaluation": "NONE",
            },
        }
        for n, (text, marks) in enumerate(found)
    ]
    for record, (_, marks) in zip(records, found, strict=True):
        if not marks and chance.random() < 0.5:
            record["annotation"] = None
    return read(rows, {"dataturks.json": lines(records)})


@kind("annotation tools")
def dataturks_categories(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance), ("Joy", "Anger"))
    records = [{"content": text, "annotation": {"labels": [label], "note": ""}, "extras": None} for text, label in rows]
    return Expected({"dataturks.json": lines(records)}, roles=TEXT_LABEL, used=len(rows), labels=counted(rows))


@kind("annotation tools")
def brat(chance: random.Random) -> Expected:
    rows, found = marked(chance)
    files = {}
    per = 3
    for n in range(0, len(found), per):
        text, marks = "", []
        for one, own in found[n : n + per]:
            marks += [(len(text) + start, len(text) + end, name) for start, end, name in own]
            text += one + "\n"
        given = "".join(
            f"T{m}\t{name} {start} {end}\t{text[start:end]}\n" for m, (start, end, name) in enumerate(marks, start=1)
        )
        given += "R1\tlives-in Arg1:T1 Arg2:T2\n" if len(marks) > 1 else ""
        given += "#1\tAnnotatorNotes T1\ta note\n" if marks else ""
        files[f"corpus/doc{n}.txt"] = text.encode()
        files[f"corpus/doc{n}.ann"] = given.encode()
    files["corpus/annotation.conf"] = b"[entities]\nPER\nLOC\nORG\n"
    return read(rows, files, is_folder=True)


@kind("annotation tools")
def webanno(chance: random.Random) -> Expected:
    rows, found = marked(chance)
    version = chance.choice(("3.1", "3.2", "3.3"))
    layer = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
    pos = chance.random() < 0.5
    body = f"#FORMAT=WebAnno TSV {version}\n"
    body += "#T_SP=de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS|PosValue\n" if pos else ""
    body += f"#T_SP={layer}|identifier|value\n\n\n"
    offset, entity = 0, 0
    for n, (row, (text, marks)) in enumerate(zip(rows, found, strict=True), start=1):
        body += f"#Text={text}\n"
        at = 0
        for m, (word, _) in enumerate(row, start=1):
            at = text.index(word, at)
            held = next((mark for mark in marks if mark[0] <= at < mark[1]), None)
            if held and at == held[0]:
                entity += 1
            several = held is not None and " " in text[held[0] : held[1]]
            value = f"{held[2]}{f'[{entity}]' if several else ''}" if held else "_"
            star = f"*{f'[{entity}]' if several else ''}" if held else "_"
            body += (
                f"{n}-{m}\t{offset + at}-{offset + at + len(word)}\t{word}\t"
                + ("NN\t" if pos else "")
                + f"{star}\t{value}\t\n"
            )
            at += len(word)
        body += "\n"
        offset += len(text) + 1
    return read(rows, {"doc.tsv": body.encode()}, words=words(rows))


@kind("annotation tools")
def spacy_2(chance: random.Random) -> Expected:
    rows, found = marked(chance)
    docs = []
    for n in range(0, len(rows), 3):
        block = []
        for row in rows[n : n + 3]:
            tags = in_scheme([tag for _, tag in row], "bilou")
            block.append(
                {
                    "tokens": [
                        {"id": at, "orth": word, "tag": "NN", "head": 0, "dep": "dep", "ner": tag}
                        for at, ((word, _), tag) in enumerate(zip(row, tags, strict=True))
                    ],
                    "brackets": [],
                }
            )
        docs.append(
            {
                "id": n,
                "paragraphs": [{"raw": " ".join(text for text, _ in found[n : n + 3]), "sentences": block, "cats": []}],
            }
        )
    return read(rows, {"train.json": json.dumps(docs, indent=chance.choice((None, 2))).encode()}, words=words(rows))


@kind("annotation tools")
def spacy_pairs(chance: random.Random) -> Expected:
    rows, found = marked(chance)
    pairs = [[text, {"entities": [list(mark) for mark in marks]}] for text, marks in found]
    match chance.randrange(4):
        case 0:
            content = json.dumps(pairs)
        case 1:
            content = json.dumps({"classes": ["PER", "LOC", "ORG"], "annotations": [*pairs, None]})
        case 2:
            content = "".join(json.dumps(pair) + "\n" for pair in pairs)
        case _:
            content = json.dumps(pairs, indent=2)
    return read(
        rows, {"train.json": content.encode()}, excluded={"is empty (null)": 1} if "classes" in content[:12] else {}
    )


@kind("annotation tools")
def marks_by_other_names(chance: random.Random) -> Expected:
    rows, found = marked(chance)
    names = chance.choice(
        (
            ("start", "end", "label"),
            ("start_offset", "end_offset", "label"),
            ("start", "end", "type"),
            ("begin", "end", "tag"),
            ("start_char", "end_char", "entity"),
            ("from", "to", "label"),
            ("offset_start", "offset_end", "class"),
        )
    )
    holder = chance.choice(("entities", "annotations", "ner", "spans"))
    records = [{"text": text, holder: [dict(zip(names, mark, strict=True)) for mark in marks]} for text, marks in found]
    return read(rows, dict([as_json(chance, records)]))


@kind("annotation tools")
def offset_and_length(chance: random.Random) -> Expected:
    rows, found = marked(chance)
    records = [
        {
            "text": text,
            "entities": [{"offset": start, "length": end - start, "category": name} for start, end, name in marks],
        }
        for text, marks in found
    ]
    return read(rows, {"a.jsonl": lines(records)})


@kind("annotation tools")
def rasa_json(chance: random.Random) -> Expected:
    rows, found = marked(chance)
    examples = [
        {
            "text": text,
            "intent": ("move", "ask")[n % 2],
            "entities": [
                {"start": start, "end": end, "value": text[start:end], "entity": name} for start, end, name in marks
            ],
        }
        for n, (text, marks) in enumerate(found)
    ]
    return both(
        rows,
        {
            "nlu.json": json.dumps(
                {"rasa_nlu_data": {"common_examples": examples, "regex_features": [], "entity_synonyms": []}}, indent=2
            ).encode()
        },
    )


@kind("annotation tools")
def luis(chance: random.Random) -> Expected:
    rows, found = marked(chance)
    utterances = [
        {
            "text": text,
            "intent": ("Move", "Ask")[n % 2],
            "entities": [
                {"entity": name, "startPos": start, "endPos": end - 1, "children": []} for start, end, name in marks
            ],
        }
        for n, (text, marks) in enumerate(found)
    ]
    export = {
        "luis_schema_version": "7.0.0",
        "intents": [{"name": "Move", "features": []}, {"name": "Ask", "features": []}],
        "entities": [{"name": "PER", "children": [], "roles": []}],
        "hierarchicals": [],
        "composites": [],
        "closedLists": [],
        "patterns": [],
        "utterances": utterances,
        "versionId": "0.1",
        "name": "app",
        "desc": "",
        "culture": "en-us",
    }
    return both(rows, {"app.json": json.dumps(export, indent=2).encode()})


@kind("annotation tools")
def dialogflow(chance: random.Random) -> Expected:
    rows, found = marked(chance)
    records = []
    for n, (text, marks) in enumerate(found):
        parts, at = [], 0
        for start, end, name in marks:
            parts += [{"text": text[at:start], "userDefined": False}] if start > at else []
            parts.append({"text": text[start:end], "alias": name.lower(), "meta": f"@{name}", "userDefined": True})
            at = end
        parts += [{"text": text[at:], "userDefined": False}] if at < len(text) else []
        records.append({"id": f"{n:08x}", "data": parts, "isTemplate": False, "count": 0, "updated": 0})
    small = {name.lower(): count for name, count in entities(rows).items()}
    return read(rows, {"intent_usersays_en.json": json.dumps(records, indent=2).encode()}, entities=small)


@kind("annotation tools")
def list_of_structs(chance: random.Random) -> Expected:
    import io

    import pyarrow.parquet as pq

    rows, found = marked(chance)
    columns = {
        "text": [text for text, _ in found],
        "entities": [[{"start": start, "end": end, "label": name} for start, end, name in marks] for _, marks in found],
    }
    made = pa.table(columns)
    out = io.BytesIO()
    name = chance.choice(("a.parquet", "a.arrow", "a.feather", "stream.arrow"))
    if name.endswith("parquet"):
        pq.write_table(made, out)
    elif name.startswith("stream"):
        with pa.ipc.new_stream(out, made.schema) as writer:
            writer.write_table(made)
    else:
        with pa.ipc.new_file(out, made.schema) as writer:
            writer.write_table(made)
    return read(rows, {name: out.getvalue()})


@kind("annotation tools")
def structs(chance: random.Random) -> Expected:
    import io

    import pyarrow.parquet as pq

    rows = labelled(chance, how_many(chance))
    made = pa.table(
        {
            "id": list(range(len(rows))),
            "data": [{"text": text, "source": "mail"} for text, _ in rows],
            "meta": [{"label": label} for _, label in rows],
        }
    )
    out = io.BytesIO()
    name = chance.choice(("a.parquet", "a.arrow"))
    if name.endswith("parquet"):
        pq.write_table(made, out)
    else:
        with pa.ipc.new_file(out, made.schema) as writer:
            writer.write_table(made)
    return Expected(
        {name: out.getvalue()}, roles={"text": "data.text", "label": "meta.label"}, labels=counted(rows), used=len(rows)
    )


@kind("annotation tools")
def utf16_offsets(chance: random.Random) -> Expected:
    rows, found = marked(chance)
    moved = [("😀🎉 " + text, [(start + 3, end + 3, name) for start, end, name in marks]) for text, marks in found]
    records = [
        {"text": text, "label": [[units(text, start), units(text, end), name] for start, end, name in marks]}
        for text, marks in moved
    ]
    return read(rows, {"a.jsonl": lines(records)}, findings=("reading.note.offsets_utf_16",))


@kind("annotation tools")
def inclusive_ends(chance: random.Random) -> Expected:
    rows, found = marked(chance)
    records = [{"text": text, "label": [[start, end - 1, name] for start, end, name in marks]} for text, marks in found]
    return read(rows, {"a.jsonl": lines(records)}, findings=("reading.note.offsets_characters_inclusive",))


# ── Shapes of JSON ──────────────────────────────────────────────────────────────────────────────────────────────


def _frame(rows: list[tuple[str, str]]) -> Any:
    import pandas

    return pandas.DataFrame(rows, columns=["text", "label"])


_SHAPES: dict[str, Callable[[list[tuple[str, str]]], str]] = {
    "columns": lambda rows: str(_frame(rows).to_json()),
    "index": lambda rows: str(_frame(rows).to_json(orient="index")),
    "split": lambda rows: str(_frame(rows).to_json(orient="split")),
    "table": lambda rows: str(_frame(rows).to_json(orient="table")),
    "records": lambda rows: str(_frame(rows).to_json(orient="records")),
    "indented columns": lambda rows: str(_frame(rows).to_json(indent=2)),
    "dict of lists": lambda rows: json.dumps({"text": [row[0] for row in rows], "label": [row[1] for row in rows]}),
    "pretty objects": lambda rows: "\n".join(
        json.dumps(dict(zip(("text", "label"), row, strict=True)), indent=4) for row in rows
    ),
    "under data": lambda rows: json.dumps(
        {"version": "1.0", "data": [{"text": text, "label": label} for text, label in rows]}, indent=2
    ),
    "nested": lambda rows: json.dumps(
        [{"id": n, "item": {"text": text, "label": label}} for n, (text, label) in enumerate(rows)]
    ),
    "by label": lambda rows: json.dumps(
        {label: [text for text, own in rows if own == label] for label in sorted({own for _, own in rows})}
    ),
    "by text": lambda rows: json.dumps(dict(rows)),
}


@kind("shapes of JSON")
def the_same_rows_in_any_shape(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance), chance.choice((("pos", "neg"), ("pos", "neg", "mixed"))))
    shape = chance.choice(list(_SHAPES))
    roles: dict[str, str | list[str]] = (
        {"text": "item.text", "label": "item.label"} if shape == "nested" else TEXT_LABEL
    )
    body = _SHAPES[shape](rows)
    return Expected(
        {"a.json": ("\ufeff" * chance.randrange(2) + body).encode()}, roles=roles, labels=counted(rows), used=len(rows)
    )


@kind("shapes of JSON")
def splits_in_one_object(chance: random.Random) -> Expected:
    names = chance.choice((("train", "val", "test"), ("train", "oos_train", "test"), ("train", "validation", "test")))
    parts = {name: labelled(random.Random(f"{name} {n}"), 24 if n else 60) for n, name in enumerate(names)}
    inner = chance.choice(
        (
            lambda rows: [list(row) for row in rows],
            lambda rows: [{"text": text, "label": label} for text, label in rows],
        )
    )
    is_object = isinstance(inner(parts["train"])[0], dict)
    roles: dict[str, str | list[str]] = TEXT_LABEL if is_object else {"text": "column 1", "label": "column 2"}
    splits = {"train": 60, "validation": 24, "test": 24} if "oos_train" not in names else {}
    return Expected(
        {"data.json": json.dumps({name: inner(rows) for name, rows in parts.items()}).encode()},
        roles=roles,
        splits=splits,
    )


@kind("shapes of JSON")
def rows_of_the_datasets_server(chance: random.Random) -> Expected:
    names = ["neg", "pos"]
    rows = labelled(chance, 100, names)
    body = {
        "features": [
            {"feature_idx": 0, "name": "text", "type": {"dtype": "string", "_type": "Value"}},
            {"feature_idx": 1, "name": "label", "type": {"names": names, "_type": "ClassLabel"}},
        ],
        "rows": [
            {"row_idx": n, "row": {"text": text, "label": names.index(label)}, "truncated_cells": []}
            for n, (text, label) in enumerate(rows)
        ],
        "num_rows_total": 8530,
        "num_rows_per_page": 100,
        "partial": False,
    }
    return Expected(
        {"rows.json": json.dumps(body).encode()},
        roles=TEXT_LABEL,
        labels=counted(rows),
        used=100,
        findings=("reading.note.part_of_the_rows",),
    )


@kind("shapes of JSON")
def chats_for_fine_tuning(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance), ("good", "bad"))
    system = {"role": "system", "content": "Say whether the comment is good or bad. Answer with one word."}
    form = chance.randrange(4)
    records: list[dict[str, Any]] = []
    for text, label in rows:
        match form:
            case 0:
                records.append(
                    {"messages": [system, {"role": "user", "content": text}, {"role": "assistant", "content": label}]}
                )
            case 1:
                records.append({"conversations": [{"from": "human", "value": text}, {"from": "gpt", "value": label}]})
            case 2:
                records.append(
                    {
                        "contents": [
                            {"role": "user", "parts": [{"text": text}]},
                            {"role": "model", "parts": [{"text": label}]},
                        ]
                    }
                )
            case _:
                records.append(
                    {
                        "messages": [
                            {"role": "user", "content": text},
                            {"role": "assistant", "content": label, "weight": 1},
                        ]
                    }
                )
    return Expected({"ft.jsonl": lines(records)}, roles=TEXT_LABEL, labels=counted(rows), used=len(rows))


@kind("shapes of JSON")
def prompt_and_completion(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance), (" good", " bad"))
    records = [{"prompt": f"{text}\n\n###\n\n", "completion": label} for text, label in rows]
    return Expected(
        {"ft.jsonl": lines(records)},
        roles={"text": "prompt", "label": "completion"},
        used=len(rows),
        labels={name.strip(): count for name, count in counted(rows).items()},
    )


@kind("shapes of JSON")
def alpaca(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance), ("good", "bad"))
    records = [
        {
            "instruction": "Say whether this comment is good or bad, in one word and nothing more.",
            "input": text,
            "output": label,
        }
        for text, label in rows
    ]
    name, content = as_json(chance, records)
    return Expected({name: content}, roles={"text": "input", "label": "output"}, used=len(rows), labels=counted(rows))


@kind("shapes of JSON")
def intents(chance: random.Random) -> Expected:
    names = ("greeting", "bye", "order")
    patterns = [
        {
            "tag": name,
            "patterns": [f"{name} number {n}, please" for n in range(8)],
            "responses": ["Fine."],
            "context": [""],
        }
        for name in names
    ]
    key = chance.choice(("tag", "intent"))
    if key == "intent":
        patterns = [{"intent": one["tag"], "text": one["patterns"], "responses": one["responses"]} for one in patterns]
    return Expected(
        {"intents.json": json.dumps({"intents": patterns}, indent=2).encode()},
        roles=TEXT_LABEL,
        labels=dict.fromkeys(names, 8),
        used=24,
    )


@kind("shapes of JSON")
def snips_raw(chance: random.Random) -> Expected:
    rows, found = marked(chance)
    queries = []
    for text, marks in found:
        parts, at = [], 0
        for start, end, name in marks:
            parts += [{"text": text[at:start]}] if start > at else []
            parts.append({"text": text[start:end], "entity": name})
            at = end
        parts += [{"text": text[at:]}] if at < len(text) else []
        queries.append({"data": parts})
    return read(rows, {"train_PlayMusic.json": json.dumps({"PlayMusic": queries}).encode()})


@kind("shapes of JSON")
def nan_as_pandas_writes_it(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance, least=40))
    body = "".join(
        json.dumps({"text": text, "label": float("nan") if n % 9 == 8 else label}) + "\n"
        for n, (text, label) in enumerate(rows)
    )
    left = len(rows) // 9
    return Expected(
        {"a.jsonl": body.encode()}, roles=TEXT_LABEL, used=len(rows) - left, excluded={"has no label": left}
    )


@kind("shapes of JSON")
def a_broken_line(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance))
    body = lines({"text": text, "label": label} for text, label in rows).decode().split("\n")
    body[7] = body[7][:-6]
    return Expected({"a.jsonl": "\n".join(body).encode()}, task="", error="D12", sentence="8")


@kind("shapes of JSON")
def squad(chance: random.Random) -> Expected:
    articles = [
        {
            "title": f"T{n}",
            "paragraphs": [
                {
                    "context": f"Text {n} of something.",
                    "qas": [
                        {
                            "id": str(n),
                            "question": "What?",
                            "answers": [{"text": "Text", "answer_start": 0}],
                            "is_impossible": False,
                        }
                    ],
                }
            ],
        }
        for n in range(24)
    ]
    return Expected(
        {"train-v2.0.json": json.dumps({"version": "v2.0", "data": articles}).encode()},
        task="",
        error="D12",
        sentence="question",
    )


@kind("shapes of JSON")
def geojson_and_other_things(chance: random.Random) -> Expected:
    value = chance.choice(
        (
            {"type": "FeatureCollection", "name": "x", "crs": {"type": "name"}},
            {"name": "app", "version": "1.0", "dependencies": {"a": {"b": 1}}},
        )
    )
    return Expected({"a.json": json.dumps(value, indent=2).encode()}, task="", error="D12")


@kind("shapes of JSON")
def chats_of_other_services(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance), ("good", "bad"))
    asked = "Say whether the comment is good or bad."
    form = chance.randrange(4)
    records: list[dict[str, Any]] = []
    for n, (text, label) in enumerate(rows):
        match form:
            case 0:
                turns = [{"role": "user", "parts": [{"text": text}]}, {"role": "model", "parts": [{"text": label}]}]
                records.append({"systemInstruction": {"role": "system", "parts": [{"text": asked}]}, "contents": turns})
            case 1:
                turns = [
                    {"role": "user", "content": [{"text": text}]},
                    {"role": "assistant", "content": [{"text": label}]},
                ]
                records.append({"schemaVersion": "x-2024", "system": [{"text": asked}], "messages": turns})
            case 2:
                turns = [
                    {"role": "System", "content": asked},
                    {"role": "User", "content": text},
                    {"role": "Chatbot", "content": label},
                ]
                records.append({"messages": turns})
            case _:
                turns = [{"role": "user", "content": text}, {"role": "assistant", "content": label}]
                records.append({"id": n, "messages": turns, "tools": [], "parallel_tool_calls": False})
    return Expected({"ft.jsonl": lines(records)}, roles=TEXT_LABEL, labels=counted(rows), used=len(rows))


@kind("shapes of JSON")
def splits_deeper_or_as_columns(chance: random.Random) -> Expected:
    parts = {name: labelled(random.Random(name), 24 if name == "test" else 60) for name in ("train", "test")}
    if chance.random() < 0.5:
        value: Any = {
            name: {"text": [text for text, _ in rows], "label": [label for _, label in rows]}
            for name, rows in parts.items()
        }
    else:
        value = {
            "name": "set",
            "data": {name: [{"text": text, "label": label} for text, label in rows] for name, rows in parts.items()},
        }
    return Expected({"data.json": json.dumps(value).encode()}, roles=TEXT_LABEL, used=84)


@kind("annotation tools")
def spacy_documents(chance: random.Random) -> Expected:
    rows, found = marked(chance)
    records = []
    for row, (text, marks) in zip(rows, found, strict=True):
        tokens, at = [], 0
        for number, (word, _) in enumerate(row):
            at = text.index(word, at)
            tokens.append(
                {"id": number, "start": at, "end": at + len(word), "tag": "NN", "pos": "NOUN", "dep": "dep", "head": 0}
            )
            at += len(word)
        records.append(
            {
                "text": text,
                "ents": [{"start": start, "end": end, "label": name} for start, end, name in marks],
                "sents": [{"start": 0, "end": len(text)}],
                "tokens": tokens,
            }
        )
    return read(rows, dict([as_json(chance, records)]))


@kind("annotation tools")
def light_tag(chance: random.Random) -> Expected:
    rows, found = marked(chance)
    examples = [
        {
            "content": text,
            "metadata": {"n": n},
            "annotations": [
                {"start": start, "end": end, "tag": name, "value": text[start:end]} for start, end, name in marks
            ],
        }
        for n, (text, marks) in enumerate(found)
    ]
    return read(rows, {"a.json": json.dumps({"examples": examples}).encode()})


@kind("annotation tools")
def comprehend(chance: random.Random) -> Expected:
    rows, found = marked(chance)
    records = [
        {
            "Text": text,
            "Entities": [
                {"BeginOffset": start, "EndOffset": end, "Type": name, "Score": 0.9, "Text": text[start:end]}
                for start, end, name in marks
            ],
        }
        for text, marks in found
    ]
    return read(rows, dict([as_json(chance, records)]))


@kind("annotation tools")
def preferences_are_no_labels(chance: random.Random) -> Expected:
    records = [
        {"prompt": text, "chosen": f"{text}, gladly, {n}", "rejected": f"{text}, no, {n}"}
        for n, text in enumerate(texts(chance, 40))
    ]
    return Expected({"dpo.jsonl": lines(records)}, error="D16")


@kind("annotation tools")
def other_files_by_name(chance: random.Random) -> Expected:
    import pickle
    import zlib

    name, content = chance.choice(
        (
            ("train.spacy", zlib.compress(b"\x87\xa7version\xa30.1" * 50)),
            ("a.pkl", pickle.dumps({"text": ["a"] * 40}, protocol=4)),
            (
                "a.npy",
                b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }\n" + b"\0" * 24,
            ),
            ("a.xmi", b'<?xml version="1.0" encoding="UTF-8"?><xmi:XMI/>'),
        )
    )
    return Expected({name: content}, task="", error="D11")


@kind("annotation tools")
def spacy_data_in_python(chance: random.Random) -> Expected:
    rows, found = marked(chance)
    pairs = [(text, {"entities": marks}) for text, marks in found]
    return read(rows, {"train_data.py": f"{chance.choice(('TRAIN_DATA = ', ''))}{pairs}\n".encode()})
