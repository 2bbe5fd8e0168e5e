"""A Hub of our own on this computer: what the real client asks of it, and everything that can go wrong on the way."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import huggingface_hub
import pytest
from huggingface_hub import constants

from engine.hub import transfer

COMMIT = "c0ffee" + "0" * 34
HOLD = 60.0  # seconds that an answer is held, unless the test lets it go


@dataclass
class Repository:
    """One model or, where its name begins with datasets/, one data set: its files, and what is said beside them."""

    files: dict[str, bytes]
    commit: str = COMMIT
    card: dict[str, object] = field(default_factory=dict)
    gated: bool = False
    tells_sizes: bool = True
    listed: dict[str, object] = field(default_factory=dict)  # what a search returns about it


@dataclass
class Request:
    """One request as it arrived."""

    method: str
    path: str
    range: str
    sent: int = 0


class StandInHub:
    """The server. Its public fields are switches for the faults, to be set before the request that meets them."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.requests: list[Request] = []
        self.statuses: list[int] = []  # answered instead, one request after the other
        self.always_status = 0
        self.web_page_for = ""  # requests whose path holds this get a sign-in page
        self.ignores_range = False
        self.cut_after = 0  # bytes of a weight file after which the connection is closed, once
        self.hold_after = 0  # bytes of a weight file after which the server waits for `go_on`
        self.holds_listing = False  # the listing waits for `go_on`
        self.continue_run = threading.Event()
        self.wrong_content = False
        self.is_closed = False
        self.refuses: dict[str, tuple[int, str]] = {}  # status and message for what is sent to a path with this in it
        self.holds_sending = False  # large files wait for `continue_run`
        self.received: dict[str, bytes] = {}  # large files by their sha256
        self.visibility: dict[str, str] = {}  # of repositories that were made
        hub = self

        class Handler(_Handler):
            server_hub = hub

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self.is_closed = True
        self.continue_run.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def asked_for(self, name: str) -> list[Request]:
        """The GET requests for a file of this name."""
        return [one for one in self.requests if one.method == "GET" and one.path.endswith(f"/{name}")]

    def files_asked_for(self) -> set[str]:
        """Names of all files that were asked for."""
        return {one.path.split("/resolve/")[1].split("/", 1)[1] for one in self.requests if "/resolve/" in one.path}


@contextlib.contextmanager
def serving(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StandInHub]:
    """A Hub that the client asks instead of the real one; offline switches of the environment are off."""
    server = StandInHub()
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy", "HF_TOKEN"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.setattr(transfer, "PAUSE", 0.001)
    monkeypatch.setattr(transfer, "REPORT_INTERVAL", 0.01)
    huggingface_hub.close_session()  # a session keeps the proxies it was made with
    try:
        yield server
    finally:
        server.close()
        huggingface_hub.close_session()


