"""Answers texts over HTTP with the model of this folder: Python's own server, and predict.py beside this file.

    python serve.py                             on http://127.0.0.1:8000, this computer only
    python serve.py --host 0.0.0.0 --port 80    for others too: whoever reaches the port can ask

    curl -d '{"texts": ["a text"]}' http://127.0.0.1:8000/predict

GET / is a page about the requests, GET /health whether it runs. A request of more than 1 MB is refused (413), more
than 256 texts too (422), one that waits 30 seconds for others as well (503). It writes no text to its log.
"""

from __future__ import annotations

import argparse
import html
import importlib.util
import json
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

MOST_BYTES = 1_000_000  # of a request
MOST_TEXTS = 256  # of a request
MOST_CHARACTERS = 200_000  # of a text
MOST_SECONDS = 30.0  # that a request is waited for, and that it waits for others
LONGEST_CONNECTION = 120.0  # seconds
MOST_WAITING = 32  # requests at the same time; each has a thread
LOOPBACK = ("127.0.0.1", "localhost", "::1")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

# Texts, or pairs as lists of two, to as many answers.
Answers = Callable[[Sequence[Any]], Sequence[Any]]


class Service(ThreadingHTTPServer):
    """Asks the model about one request at a time."""

    daemon_threads = True
    request_queue_size = MOST_WAITING

    def __init__(self, host: str, port: int, answers: Answers, title: str) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.answers, self.title = answers, title
        self.one_at_a_time = threading.Lock()
        self.places = threading.BoundedSemaphore(MOST_WAITING)
        super().__init__((host, port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Refuses a connection where too many wait already."""
        if not self.places.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answers in a thread of its own, which ends with the connection's time."""
        ending = threading.Timer(LONGEST_CONNECTION, self.shutdown_request, (request,))
        ending.daemon = True
        ending.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            ending.cancel()
            self.places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """One line where a connection breaks, without what it held."""
        print(f"a request ended: {type(sys.exc_info()[1]).__name__}", file=sys.stderr)

    @property
    def url(self) -> str:
        """Where it is reached."""
        host, port = self.server_address[:2]
        name = host.decode() if isinstance(host, bytes) else str(host)
        return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


class _Handler(BaseHTTPRequestHandler):
    timeout = MOST_SECONDS  # of reading and writing
    server: Service
    server_version, sys_version = "predict", ""

    def do_GET(self) -> None:
        if not self._is_addressed():
            return
        path = self.path.partition("?")[0]
        if path == "/health":
            self._send(HTTPStatus.OK, {"status": "ok"})
        elif path == "/":
            page = PAGE.format(title=html.escape(self.server.title), url=html.escape(self.server.url)).encode()
            self._send_bytes(HTTPStatus.OK, page, "text/html; charset=utf-8")
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "There are GET /, GET /health and POST /predict.")

    def do_POST(self) -> None:
        if not self._is_addressed():
            return
        if self.path.partition("?")[0] != "/predict":
            self._refuse(HTTPStatus.NOT_FOUND, "Post to /predict.")
            return
        # A page of another host cannot send this type without asking first, which nobody answers.
        if self.headers.get("Origin") and self.headers.get_content_type() != "application/json":
            self._refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send application/json.")
            return
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit():
            self._refuse(HTTPStatus.LENGTH_REQUIRED, "Send the length of the request.")
            return
        if int(length) > MOST_BYTES:
            self._pass_over(int(length))
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"At most {MOST_BYTES:,} bytes.")
            return
        texts = texts_of(self.rfile.read(int(length)))
        if isinstance(texts, str):
            self._refuse(HTTPStatus.UNPROCESSABLE_ENTITY, texts)
            return
        if not self.server.one_at_a_time.acquire(timeout=MOST_SECONDS):
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "Others are asking. Try again later.")
            return
        try:
            answers = list(self.server.answers(texts))
        except Exception as error:
            print(f"a text could not be answered: {type(error).__name__}", file=sys.stderr)
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, "This could not be answered.")
            return
        finally:
            self.server.one_at_a_time.release()
        self._send(HTTPStatus.OK, {"answers": answers})

    def _is_addressed(self) -> bool:
        """Whether the request names this computer: the page of another host could lead a name of its own here."""
        if str(self.server.server_address[0]) not in LOOPBACK:
            return True
        host = self.headers.get("Host", "localhost").rpartition("@")[2]
        name = host.partition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
        if name.lower() in LOOPBACK:
            return True
        self._refuse(HTTPStatus.MISDIRECTED_REQUEST, "Ask for this computer by 127.0.0.1 or localhost.")
        return False

    def _pass_over(self, length: int) -> None:
        """Reads what is too large without keeping it, up to a point: who still writes could not read the reply."""
        left = min(length, 20 * MOST_BYTES)
        while left and (block := self.rfile.read(min(left, 65_536))):
            left -= len(block)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: an address could hold a text."""

    def _refuse(self, status: HTTPStatus, sentence: str) -> None:
        self.close_connection = True
        self._send(status, {"error": sentence})

    def _send(self, status: HTTPStatus, value: object) -> None:
        self._send_bytes(status, json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"), "application/json")

    def _send_bytes(self, status: HTTPStatus, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)


def texts_of(content: bytes) -> list[Any] | str:
    """The texts and pairs of a request, or a sentence about what is wrong with it."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return "This is no JSON."
    texts = found.get("texts") if isinstance(found, dict) else None
    if not isinstance(texts, list) or not texts:
        return 'Send {"texts": ["a text", …]}; a pair of texts is a list of two.'
    if len(texts) > MOST_TEXTS:
        return f"At most {MOST_TEXTS} texts at a time."
    for text in texts:
        parts = text if isinstance(text, list) and len(text) == 2 else [text]
        if not all(isinstance(part, str) and part.strip() for part in parts):
            return "Each text is a string that is not empty, or a list of two such strings."
        if any(len(part) > MOST_CHARACTERS for part in parts):
            return f"A text has at most {MOST_CHARACTERS:,} characters."
    return texts


PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>body {{ font: 16px/1.5 sans-serif; max-width: 44em; margin: 2em auto; padding: 0 1em }}
pre {{ background: #f0f0f2; color: #1a1c20; padding: 1em; overflow: auto }}</style>
<h1>{title}</h1>
<p>POST /predict with JSON: <code>texts</code> is a list of texts, and a pair of texts is a list of two.</p>
<pre>curl -H 'Content-Type: application/json' -d '{{"texts": ["a text", "another text"]}}' {url}/predict</pre>
<p>The reply holds <code>answers</code>, one for each text in their order: in each, <code>answer</code> is a label,
“don't know”, a list of labels, a number, or a list of entities with their characters [start, end). With labels,
<code>scores</code> are their probabilities. <code>cut_tokens</code> counts what was too long to be read.</p>
<table><tr><th>limit</th><th>reply</th></tr>
<tr><td>1,000,000 bytes in a request</td><td>413</td></tr>
<tr><td>256 texts in a request, 200,000 characters in a text</td><td>422</td></tr>
<tr><td>30 seconds of waiting for other requests</td><td>503</td></tr></table>
<p>GET /health returns whether the service runs.</p></html>
"""


def command_line() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(description="Answers texts over HTTP with the model of this folder.")
    parser.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1, this computer only")
    parser.add_argument("--port", type=int, default=8000, help="default: 8000; 0: any that is free")
    parser.add_argument("--model", default="", help="an ONNX model of the folder; default: the first that is there")
    return parser


def main() -> None:
    """Serves the model of the folder that this file lies in."""
    options = command_line().parse_args()
    folder = Path(__file__).resolve().parent
    found = importlib.util.spec_from_file_location("predict", folder / "predict.py")
    if found is None or found.loader is None:
        sys.exit("predict.py is not beside this file.")
    predict = importlib.util.module_from_spec(found)
    sys.modules["predict"] = predict  # its records look themselves up
    found.loader.exec_module(predict)
    model = predict.Model(folder, options.model)
    serve(Service(options.host, options.port, model.answer, folder.name))


def serve(service: Service) -> None:
    """Answers until Ctrl-C."""
    print(f"Serving on {service.url}; end with Ctrl-C.", flush=True)
    with service:
        try:
            service.serve_forever()
        except KeyboardInterrupt:
            print("Stopped.", flush=True)


if __name__ == "__main__":
    main()
