"""Predictions for every row of a file, in batches, into a file beside which nothing changes.

The columns of the result are those of the file and, after them, `prediction`, `probability` and the probability of each
label, where there are few. With a rule for it there is also `don't know`, yes or no, where yes leaves `prediction`
empty, and for conformal sets `possible labels`. Its name has its format: CSV, XLSX, JSONL or Parquet. In CSV a text
that a spreadsheet would take for a formula gets an apostrophe before it; in XLSX texts are marked as such.

A row without a text has no prediction. The file is written under another name and renamed when it is whole, so that a
stop leaves nothing behind.
"""

from __future__ import annotations

import csv
import json
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from engine.contract.calibration import DO_NOT_KNOW, NO, YES
from engine.contract.errors import InvalidSetting
from engine.contract.events import Emit, Progressed
from engine.contract.progress import ProgressReporter
from engine.contract.queries import FilePredicted, Prediction
from engine.contract.sentences import Sentence
from engine.contract.settings import FileRows, ReadingOptions
from engine.contract.text_parsing import number_in
from engine.evaluating.file_scores import ScoredFile
from engine.evaluating.predict import LONGEST_TEXT
from engine.reading.formats.chunks import Chunk
from engine.reading.sources.sources import RowFile, all_files, rows_of
from engine.reading.sources.unpacking import Unpacking
from engine.tasks.facts import BETWEEN_LABELS
from engine.tasks.network import label_names_of, logits_of
from engine.tasks.padding import as_float32, padded_inputs
from engine.tasks.task import Task
from engine.tasks.texts import encoded_inputs
from engine.training.batching.batch_plan import by_length
from engine.workspace.file_operations import remove_file, replace

BATCH = 32
MOST_LABEL_COLUMNS = 20
LONGEST_CELL = 32_767  # characters of a cell in XLSX
MOST_SHEET_ROWS = 1_048_576
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
POSSIBLE = "possible labels"  # the column with the set of a promised coverage
Row = dict[str, Any]  # text, number or None by column


class Model(NamedTuple):
    """A network in evaluation mode with what its answers need."""

    network: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    task: Task
    max_length: int
    reads_pairs: bool
    columns: tuple[str, str] = ("", "")  # that it has learned from
    group: str = ""  # the column with the groups of its rows


class Columns(NamedTuple):
    """Columns of the file by name; empty where they are clear, or not wanted."""

    text: str = ""
    second_text: str = ""
    labels: str = ""  # to score by
    other: str = ""  # answers of another model
    group: str = ""  # whom or what rows are of


CLEAR = Columns()


def predict_file(
    model: Model,
    source: Path,
    target: Path,
    emit: Emit,
    *,
    wanted: Columns = CLEAR,
    replaces: bool = False,
    scratch: Path,
) -> FilePredicted:
    """Predicts all rows of `source` into `target`, and scores them where columns with true answers are named.

    Raises `InvalidSetting` (E4) for a column or a format that is not there, and where `target` is the source, or exists
    and is not to be replaced.
    """
    kind = WRITERS.get(target.suffix.lower())
    if kind is None:
        raise _refused(Sentence("evaluating.e4.file_format", name=target.name, formats=sorted(WRITERS)))
    if target.exists() and (not replaces or target.samefile(source)):
        raise _refused(Sentence("evaluating.e4.file_there_already", name=target.name))
    with Unpacking(scratch, emit) as unpacking:
        file = all_files(FileRows(str(source)), ReadingOptions(), unpacking)[0]
        columns = file.layout.columns
        first = _column(columns, wanted.text, (model.columns[0], "text"), file.name)
        second = ""
        if model.reads_pairs:
            second = _column(columns, wanted.second_text, (model.columns[1], "second_text"), file.name)
        labels, other, group = (_column(columns, name, (), file.name) if name else "" for name in wanted[2:])
        if not group and model.group in columns:
            group = model.group
        if (labels or other) and model.task.facts.one_label_per_word:
            raise _refused(Sentence("evaluating.e4.file_scores_of_words"))
        names = label_names_of(model.network)
        scored = None
        if labels or other:
            scored = ScoredFile(model.task, names, labels=bool(labels), other=bool(other), group=group)
        total = _row_count(file, first, emit)
        answers = _Answers(model, emit, file.name, total, scored, (labels, other, group))
        staging = target.with_name(f"{target.name}.part")
        try:
            writer = kind(staging, [*columns, *answers.columns(columns)], [*answers.numbers()])
            try:
                for chunk in rows_of(file, columns):
                    writer.write(answers.of(chunk, columns, first, second))
            finally:
                writer.close()
            found = scored.found(emit) if scored is not None else None
            replace(staging, target)
        finally:
            remove_file(staging, missing_ok=True)
    return FilePredicted(str(target), answers.rows, answers.empty, answers.cut, answers.unsure, found)


