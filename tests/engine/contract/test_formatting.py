"""Numbers, times and sizes as a person reads them."""

from __future__ import annotations

import pytest

from engine.contract.formatting import (
    about,
    count,
    device_text,
    duration,
    either,
    needs,
    number,
    percent,
    rounded,
    score_text,
    size,
    spreadsheet_cell,
)
from engine.contract.languages import catalogue_of, using
from engine.contract.score_sentences import score_with_interval


def test_times_are_reported_in_the_unit_one_would_say() -> None:
    assert [duration(seconds) for seconds in (0.04, 59.4, 61, 3_725)] == ["0 s", "59 s", "1:01 min", "1:02 h"]


def test_a_time_that_is_forecast_is_reported_roughly() -> None:
    times = (0.4, 33, 58, 130, 9.5 * 60, 39 * 60 + 44, 3_590, 7_800, 7_199, 50_000)
    said = ["5 s", "35 s", "1 min", "2 min", "9.5 min", "40 min", "1 h", "2 h 10 min", "2 h", "14 h"]
    assert [about(seconds) for seconds in times] == said
    assert needs(2_384, 1_400_000_000, 0, forecast=True) == "40 min · 1.4 GB memory"


def test_a_device_is_named_as_in_a_sentence() -> None:
    names = ("cpu (2 threads)", "cuda:0 (NVIDIA H200)", "2 × cuda (NVIDIA H200)", "cpu", "mps")
    said = ["CPU, 2 threads", "NVIDIA H200", "2 × cuda (NVIDIA H200)", "CPU", "mps"]
    assert [device_text(name) for name in names] == said


def test_a_number_is_written_in_a_format_of_python() -> None:
    assert [number(12_345), number(0.5, ".2f"), number(1 / 3, ".3g")] == ["12,345", "0.50", "0.333"]


def test_sizes_are_reported_in_decimal_units() -> None:
    sizes = [size(number) for number in (1, 12, 1_500, 999_600, 91_334_623, 2_500_000_000_000)]
    assert sizes == ["1 byte", "12 bytes", "1.5 kB", "1.0 MB", "91 MB", "2.5 TB"]


def test_what_cannot_be_measured_is_called_so() -> None:
    assert (score_text(None), score_text(0.8305)) == ("not measurable", "0.831")
    assert (percent(None), percent(0.8305)) == ("not measurable", "83.0 %")


def test_one_thing_is_not_many() -> None:
    assert [count(1, "row"), count(2_000, "row"), count(2, "entity", "entities")] == [
        "1 row",
        "2,000 rows",
        "2 entities",
    ]


def test_a_score_has_three_digits_or_is_not_measurable() -> None:
    assert (score_text(None), score_text(0.8305)) == ("not measurable", "0.831")
    assert (percent(None), percent(0.8305)) == ("not measurable", "83.0 %")


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\rx",
        "\nx",
        "  =1",
        "＝1+1",
        "-",
        "=",
        "+cmd|'/c calc'!A0",
        "--1",
        "1-",
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert spreadsheet_cell(text) == (text if text == "1-" else f"'{text}")


@pytest.mark.parametrize(
    "text", ["", "-5", "+3.2", "-1,234.5", "-1e-5", "-12 %", "a film", "5=5", "'=1", "a\t=1", "-.5"]
)
def test_numbers_and_other_texts_stay_as_they_are(text: str) -> None:
    assert spreadsheet_cell(text) == text


def test_numbers_times_and_sizes_have_the_signs_of_the_language() -> None:
    with using(catalogue_of("de")):
        assert (number(1_234_567), number(1_234.5, ",.2f"), number(2e-5, "g")) == ("1.234.567", "1.234,50", "2e-05")
        assert (size(1_300_000_000), size(1), size(999)) == ("1,3 GB", "1 Byte", "999 Bytes")
        assert (percent(0.831), score_text(0.8), score_text(None)) == ("83,1 %", "0,800", "nicht messbar")
        assert (about(150), about(50_000), duration(61)) == ("2,5 min", "14 h", "1:01 min")
        assert device_text("cpu (2 threads)") == "CPU, 2 Threads"
        assert (rounded(-0.25, 2), rounded(0.25, 1, plus=True), rounded(-0.001, 1)) == ("−0,25", "+0,2", "0,0")
        assert score_with_interval(0.822, (0.796, 0.848)) == "0,822 (0,796–0,848)"
        assert either(("CSV", "JSON", "Excel")) == "CSV, JSON oder Excel"
    assert score_with_interval(0.822, (0.796, 0.848)) == "0.822 (0.796–0.848)"
