"""Asks an artefact of an exported folder about rows as any stranger would; the export's proof.

Started as its own process with `python -I`, offline. It uses nothing of this program: only the folder, what the
artefact needs, and a request file. Argument 1: the folder; 2: the request; 3: where what it answers goes.

The request is JSON with `rows` (texts, or pairs with the keys `text` and `text_pair`), `threads`, `batches` (how many
rows at a time, one number after the other) and `kind`:

- `pipeline`: a plain pipeline of transformers; `pipeline` is its name, `options` and `call` are arguments of it and of
  each call.
- `onnx`: the model in the file `model`, through the predict.py in the file `predict`.
- `command`: the folder's predict.py as a command, with the same `model`.
- `service`: the folder's serve.py, over HTTP on this computer.
- `page`: the offline page in the file `page`, in the Node.js `node` with the program `client`, or in the browser
  `browser`, which is used through the module in the file `client`.

The answers are JSON with, for each of `batches` by its number, `answers` (one per row) and `milliseconds` (one per
call, empty for a command); `label_names` are those of the model. Standard output reports how many rows are done.
"""

import atexit
import http.client
import importlib.util
import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

FEWEST_CALLS = 10  # in each batch size, so that its slowest twentieth is one of them
NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows would open a console for each child
LARGEST_REQUEST = 1_000_000  # bytes that a service takes


def main(folder: str, request_file: str, answers_file: str) -> None:
    """Every row alone, as the first user will, and then several at a time."""
    request = json.loads(Path(request_file).read_text("utf-8"))
    sys.dont_write_bytecode = True  # predict.py is loaded from the folder
    report("importing")
    kinds: dict[str, Any] = {
        "pipeline": through_pipeline,
        "onnx": through_predict,
        "service": through_service,
        "page": through_page,
    }
    if request["kind"] == "command":
        found = through_command(Path(folder), request)
    else:
        ask, names = kinds[request["kind"]](Path(folder), request)
        found = {"label_names": names, **{str(batch): asked(ask, request, batch) for batch in request["batches"]}}
    Path(answers_file).write_text(json.dumps(found, default=float), "utf-8")


def asked(ask: Any, request: Any, batch: int) -> dict[str, Any]:
    """All rows, so many at a time; where these are few calls, the first ones again to measure them."""
    rows, answers, seconds = request["rows"], [], []
    starts = list(range(0, len(rows), batch))
    ask(rows[:batch])  # the first call allocates
    for number in range(len(starts) if batch == 1 else max(FEWEST_CALLS, len(starts))):
        start = starts[number % len(starts)]
        began = time.perf_counter()
        found = ask(rows[start : start + batch])
        seconds.append(time.perf_counter() - began)
        if number < len(starts):
            answers += found
            report(f"row {len(answers)}" if batch == 1 else f"batch {len(answers)}")
    return {"answers": answers, "milliseconds": [1000 * one for one in seconds]}


def through_pipeline(folder: Path, request: Any) -> tuple[Any, list[str]]:
    """The folder as transformers loads it."""
    import torch
    import transformers

    torch.set_num_threads(request["threads"])
    report("loading")
    pipeline: Any = transformers.pipeline(request["pipeline"], model=str(folder), **request["options"])
    names = pipeline.model.config.id2label

    def ask(rows: list[Any]) -> list[Any]:
        if len(rows) == 1:
            return [pipeline(rows[0], **request["call"])]
        return list(pipeline(rows, batch_size=len(rows), **request["call"]))

    return ask, [names[index] for index in range(len(names))]


def through_predict(folder: Path, request: Any) -> tuple[Any, list[str]]:
    """One ONNX model."""
    predict = loaded("predict", Path(request["predict"]))
    report("loading")
    model = predict.Model(folder, request["model"], threads=request["threads"])
    return lambda rows: model.answer([plain(row) for row in rows], batch=len(rows)), model.labels


