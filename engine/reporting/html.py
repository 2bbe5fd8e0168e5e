"""HTML as values: whatever is not `Markup` is a text of somebody else and is escaped.

A page needs no other file and no network, and runs nothing: its content security policy allows its own style only.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from engine.contract.languages import catalogue

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'"
STYLE = """
:root { color-scheme: light dark; --line: #e2e3e7; --text: #1a1c20; --quiet: #5c616b; --ground: #ffffff;
  --good: #1a7a43; --caution: #8f5f00; --bad: #c0362c; }
@media (prefers-color-scheme: dark) { :root { --line: #34373d; --text: #ecedef; --quiet: #a6abb5; --ground: #1f2125;
  --good: #4cc38a; --caution: #e3b341; --bad: #ff7b72; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--ground); max-width: 60rem;
  margin: 2rem auto; padding: 0 1.5rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; border-top: 1px solid var(--line);
  padding-top: 1rem; } h3 { font-size: 1rem; }
table { border-collapse: collapse; margin: .5rem 0 1rem; } th, td { text-align: left; padding: .25rem .9rem .25rem 0;
  border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
th { overflow-wrap: normal; } td.number { white-space: nowrap; }
code, .digest { font: 13px/1.5 ui-monospace, monospace; } .quiet { color: var(--quiet); }
.holds { color: var(--good); } .differs { color: var(--bad); font-weight: 600; }
.noted, .open { color: var(--caution); }
.prompt { border: 1px dashed var(--line); padding: .5rem .8rem; color: var(--quiet); }
figure { margin: 1rem 0; } svg { max-width: 100%; height: auto; } figcaption { color: var(--quiet); }
@media (max-width: 45rem) { body { padding: 0 1rem; } table { display: block; overflow-x: auto; }
  th, td { overflow-wrap: break-word; } }
@media print { body { margin: 0; } }
"""
MADE_BY = '<meta name="generator" content="Tunewright">'
VOID = ("meta", "br")  # elements without an end


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def escaped(text: object) -> Markup:
    """Any text for an element or an attribute; signs that no page can hold become the replacement character."""
    clean = str(text).encode("utf-8", "replace").decode("utf-8")
    clean = "".join(
        sign if sign in "\n\t" or (ord(sign) >= 32 and sign not in "\x7f\ufffe\uffff") else "\ufffd" for sign in clean
    )
    return Markup(html.escape(clean, quote=True))


def element(name: str, /, *children: object, **attributes: object) -> Markup:
    """`<name attributes>children</name>`; an attribute `class_` is written `class`, one with `_` with a hyphen."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{joined(children)}</{name}>")


def joined(children: Iterable[object]) -> Markup:
    """The children one after the other, texts escaped."""
    return Markup("".join(child if isinstance(child, Markup) else escaped(child) for child in children))


def paragraph(*children: object, class_: str | None = None) -> Markup:
    """A paragraph."""
    return element("p", *children, class_=class_)


def table(head: Sequence[object], rows: Iterable[Sequence[object]], *, numbers: Sequence[int] = ()) -> Markup:
    """A table; `numbers` are the columns that hold numbers."""

    def line(cells: Sequence[object], kind: str) -> Markup:
        shown = (element(kind, cell, class_="number" if place in numbers else None) for place, cell in enumerate(cells))
        return element("tr", *shown)

    body = [line(row, "td") for row in rows]
    above = element("thead", line(head, "th")) if any(head) else Markup("")
    return element("table", above, element("tbody", *body))


def prompt(text: str) -> Markup:
    """What people are to write here."""
    return element("p", f"To be written by people: {text}", class_="prompt")


def page(title: str, *body: object) -> str:
    """The whole document."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        Markup(MADE_BY),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        element("style", Markup(STYLE)),
    )
    return f"<!DOCTYPE html>\n{element('html', head, element('body', *body), lang=catalogue().code)}\n"
