#!/usr/bin/env python3
"""Types into a shell on a terminal, as a person does: typed.py SHELL SCRIPT LINE...

SCRIPT is what the shell reads first. Each LINE has tabs in it, at which the shell completes it. Then the word 'show' is put in front of
the line, and the line is run: 'show' is a program that prints its words, each between < and >. That is printed here, for each LINE."""
import os
import pty
import re
import select
import signal
import sys

shell, script, lines = sys.argv[1], sys.argv[2], sys.argv[3:]
START = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
    "tcsh": ["tcsh", "-f", "-i"],
}
pid, terminal = pty.fork()
if pid == 0:
    os.environ["TERM"] = "dumb" if shell in ("bash", "zsh") else "vt100"
    os.execvp(shell, START[shell])


def answer(typed, pattern):
    """Types, and reads until the pattern is there. When nothing has come for a minute, that is a failure."""
    os.write(terminal, typed.encode())
    seen = b""
    while not re.search(pattern, seen):
        more = b""
        if select.select([terminal], [], [], 60)[0]:
            try:
                more = os.read(terminal, 65536)
            except OSError:
                pass
        if not more:
            sys.exit(f"{typed!r} was not answered; on the terminal:\n{seen.decode(errors='replace')}")
        seen += more
    return re.search(pattern, seen).group().decode()


try:
    answer(f"source {script}\nshow rea''dy\n", rb"<ready>\r?\n")
    for line in lines:
        print(answer(f"{line}\x01show \x05\n", rb"<kvol>[^\r\n]*(?=\r?\n)"))
finally:
    os.kill(pid, signal.SIGKILL)
