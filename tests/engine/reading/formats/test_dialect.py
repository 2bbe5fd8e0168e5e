"""Whether quotation marks enclose cells, and which lines make a row."""

from __future__ import annotations

import io

import pytest

from engine.reading.formats.delimited import OPEN_QUOTE, _records
from engine.reading.formats.dialect import Dialect, _quotes_enclose
from engine.reading.formats.text_files import Lines


@pytest.mark.parametrize(("other", "enclose"), [('"a nail of 5 inch";0', True), ('a nail of 5";0', False)])
def test_who_encloses_cells_encloses_each_that_holds_a_mark(other: str, enclose: bool) -> None:
    sample = '"a good film";1\n' * 20 + other + "\n"
    assert _quotes_enclose(sample, Dialect(";", "plain", 2, 1.0)) is enclose


def test_a_row_of_several_lines_with_other_columns_has_an_open_quotation_mark() -> None:
    lines = Lines(io.StringIO('"good,1\nbad",0,more\nfine,1\n'))
    found = [(record.line, record.problem is OPEN_QUOTE) for record in _records(lines, ",", "quoted", 2)]
    assert found == [(1, True), (2, False), (3, False)]
