"""serve.py: what it answers, what it refuses, and that nobody else is asked or reached."""

from __future__ import annotations

import http.client
import json
import re
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from engine.exporting.standalone import serve


def upper(texts: Any) -> list[Any]:
    if texts == ["break"]:
        raise ValueError("secret text")
    return [{"answer": text.upper() if isinstance(text, str) else len(text)} for text in texts]


@pytest.fixture(scope="module")
def service() -> Iterator[serve.Service]:
    made = serve.Service("127.0.0.1", 0, upper, "a <b> & c")
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def reply(service: serve.Service, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, str, Any]:
    line = http.client.HTTPConnection("127.0.0.1", service.server_address[1], timeout=60)
    try:
        line.request(method, path, body or None, {name.replace("_", "-"): value for name, value in headers.items()})
        response = line.getresponse()
        return response.status, response.read().decode(), response.headers
    finally:
        line.close()


def test_texts_and_pairs_are_answered_in_their_order(service: serve.Service) -> None:
    body = json.dumps({"texts": ["ä", ["one", "two"]]}).encode()
    status, content, headers = reply(service, "POST", "/predict", body)
    assert (status, json.loads(content)) == (200, {"answers": [{"answer": "Ä"}, {"answer": 2}]})
    assert headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 422),
        (b"[" * 100_000, 422),
        (b'{"texts": []}', 422),
        (b'{"texts": "a"}', 422),
        (b'{"texts": [" "]}', 422),
        (b'{"texts": [["a"]]}', 422),
        (b'{"texts": [1]}', 422),
        (json.dumps({"texts": ["a"] * (serve.MOST_TEXTS + 1)}).encode(), 422),
        (json.dumps({"texts": ["a" * (serve.MOST_CHARACTERS + 1)]}).encode(), 422),
        (b" " * (serve.MOST_BYTES + 1), 413),
    ],
)
def test_what_cannot_be_answered_is_refused_with_a_sentence(service: serve.Service, body: bytes, status: int) -> None:
    found, content, _ = reply(service, "POST", "/predict", body)
    assert found == status
    assert json.loads(content)["error"].endswith(".")


def test_an_error_of_the_model_reports_nothing_about_the_text(
    service: serve.Service, capsys: pytest.CaptureFixture[str]
) -> None:
    status, content, _ = reply(service, "POST", "/predict", b'{"texts": ["break"]}')
    assert status == 500
    assert "secret" not in content + "".join(capsys.readouterr())


def test_a_request_without_a_length_is_refused(service: serve.Service) -> None:
    with socket.create_connection(service.server_address[:2], timeout=60) as line:  # type: ignore[arg-type]
        line.sendall(b"POST /predict HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert b" 411 " in line.recv(1000)


def test_a_name_that_another_host_leads_here_is_refused(service: serve.Service) -> None:
    body = b'{"texts": ["a"]}'
    assert reply(service, "POST", "/predict", body, Host="evil.example")[0] == 421
    assert reply(service, "GET", "/", Host="evil.example:80")[0] == 421
    assert reply(service, "POST", "/predict", body, Host=f"localhost:{service.server_address[1]}")[0] == 200


def test_a_page_of_another_host_cannot_ask_without_leave(service: serve.Service) -> None:
    body = b'{"texts": ["a"]}'
    assert reply(service, "POST", "/predict", body, Origin="https://a.example", Content_Type="text/plain")[0] == 415
    assert reply(service, "OPTIONS", "/predict")[0] == 501


def test_the_documentation_loads_nothing_and_shows_the_name_as_text(service: serve.Service) -> None:
    status, page, headers = reply(service, "GET", "/")
    assert status == 200
    assert "<h1>a &lt;b&gt; &amp; c</h1>" in page
    assert re.findall(r"(?:src|href|url\()\s*=?", page) == []
    assert re.findall(r"https?://(?!127\.0\.0\.1)", page) == []
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert reply(service, "GET", "/health")[0] == 200
    assert reply(service, "GET", "/elsewhere")[0] == 404


def test_one_request_waits_for_another_and_not_for_ever(
    service: serve.Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "MOST_SECONDS", 0.05)
    with service.one_at_a_time:
        assert reply(service, "POST", "/predict", b'{"texts": ["a"]}')[0] == 503
    assert reply(service, "POST", "/predict", b'{"texts": ["a"]}')[0] == 200


def test_a_connection_that_sends_nothing_ends(service: serve.Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "LONGEST_CONNECTION", 0.05)
    with socket.create_connection(service.server_address[:2], timeout=60) as line:  # type: ignore[arg-type]
        line.sendall(b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
        assert line.recv(1000) == b""


def test_it_listens_to_this_computer_alone_unless_asked(service: serve.Service) -> None:
    assert service.server_address[0] == "127.0.0.1"
    assert serve.command_line().parse_args([]).host == "127.0.0.1"
    assert serve.command_line().parse_args(["--host", "0.0.0.0"]).host == "0.0.0.0"