def _row_count(file: RowFile, column: str, emit: Emit) -> int:
    """How many rows will be predicted: reading a file takes a hundredth of the time that answering it does."""
    progress = ProgressReporter(emit)
    rows = 0
    for chunk in rows_of(file, (column,)):
        rows += len(chunk.numbers)
        progress.report(rows, 0, Sentence("evaluating.progress.counting_rows", file=file.name), "rows")
    return rows


def _column(columns: Sequence[str], wanted: str, usual: Sequence[str], file: str) -> str:
    """The wanted column; without one the first usual one that the file has, or its only one."""
    for name in [wanted] if wanted else usual:
        if name in columns:
            return name
    if not wanted and len(columns) == 1:
        return columns[0]
    raise _refused(Sentence("evaluating.e4.choose_column", file=file, columns=list(columns)[:20]))


def _refused(sentence: Sentence) -> InvalidSetting:
    return InvalidSetting("E4", sentence)


class _Answers:
    """The answers to the rows of chunks, with counts of what was met."""

    def __init__(
        self,
        model: Model,
        emit: Emit,
        name: str,
        total: int,
        scored: ScoredFile | None,
        compared: tuple[str, str, str],
    ) -> None:
        """`compared` are the columns with labels, with the answers of another model and with groups, for `scored`."""
        self._model, self._emit = model, emit
        self._scored, self._compared = scored, compared
        self._note = Sentence("evaluating.progress.predicting_file", file=name)
        self._labels = label_names_of(model.network)
        self._rule = model.task.unsure_rule
        self._given: dict[str, str] = {}  # our columns to their names in the file
        self.total = total
        self.rows = self.empty = self.cut = self.unsure = 0
        self._batched = 0  # texts of the chunk that is being answered

    def columns(self, taken: Sequence[str]) -> list[str]:
        """Names of the further columns, none of which the file has."""
        own = ["prediction", "probability"]
        if self._rule is not None:
            own += [DO_NOT_KNOW, *([POSSIBLE] if self._rule.kind == "conformal" else [])]
        probability_of = self._model.task.activation != "none" and len(self._labels) <= MOST_LABEL_COLUMNS
        if probability_of and not self._model.task.facts.one_label_per_word:
            own += [f"probability of {label}" for label in self._labels]
        for name in own:
            free = name
            while free in taken:
                free = f"{free} (predicted)"
            self._given[name] = free
        return list(self._given.values())

    def numbers(self) -> list[str]:
        """Those of the further columns that hold numbers."""
        is_number = self._model.task.facts.labels_are_numbers
        texts = (DO_NOT_KNOW, POSSIBLE, *(() if is_number else ("prediction",)))
        return [free for name, free in self._given.items() if name not in texts]

    def of(self, chunk: Chunk, columns: Sequence[str], first: str, second: str) -> list[Row]:
        """The rows of the chunk with their answers."""
        texts = [_text(cell) for cell in chunk.columns[first]]
        seconds = [_text(cell) for cell in chunk.columns[second]] if second else []
        known = [place for place, text in enumerate(texts) if text.strip() and (not second or seconds[place].strip())]
        found = self._predictions([texts[place] for place in known], [seconds[place] for place in known if second])
        answers = dict(zip(known, found, strict=True))
        rows = []
        for place in range(len(chunk.numbers)):
            row: Row = {name: _shown(chunk.columns[name][place]) for name in columns}
            prediction = answers.get(place)
            rows.append({**row, **dict.fromkeys(self._given.values()), **self._cells(prediction)})
            self.empty += prediction is None
            self.cut += prediction is not None and prediction.cut_tokens > 0
            self.unsure += prediction is not None and prediction.unsure
            if self._scored is not None:
                cells = (chunk.columns[name][place] if name else None for name in self._compared)
                number = chunk.numbers[place]
                self._scored.take(chunk.lines.get(number, number), prediction, *cells)
        self.rows += len(rows)
        self._batched = 0
        self._report()
        return rows

    def _report(self) -> None:
        self._emit(Progressed(min(self.total, self.rows + self._batched), self.total, self._note, "rows"))

    def _cells(self, prediction: Prediction | None) -> Row:
        if prediction is None:
            return {}
        given = self._given
        if prediction.value is not None:
            return {given["prediction"]: prediction.value}
        if self._model.task.facts.one_label_per_word:
            found = [
                {"start": one.start, "end": one.end, "label": one.label, "text": prediction.text[one.start : one.end]}
                for one in prediction.entities
            ]
            least = min((one.probability for one in prediction.entities), default=None)
            return {given["prediction"]: json.dumps(found, ensure_ascii=False), given["probability"]: least}
        answer = "" if prediction.unsure else BETWEEN_LABELS.join(label.label for label in prediction.given)
        cells: Row = {
            given["prediction"]: answer,
            given["probability"]: min((label.probability for label in prediction.given), default=None),
        }
        if self._rule is not None:
            cells[given[DO_NOT_KNOW]] = YES if prediction.unsure else NO
        if POSSIBLE in given:
            cells[given[POSSIBLE]] = BETWEEN_LABELS.join(prediction.possible)
        each = ((given.get(f"probability of {label.label}"), label.probability) for label in prediction.labels)
        return {**cells, **{name: probability for name, probability in each if name is not None}}

    def _predictions(self, texts: list[str], seconds: list[str]) -> list[Prediction]:
        """In the order of the texts; those of similar length are computed together."""
        network, tokenizer, task, max_length = self._model[:4]
        if not texts:
            return []
        answers: list[Prediction | None] = [None] * len(texts)
        if task.facts.one_label_per_word:
            for places in by_length(np.asarray([len(text) for text in texts]), BATCH):
                self._report()
                chosen = [texts[place] for place in places]
                found = task.predict_texts(network, tokenizer, chosen, max_length=max_length)
                for place, answer in zip(places.tolist(), found, strict=True):
                    answers[place] = answer
                self._batched += len(places)
            return [answer for answer in answers if answer is not None]
        rows = {"text": texts, "second_text": seconds} if seconds else {"text": texts}
        encoded = encoded_inputs(tokenizer, rows, max_length)
        features = [dict(zip(encoded, values, strict=True)) for values in zip(*encoded.values(), strict=True)]
        for places in by_length(np.asarray([len(row["input_ids"]) for row in features]), BATCH):
            self._report()
            batch = padded_inputs(
                [features[place] for place in places], padding_id=tokenizer.pad_token_id or 0, multiple=1
            )
            with torch.inference_mode():
                logits = as_float32(logits_of(network, {name: part.to(network.device) for name, part in batch.items()}))
            for row, place in zip(logits, places.tolist(), strict=True):
                cut = features[place]["length"] - len(features[place]["input_ids"])
                second = seconds[place] if seconds else ""
                answers[place] = task.prediction_of(row, self._labels, texts[place], second_text=second, cut_tokens=cut)
            self._batched += len(places)
        return [answer for answer in answers if answer is not None]


