"""How the plain script reads texts with marked stretches of characters, as annotation tools save them."""

from __future__ import annotations

from engine.plain_code_text import Script, literal
from engine.word_places import WORDS


def read_marks_code(script: Script, encoding: str, picked: str) -> str:
    """`picked` is the expression that makes a row of the script out of `row`, which has text, tokens and tags."""
    script.imports("json")
    script.imports("re")
    return f"""
def marks_of(row):
    if isinstance(row.get("data"), dict):  # Label Studio
        kept = [one for one in row.get("annotations", row.get("completions")) if not one.get("was_cancelled")]
        values = [item["value"] for one in kept[:1] for item in one["result"] if "start" in item.get("value", ())]
        text = row["data"].get("text") or next(one for one in row["data"].values() if isinstance(one, str))
        return text, values
    names = [name for name in ("spans", "entities", "labels", "label") if isinstance(row.get(name), list)]
    holder = next((name for name in names if row[name]), names[0] if names else "spans")
    return row.get("text") or row.get("data") or "", row.get(holder, [])


def place_of(mark, text):
    if isinstance(mark, list):
        return int(mark[0]), int(mark[1]), mark[2]
    start = int(mark["start"] if "start" in mark else mark["start_offset"])
    end = int(mark["end"] if "end" in mark else mark["end_offset"])
    written, units = mark.get("text"), text.encode("utf-16-le")
    if written and text[start:end] != written and units[2 * start : 2 * end] == written.encode("utf-16-le"):
        start = len(units[: 2 * start].decode("utf-16-le"))  # the places were counted as browsers do
        end = start + len(written)
    return start, end, mark["labels"][0] if mark.get("labels") else mark.get("label", mark.get("entity"))


def read(path):
    with open(path, encoding={literal(encoding)}) as file:
        text = file.read()
    try:
        rows = json.loads(text)
    except json.JSONDecodeError:  # one object per line
        rows = list(map(json.loads, filter(str.strip, text.split("\\n"))))
    if isinstance(rows, dict):  # it holds the list of rows
        lists = [value for value in rows.values() if isinstance(value, list) and value]
        rows = next(value for value in lists if isinstance(value[0], (dict, list)))
    rows = [row if isinstance(row, dict) else {{"text": row[0], **row[1]}} for row in rows]  # spaCy's are pairs
    for row in rows:
        text, marks = marks_of(row)
        places = [match.span() for match in re.finditer({literal(WORDS)}, text)]
        tags = ["O"] * len(places)
        # The longest mark wins, and is widened to whole words.
        for start, end, label in sorted((place_of(mark, text) for mark in marks), key=lambda mark: mark[0] - mark[1]):
            inside = [number for number, word in enumerate(places) if word[0] < end and start < word[1]]
            if all(tags[number] == "O" for number in inside):
                for number in inside:
                    tags[number] = ("B-" if number == inside[0] else "I-") + label.strip()
        row["text"], row["tokens"], row["tags"] = text, [text[start:end] for start, end in places], tags
    return [{picked} for row in rows]

"""