def through_service(folder: Path, request: Any) -> tuple[Any, list[str]]:
    """The service on a free port of this computer, which also has to refuse what is too large."""
    predict, serve = loaded("predict", folder / "predict.py"), loaded("serve", folder / "serve.py")
    report("loading")
    model = predict.Model(folder, request["model"], threads=request["threads"])
    service = serve.Service("127.0.0.1", 0, model.answer, folder.name)
    threading.Thread(target=service.serve_forever, daemon=True).start()

    def reply(content: bytes) -> tuple[int, Any]:
        line = http.client.HTTPConnection("127.0.0.1", service.server_address[1], timeout=60)
        try:
            line.request("POST", "/predict", content, {"Content-Type": "application/json"})
            response = line.getresponse()
            return response.status, json.loads(response.read())
        finally:
            line.close()

    def ask(rows: list[Any]) -> Any:
        status, found = reply(json.dumps({"texts": [plain(row) for row in rows]}).encode())
        if status != 200:
            sys.exit(f"the service replied with {status}: {found}")
        return found["answers"]

    too_long, _ = reply(b" " * (LARGEST_REQUEST + 1))
    if too_long != 413:
        sys.exit(f"the service replied with {too_long} to a request that is too large")
    return ask, model.labels


def through_page(folder: Path, request: Any) -> tuple[Any, list[str]]:
    """The offline page, opened from disk."""
    report("loading")
    page = folder / request["page"]
    ask, names = page_in_node(page, request) if "node" in request else page_in_browser(page, request)

    def answers(rows: list[Any]) -> list[Any]:
        found = ask([plain(row) for row in rows])
        # A list there, since the keys of an object have an order of their own where they are numbers.
        named = ({**one, "scores": {each["label"]: each["score"] for each in one.get("scores", ())}} for one in found)
        return list(named)

    return answers, names


def page_in_node(page: Path, request: Any) -> tuple[Any, list[str]]:
    """The page's programs without a browser, one line of JSON for each request."""
    command = [request["node"], request["client"], str(page), str(Path.cwd())]
    node = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", creationflags=NO_WINDOW
    )
    atexit.register(node.kill)

    def reply() -> Any:
        line = node.stdout.readline() if node.stdout else ""
        if not line:
            sys.exit(f"the page ended with {node.wait()} in Node.js")
        return json.loads(line)

    def ask(rows: list[Any]) -> Any:
        assert node.stdin is not None
        node.stdin.write(json.dumps({"rows": rows, "batch": len(rows)}) + "\n")
        node.stdin.flush()
        return reply()

    return ask, reply()["labels"]


def page_in_browser(page: Path, request: Any) -> tuple[Any, list[str]]:
    """The page itself."""
    client = loaded("browser_client", Path(request["client"]))
    try:
        browser = client.Browser(request["browser"], page.resolve().as_uri())
    except client.NoBrowser as error:
        sys.exit(f"no browser: {error}")
    atexit.register(browser.close)
    names = browser.value("classifier.model.then((model) => model.labels)")

    def ask(rows: list[Any]) -> Any:
        return browser.value(f"classifier.model.then((model) => model.answer({json.dumps(rows)}, {len(rows)}))")

    return ask, names


def through_command(folder: Path, request: Any) -> dict[str, Any]:
    """predict.py as it is typed: lines in, lines out."""
    lines = "\n".join(json.dumps(plain(row)) for row in request["rows"])
    found: dict[str, Any] = {"label_names": []}
    for batch in request["batches"]:
        command = [sys.executable, "-I", "-X", "utf8", str(folder / "predict.py"), "--json"]
        command += ["--model", request["model"], "--batch", str(batch)]
        done = subprocess.run(
            command,
            input=lines,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            creationflags=NO_WINDOW,
        )
        if done.returncode:
            sys.exit(done.stderr[-3000:])
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        found[str(batch)] = {"answers": answers, "milliseconds": []}
        report(f"row {len(answers)}")
    return found


def plain(row: Any) -> Any:
    """A text, or a pair as a list of two."""
    return row if isinstance(row, str) else [row["text"], row["text_pair"]]


def loaded(name: str, path: Path) -> Any:
    """The Python file as a module."""
    found = importlib.util.spec_from_file_location(name, path)
    if found is None or found.loader is None:
        sys.exit(f"{path.name} cannot be loaded")
    module = importlib.util.module_from_spec(found)
    sys.modules[name] = module
    found.loader.exec_module(module)
    return module


def report(word: str) -> None:
    """One line for the process that waits."""
    print("proof:", word, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
