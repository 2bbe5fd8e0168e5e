"""What differs between a terminal, a pipe and no console at all; on Windows above all.

Every start may import this: at the top, nothing but what Python has loaded already.
"""

import sys

TYPE_CHECKING = False  # as typing's, without its import
if TYPE_CHECKING:
    from typing import Any

NO_WINDOW = 0x08000000 if sys.platform == "win32" else 0  # CREATE_NO_WINDOW: a child's console must not flash up
ERROR_ICON = 0x10  # MB_ICONERROR, winuser.h


def use_utf8(streams: "tuple[Any, ...]") -> None:
    """Read and write UTF-8 where a stream is a file or a pipe; on a terminal, never fail at a letter it does not have.

    Python takes the code page there (cp1252 and others), in which many letters are lost and files are misread.
    """
    for stream in streams:
        if not hasattr(stream, "reconfigure"):  # None without a console, or a stand-in
            continue
        if stream.isatty():
            stream.reconfigure(errors="replace")
        elif not stream.writable():
            stream.reconfigure(encoding="utf-8-sig", errors="replace")  # files of Notepad begin with a mark
        else:
            stream.reconfigure(encoding="utf-8", errors="replace")


def is_closed_pipe(error: OSError) -> bool:
    """Return whether who was at the other end of a pipe has gone; Windows reports that as an invalid argument."""
    import errno

    gone = (errno.EPIPE, errno.ECONNRESET, errno.ESHUTDOWN)
    # A bad file name is an invalid argument too, but names its file.
    return error.errno in gone or (error.errno == errno.EINVAL and error.filename is None)


def show_without_console(sentence: str) -> None:
    """Show the sentence in a box where there is neither window nor console, as behind `tunewright-window`."""
    if sys.platform == "win32" and sys.stderr is None:
        import ctypes

        ctypes.windll.user32.MessageBoxW(None, sentence, "Tunewright", ERROR_ICON)


def hold_own_console() -> None:
    """Wait for Enter where the console was opened for this program alone, and would close with what it shows."""
    if sys.platform == "win32" and sys.stdin is not None and sys.stdin.isatty() and is_own_console(console_programs()):
        import contextlib

        with contextlib.suppress(EOFError, KeyboardInterrupt):
            input("Press Enter to close this window. ")


def is_own_console(programs: "list[str]") -> bool:
    """Return whether Python and its launchers are all that is attached to the console: a shell would be, too."""
    names = [program.replace("\\", "/").rpartition("/")[2].lower() for program in programs]
    return bool(names) and all(name.startswith(("py.", "pyw.", "pymanager", "python")) for name in names)


def console_programs() -> "list[str]":
    """Return the programs of all processes that are attached to this console; empty where it cannot be asked."""
    if sys.platform != "win32":
        return []
    import ctypes
    from ctypes import wintypes

    kernel = ctypes.windll.kernel32
    kernel.OpenProcess.restype = wintypes.HANDLE
    numbers = (wintypes.DWORD * 64)()
    programs = []
    for number in numbers[: kernel.GetConsoleProcessList(numbers, len(numbers))]:
        process = kernel.OpenProcess(0x1000, False, number)  # PROCESS_QUERY_LIMITED_INFORMATION
        if not process:
            return []
        name, length = ctypes.create_unicode_buffer(32768), wintypes.DWORD(32768)
        found = kernel.QueryFullProcessImageNameW(wintypes.HANDLE(process), 0, name, ctypes.byref(length))
        kernel.CloseHandle(wintypes.HANDLE(process))
        if not found:
            return []
        programs.append(name.value)
    return programs
