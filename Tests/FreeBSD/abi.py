#!/usr/bin/env python3
"""Writes a table of FreeBSD's ABI, abi-RELEASE-amd64.json, from a release's headers.

    abi.py RELEASE [CLANG-FLAG...]

Without flags, on FreeBSD, the headers are the system's own. Elsewhere the flags name them, as in
--target=x86_64-unknown-freebsd13.5 -nostdinc -isystem SYSROOT/usr/include.
The names are those of abi-13.5-amd64.json. clang compiles each into a variable, and nothing is run.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

HEADERS = """sys/param.h sys/types.h sys/acl.h sys/extattr.h sys/file.h sys/ioctl.h sys/jail.h sys/mman.h sys/module.h sys/mount.h
    sys/proc.h sys/resource.h sys/socket.h sys/stat.h sys/time.h sys/ttycom.h sys/uio.h sys/un.h sys/user.h dirent.h errno.h fcntl.h
    limits.h osreldate.h poll.h signal.h stddef.h termios.h time.h unistd.h""".split()
PARTS = ["sizes_and_offsets", "constants", "errno"]


def expression(name):
    """The C of a name in the table, which may be 'sizeof TYPE', 'sizeof TYPE.MEMBER' or 'offsetof TYPE.MEMBER'."""
    operator, _, what = name.rpartition("of ")
    kind, _, member = what.partition(".")
    if operator == "offset":
        return f"offsetof({kind}, {member})"
    return name if not operator else f"sizeof((({kind} *)0)->{member})" if member else f"sizeof({kind})"


def compiled(names, flags):
    """The values of these names, and __FreeBSD_version."""
    source = "".join(f"#include <{h}>\n" for h in HEADERS)
    source += "".join(f"long long value{i} = (long long)({expression(n)});\n" for i, n in enumerate(["__FreeBSD_version", *names]))
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "abi.c")
        with open(path, "w", encoding="ascii") as file:
            file.write(source)
        assembly = subprocess.run(["clang", "-w", "-S", "-o", "-", *flags, path], check=True, stdout=subprocess.PIPE, text=True).stdout
    # What is zero may be in .bss, as .zero or .comm.
    found = {int(i): int(v or 0) for i, v in re.findall(r"^value(\d+):\n\s+\.(?:quad\s+(-?\d+)|zero)", assembly, re.MULTILINE)}
    return [found.get(i, 0) for i in range(len(names) + 1)]


def main():
    release, flags = sys.argv[1], sys.argv[2:]
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "abi-13.5-amd64.json"), encoding="ascii") as file:
        known = json.load(file)
    names = [n for part in PARTS for n in known[part]]
    version, *values = compiled(names, flags)
    table = {"source": f"compiled by abi.py from the headers of FreeBSD {release} for amd64, __FreeBSD_version {version}"}
    value = dict(zip(names, values))
    for part in PARTS:
        table[part] = {n: value[n] for n in known[part]}
    with open(os.path.join(here, f"abi-{release}-amd64.json"), "w", encoding="ascii") as file:
        json.dump(table, file, indent=1)
        file.write("\n")


main()
