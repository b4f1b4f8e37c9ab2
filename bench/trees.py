"""Trees to seed volumes with. The same at every run: sizes and contents come from a seeded generator."""
import os
import random
import shutil
import subprocess


def small(top, files=50000, directories=500):
    """Many files of up to 8 KiB."""
    order, block = random.Random(1), random.Random(2).randbytes(8192)
    for d in range(directories):
        os.mkdir(f"{top}/d{d}")
        for f in range(files // directories):
            write(f"{top}/d{d}/f{f}", block[:order.randrange(8193)])


def empty(top, files, directories=1000):
    """Very many files, for the memory that their names take."""
    for d in range(directories):
        os.mkdir(f"{top}/d{d}")
        for f in range(files // directories):
            os.close(os.open(f"{top}/d{d}/f{f}", os.O_CREAT | os.O_WRONLY, 0o644))


def real(top):
    """The .NET SDK: some thousand files, some of them large."""
    dotnet = os.path.dirname(os.path.realpath(shutil.which("dotnet")))
    subprocess.run(["cp", "-a", f"{dotnet}/.", top], check=True)


def big(top, size=4 << 30):
    """One file, all of it data."""
    block = random.Random(3).randbytes(1 << 20)
    with open(f"{top}/big", "wb") as out:
        for _ in range(size >> 20):
            out.write(block)


def sparse(top, size=10 << 30):
    """One file with little data in it: a page at the begin of every 64 MiB."""
    with open(f"{top}/sparse", "wb") as out:
        out.truncate(size)
        for at in range(0, size, 64 << 20):
            out.seek(at)
            out.write(b"x" * 4096)


def links(top, names=20000):
    """Hard links, ten names for each file."""
    for f in range(names // 10):
        write(f"{top}/f{f}", b"x")
        for n in range(1, 10):
            os.link(f"{top}/f{f}", f"{top}/f{f}.{n}")


def nested(top, depth=2000):
    """Directories inside each other, a file in each: deeper than any path can name."""
    fd = os.open(top, os.O_RDONLY)
    for _ in range(depth):
        os.close(os.open("f", os.O_CREAT | os.O_WRONLY, 0o644, dir_fd=fd))
        os.mkdir("d", dir_fd=fd)
        down = os.open("d", os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = down
    os.close(fd)


def write(path, content):
    fd = os.open(path, os.O_CREAT | os.O_WRONLY, 0o644)
    os.write(fd, content)
    os.close(fd)
