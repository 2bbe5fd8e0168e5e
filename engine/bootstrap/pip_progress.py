"""What a first start shows while packages are fetched and installed. Reads pip's words; independent of the program."""

import glob
import os
import re
import sys
import time

from engine.bootstrap.sentences import setup_sentence


class Progress:
    """One calm line on a terminal; elsewhere a line for each phase, and one every half minute."""

    def __init__(self, environment: str) -> None:
        self.environment = environment
        self.now = time.monotonic
        self.began = self.now()
        self.calm = bool(sys.stderr and sys.stderr.isatty())
        self.phase = self.detail = ""
        self.shown_at = 0.0
        self.names: list[str] = []
        self.before = 0

    def show(self, phase: str, detail: str = "") -> None:
        if not self.phase:
            self.print(setup_sentence("bootstrap.setup.begins") + "\n")
        news = phase != self.phase or self.now() - self.shown_at > 30
        self.phase, self.detail = phase, detail
        if self.calm:
            width = os.get_terminal_size(sys.stderr.fileno()).columns or 80
            self.print("\r" + f"  {phase}  {self.elapsed()}  {detail}"[: width - 1].ljust(width - 1))
        elif news:
            self.shown_at = self.now()
            self.print(f"  {phase}  {self.elapsed()}  {detail}".rstrip() + "\n")

    def follow(self, output: str) -> None:
        """Take what pip has written since the last call."""
        phase, detail = self.phase, self.detail
        file = r"\s*(?:Downloading|Using cached|Processing) (?:\S*/)?([\w.]+)-\d\S*( \([\d.]+ .?B\))?"
        for line in output.splitlines():
            if found := re.match(r"(?:Collecting|Requirement already satisfied:) ([\w.-]+)", line):
                detail = found.group(1)
            elif found := re.match(file, line):
                detail = found.group(1) + (found.group(2) or "")
            elif line.startswith("Installing collected packages: "):
                phase = setup_sentence("bootstrap.setup.installing_packages")
                self.names, self.before = line[31:].split(", "), self.installed()
        if self.names:
            count = min(max(self.installed() - self.before, 0), len(self.names) - 1)
            name, total = self.names[count], len(self.names)
            detail = setup_sentence("bootstrap.setup.package_of", name=name, number=count + 1, total=total)
        self.show(phase, detail)

    def installed(self) -> int:
        pattern = os.path.join(glob.escape(self.environment), "[Ll]ib", "**", "site-packages", "*.dist-info")
        return len(glob.glob(pattern, recursive=True))

    def elapsed(self) -> str:
        minutes, seconds = divmod(int(self.now() - self.began), 60)
        return f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"

    def end(self, sentence: str) -> None:
        self.print(("\n" if self.calm and self.phase else "") + (sentence + "\n" if sentence else ""))
        self.names = []

    def print(self, text: str) -> None:
        print(text, end="", file=sys.stderr, flush=True)
