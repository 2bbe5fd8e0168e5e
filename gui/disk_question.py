"""The question that a full disk asks: the banner's text, and what its buttons mean. Knows no widgets."""

from __future__ import annotations

from pathlib import Path

from engine.errors import EngineError, ErrorReport
from engine.events import DiskFilled
from engine.other_folder import keep_checkpoints_in
from engine.words import disk_sentence
from gui.session import Session

TRY_AGAIN = "Try again"
OTHER_FOLDER = "Other folder"
STOP = "Stop"
QUESTIONS = ("C4", "C6")


def question(event: DiskFilled, refusal: EngineError | None = None) -> ErrorReport:
    """What the banner says while training waits; `refusal` tells why the folder that was chosen does not do."""
    kept = f"{STOP}, keep step {event.kept_step:,}" if event.kept_step else STOP
    way_out = "Free some space, then try again" if event.is_full else "Check the disk, then try again"
    return ErrorReport(
        kind="DiskFull",
        id="C4" if event.is_full else "C6",
        message=refusal.message if refusal is not None else disk_sentence(event),
        hint=refusal.hint
        if refusal is not None
        else f"Training waits; what was saved before is untouched. {way_out}, or save what follows in another folder.",
        actions=(TRY_AGAIN, OTHER_FOLDER, kept),
        details=refusal.details if refusal is not None else event.folder,
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


def save_in(session: Session, event: DiskFilled, chosen: Path) -> ErrorReport | None:
    """Puts the next checkpoints of the run that waits into this folder and lets it go on; else says why it cannot."""
    try:
        keep_checkpoints_in(Path(event.folder), chosen, needed=event.needed)
    except EngineError as refusal:
        return question(event, refusal)
    session.pause(False)
    return None
