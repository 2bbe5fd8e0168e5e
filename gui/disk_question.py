"""The question that a full disk asks: the banner's text, and what its buttons mean. Knows no widgets."""

from __future__ import annotations

from engine.errors import ErrorReport
from engine.events import DiskFilled
from engine.words import disk_sentence
from gui.session import Session

TRY_AGAIN = "Try again"
STOP = "Stop"
QUESTIONS = ("C4", "C6")


def question(event: DiskFilled) -> ErrorReport:
    """What the banner says while training waits."""
    kept = f"{STOP}, keep step {event.kept_step:,}" if event.kept_step else STOP
    way_out = "Free some space, then try again." if event.is_full else "Check the disk, then try again."
    return ErrorReport(
        kind="DiskFull",
        id="C4" if event.is_full else "C6",
        message=disk_sentence(event),
        hint=f"Training waits; what was saved before is untouched. {way_out}",
        actions=(TRY_AGAIN, kept),
        details=event.folder,
    )


def answer(session: Session, action: str, report: ErrorReport) -> bool:
    """Does what the button says; returns whether it was an answer to a run that waits."""
    if report.id not in QUESTIONS or not session.paused:
        return False
    if action == TRY_AGAIN:
        session.pause(False)
    else:
        session.stop()
    return True