def _text(cell: object) -> str:
    text = " ".join(map(str, cell)) if isinstance(cell, list) else "" if cell is None else str(cell)
    return text.encode("utf-8", "replace").decode("utf-8")[:LONGEST_TEXT]


def _shown(cell: object) -> str | None:
    """What a cell of the file is in the result: its text, a list as JSON."""
    if cell is None:
        return None
    text = json.dumps(cell, ensure_ascii=False, default=str) if isinstance(cell, list | dict) else str(cell)
    return text.encode("utf-8", "replace").decode("utf-8")


# ── Writing ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class Writer(ABC):
    """Writes rows as they come; `numbers` are the columns that hold numbers, all others hold texts."""

    def __init__(self, path: Path, columns: Sequence[str], numbers: Sequence[str]) -> None:
        self._columns, self._numbers = list(columns), frozenset(numbers)

    @abstractmethod
    def write(self, rows: Sequence[Row]) -> None:
        """Writes these rows after the others."""

    @abstractmethod
    def close(self) -> None:
        """Ends the file."""


class CsvWriter(Writer):
    """UTF-8 with its mark, which spreadsheets look for."""

    def __init__(self, path: Path, columns: Sequence[str], numbers: Sequence[str]) -> None:
        super().__init__(path, columns, numbers)
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._csv = csv.writer(self._file)
        self._csv.writerow([without_formula(name) for name in columns])

    def write(self, rows: Sequence[Row]) -> None:
        for row in rows:
            cells = ((row[name], name in self._numbers) for name in self._columns)
            self._csv.writerow(
                ["" if cell is None else cell if number else without_formula(cell) for cell, number in cells]
            )

    def close(self) -> None:
        self._file.close()