class _Handler(BaseHTTPRequestHandler):
    server_hub: StandInHub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._take()

    def do_PUT(self) -> None:
        self._take()

    def do_DELETE(self) -> None:
        self._take()

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""

    def _answer(self) -> None:
        hub = self.server_hub
        if hub.is_closed:  # connections that were kept open end as well
            self.close_connection = True
            return None
        path = unquote(urlsplit(self.path).path)
        request = Request(self.command, path, self.headers.get("Range", ""))
        hub.requests.append(request)
        status = hub.statuses.pop(0) if hub.statuses else hub.always_status
        if status:
            return self._send(status, b"{}")
        if hub.web_page_for and hub.web_page_for in path:
            return self._send(200, b"<html>Please sign in</html>", {"Content-Type": "text/html"})
        if path == "/api/models":
            return self._search(parse_qs(urlsplit(self.path).query))
        if path.startswith("/api/models/"):
            return self._list(path.removeprefix("/api/models/"))
        if path.startswith("/api/datasets/"):
            return self._list(path.removeprefix("/api/"))
        if path.startswith("/storage/"):
            return self._content(request, *path.removeprefix("/storage/").split("/-/"))
        if "/resolve/" in path:
            return self._resolve(request, *path[1:].split("/resolve/"))
        return self._send(404, b"{}")

    def _take(self) -> None:
        """What a client sends that makes a repository and its first commit."""
        hub = self.server_hub
        path = unquote(urlsplit(self.path).path)
        hub.requests.append(Request(self.command, path, ""))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        for part, (status, message) in hub.refuses.items():
            if part in path:
                return self._send(status, b"{}", {"X-Error-Message": message} if message else None)
        if hub.holds_sending and "/upload/" in path:
            hub.continue_run.wait(HOLD)
        if "/upload/" in path:
            hub.received[path.rsplit("/", 1)[1]] = body
            return self._send(200, b"")
        told = json.loads(body) if body and not path.endswith("/commit/main") else {}
        answer: dict[str, object] = {}
        if path == "/api/repos/create":
            id = told["name"] if not told.get("organization") else f"{told['organization']}/{told['name']}"
            id = id if "/" in id else f"someone/{id}"
            if id in hub.repositories:
                return self._send(409, b"{}")
            hub.repositories[id] = Repository({})
            hub.visibility[id] = "private" if told.get("private") or told.get("visibility") == "private" else "public"
            answer = {"url": f"{hub.url}/{id}"}
        elif path == "/api/repos/delete":
            owner, name = told.get("organization") or "someone", told["name"]
            hub.repositories.pop(f"{owner}/{name}", None)
        elif path.endswith("/preupload/main"):
            modes = [
                {
                    "path": one["path"],
                    "uploadMode": "lfs" if is_large(one["path"]) else "regular",
                    "shouldIgnore": False,
                }
                for one in told["files"]
            ]
            answer = {"files": modes}
        elif path.endswith("/info/lfs/objects/batch"):
            objects = [
                {**one, "actions": {"upload": {"href": f"{hub.url}/upload/{one['oid']}"}}} for one in told["objects"]
            ]
            answer = {"transfer": "basic", "objects": objects}
        elif path.endswith("/commit/main"):
            id = path.removeprefix("/api/models/").removesuffix("/commit/main")
            self._commit(id, body)
            answer = {"commitUrl": f"{hub.url}/{id}/commit/{COMMIT}", "commitOid": COMMIT, "success": True}
        self._send(200, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def _commit(self, id: str, body: bytes) -> None:
        repository = self.server_hub.repositories[id]
        for line in map(json.loads, body.splitlines()):
            value = line["value"]
            if line["key"] == "file":
                repository.files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                repository.files[value["path"]] = self.server_hub.received[value["oid"]]

    def _list(self, path: str) -> None:
        id, _, revision = path.partition("/revision/")
        repository = self.server_hub.repositories.get(id)
        if repository is None:
            return self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        if revision not in ("", "main", repository.commit):
            return self._send(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
        if self.server_hub.holds_listing:
            self.server_hub.continue_run.wait(HOLD)
        siblings = []
        for name, content in repository.files.items():
            sibling: dict[str, object] = {"rfilename": name}
            if repository.tells_sizes:
                sibling |= {"size": len(content), "blobId": git_hash(content)}
                if is_large(name):
                    sha256 = hashlib.sha256(content).hexdigest()
                    sibling["lfs"] = {"sha256": sha256, "size": len(content), "pointerSize": 130}
            siblings.append(sibling)
        told = {"id": id, "sha": repository.commit, "siblings": siblings, "cardData": repository.card}
        return self._send(200, json.dumps(told).encode(), {"Content-Type": "application/json"})

    def _search(self, asked: dict[str, list[str]]) -> None:
        """Lists as the Hub does, with what is asked for beside each name."""
        (text,) = asked["search"]
        listed = [
            {"id": id, **{name: value for name, value in repository.listed.items() if name in asked["expand"]}}
            for id, repository in self.server_hub.repositories.items()
            if text in id
        ]
        return self._send(200, json.dumps(listed).encode(), {"Content-Type": "application/json"})

    def _resolve(self, request: Request, id: str, rest: str) -> None:
        repository = self.server_hub.repositories.get(id)
        name = rest.split("/", 1)[1]
        if repository is None:
            return self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        if name not in repository.files:
            return self._send(404, b"{}", {"X-Error-Code": "EntryNotFound"})
        if repository.gated:
            return self._send(403, b"{}", {"X-Error-Code": "GatedRepo"})
        headers = {"X-Repo-Commit": repository.commit}
        content = repository.files[name]
        if is_large(name):
            sha256 = hashlib.sha256(content).hexdigest()
            headers |= {"X-Linked-Etag": f'"{sha256}"', "X-Linked-Size": str(len(content))}
            return self._send(302, b"", {**headers, "Location": f"{self.server_hub.url}/storage/{id}/-/{name}"})
        headers["ETag"] = f'"{git_hash(content)}"'
        return self._send(200, content, headers)

    def _content(self, request: Request, id: str, name: str) -> None:
        hub = self.server_hub
        content = hub.repositories[id].files[name]
        if hub.wrong_content:
            content = bytes(len(content))
        start = 0
        if request.range and not hub.ignores_range:
            start = int(request.range.removeprefix("bytes=").rstrip("-"))
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        if request.method == "HEAD":
            return
        for position in range(start, len(content), 4096):
            if 0 < hub.cut_after <= position:
                hub.cut_after = 0
                self.close_connection = True
                return
            if 0 < hub.hold_after <= position:
                hub.continue_run.wait(HOLD)
            try:
                self.wfile.write(content[position : position + 4096])
            except OSError:  # the client has gone, as it may
                self.close_connection = True
                return
            request.sent += len(content[position : position + 4096])

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def is_large(name: str) -> bool:
    """Whether the Hub keeps such a file in its large-file storage, behind a redirect."""
    return name.endswith((".safetensors", ".bin", ".gguf", ".onnx", ".h5", ".parquet", ".arrow", ".zip"))


def git_hash(content: bytes) -> str:
    """The name git gives to a content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