def without_formula(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would compute it; numbers stay as they are."""
    if not text.startswith(FORMULA_STARTS) or np.isfinite(number_in(text)):
        return text
    return f"'{text}"


class JsonLinesWriter(Writer):
    """One object a line."""

    def __init__(self, path: Path, columns: Sequence[str], numbers: Sequence[str]) -> None:
        super().__init__(path, columns, numbers)
        self._file = path.open("w", encoding="utf-8")

    def write(self, rows: Sequence[Row]) -> None:
        self._file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)

    def close(self) -> None:
        self._file.close()


class ParquetFileWriter(Writer):
    """Texts and doubles."""

    def __init__(self, path: Path, columns: Sequence[str], numbers: Sequence[str]) -> None:
        super().__init__(path, columns, numbers)
        kinds = [(name, pa.float64() if name in self._numbers else pa.string()) for name in columns]
        self._schema = pa.schema(kinds)
        self._writer = parquet.ParquetWriter(path, self._schema, compression="zstd")

    def write(self, rows: Sequence[Row]) -> None:
        self._writer.write_table(pa.Table.from_pylist(list(rows), self._schema))

    def close(self) -> None:
        self._writer.close()


class WorkbookWriter(Writer):
    """One sheet of a workbook (ECMA-376), its texts in the cells themselves, so that rows are written as they come."""

    def __init__(self, path: Path, columns: Sequence[str], numbers: Sequence[str]) -> None:
        super().__init__(path, columns, numbers)
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        for name, content in _WORKBOOK.items():
            self._zip.writestr(name, content)
        self._sheet = self._zip.open("xl/worksheets/sheet1.xml", "w", force_zip64=True)
        self._sheet.write(f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
        self._rows = 0
        self._line({name: name for name in columns}, frozenset())

    def write(self, rows: Sequence[Row]) -> None:
        for row in rows:
            self._line(row, self._numbers)

    def close(self) -> None:
        self._sheet.write(b"</sheetData></worksheet>")
        self._sheet.close()
        self._zip.close()

    def _line(self, row: Mapping[str, Any], numbers: frozenset[str]) -> None:
        self._rows += 1
        if self._rows > MOST_SHEET_ROWS:
            raise _refused(Sentence("evaluating.e4.too_many_rows_for_sheet", most=MOST_SHEET_ROWS - 1))
        self._sheet.write(f"<row>{''.join(_cells_of(row, self._columns, numbers))}</row>".encode())


def _cells_of(row: Mapping[str, Any], columns: Sequence[str], numbers: frozenset[str]) -> Iterator[str]:
    for name in columns:
        cell = row[name]
        if cell is None:
            yield "<c/>"
        elif name in numbers:
            yield f"<c><v>{cell!r}</v></c>"
        else:
            plain = "".join(sign for sign in cell[:LONGEST_CELL] if sign in "\t\n\r" or ord(sign) >= 32)
            plain = plain.replace("\ufffe", "").replace("\uffff", "")  # no characters of XML
            yield f'<c t="inlineStr"><is><t xml:space="preserve">{escape(plain)}</t></is></c>'


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_WORKBOOK = {
    "[Content_Types].xml": (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="predictions" sheetId="1" r:id="r1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}
WRITERS: dict[str, type[Writer]] = {
    ".csv": CsvWriter,
    ".jsonl": JsonLinesWriter,
    ".parquet": ParquetFileWriter,
    ".xlsx": WorkbookWriter,
}
