"""How kvol's cost grows with what there is: writes bench/scale.csv and bench/scale.svg. Started by scale.sh, as root, in a mount namespace of
its own."""
import csv
import math
import os
import statistics
import subprocess
import sys
import tempfile

import places
import plot
import trees
from measure import cost, peak_memory

COUNTS = [10, 100, 1000, 10000]
RUNS = 3


class Scene:
    """A store in a file system of its own, in which one thing is there many times."""

    def __init__(self, kvol, scratch, kind):
        self.kvol, self.place = kvol, places.Place(kind, scratch, "6g")
        top = self.place.path
        self.root, self.store = f"{top}/root", f"{top}/store"
        os.makedirs(f"{self.root}/old")
        open(f"{top}/kvol.conf", "a", encoding="ascii").close()
        self.env = {"KVOL_ROOT": self.store, "KVOL_RUN": f"{top}/run", "KVOL_CONFIG": f"{top}/kvol.conf"}
        self.run("create", "old")
        trees.write(f"{self.store}/volumes/old/data/text", b"text")

    def run(self, *arguments):
        """A command that is not measured."""
        cost([self.kvol, *arguments], self.env)

    def volumes(self, count):
        """Volumes beside the first."""
        for i in range(count):
            self.run("create", f"v{i}")

    def mounts(self, count):
        """Mounts that are not kvol's."""
        top = f"{self.place.path}/other"
        os.mkdir(top)
        for i in range(count):
            os.mkdir(f"{top}/{i}")
        subprocess.run(f"seq 0 {count - 1} | xargs -P 4 -I '{{}}' mount -n --bind {top} {top}/{{}}", shell=True, check=True)

    def attachments(self, count):
        """Jails, each with one new volume."""
        for i in range(count):
            os.makedirs(f"{self.place.path}/jails/{i}")
        subprocess.run(f"seq 0 {count - 1} | xargs -P 4 -I '{{}}' {self.kvol} attach -q j{{}} {self.place.path}/jails/{{}} v{{}}:/data",
                       shell=True, check=True, env=os.environ | self.env)

    def snapshots(self, count):
        """Snapshots of the first volume."""
        for i in range(count):
            self.run("snapshot", f"old@s{i}")

    def entries(self, count):
        """Files in the directory that a new volume covers."""
        os.mkdir(f"{self.root}/new")
        for i in range(count):
            trees.write(f"{self.root}/new/{i}", b"text")

    def depth(self, count):
        """Directories inside each other, a file in each."""
        os.mkdir(f"{self.root}/new")
        trees.nested(f"{self.root}/new", count)

    def links(self, count):
        """Names of one file."""
        os.mkdir(f"{self.root}/new")
        trees.write(f"{self.root}/new/0", b"text")
        for i in range(1, count):
            os.link(f"{self.root}/new/0", f"{self.root}/new/{i}")


SEED = [(("mount", "-q", "ROOT", "new:/new"), [("umount", "ROOT"), ("rm", "new")])]
ATTACH = [(("attach", "-q", "x", "ROOT", "old:/old"), [("detach", "x")])]
# What there is many of: the file system, the most that is measured, and commands, each with what undoes it.
DIMENSIONS = {
    "mounts": ("tmpfs", 10000, ATTACH + [(("ls",), []), (("gc",), [])]),
    "volumes": ("tmpfs", 10000, ATTACH + [(("ls", "-q"), []), (("ls",), []), (("gc",), [])]),
    "attachments": ("tmpfs", 1000, ATTACH + [(("ls", "-q"), []), (("mounts",), []), (("gc",), [])]),
    "snapshots": ("xfs", 1000, ATTACH + [(("ls", "-t", "snapshot"), []), (("gc",), [])]),
    "entries": ("tmpfs", 10000, SEED),
    "depth": ("tmpfs", 10000, SEED),
    "links": ("tmpfs", 10000, SEED),
}


def measure(scene, command, undo):
    """Medians of the seconds and the processor time, the peak memory in KiB and the number of system calls."""
    argv = [scene.kvol, *(scene.root if w == "ROOT" else w for w in command)]
    log = f"{scene.place.path}/calls"

    def once(run):
        result = run()
        for words in undo:
            scene.run(*(scene.root if w == "ROOT" else w for w in words))
        return result

    times = [once(lambda: cost(argv, scene.env)) for _ in range(RUNS)]
    memory = once(lambda: peak_memory(argv, scene.env))
    once(lambda: cost(["/usr/bin/strace", "-f", "-c", "-U", "calls,name", "-o", log, *argv], scene.env))
    with open(log, encoding="ascii") as lines:
        calls = next(int(line.split()[0]) for line in lines if line.split()[-1:] == ["total"])
    return (*(statistics.median(t) for t in zip(*times)), memory, calls)


def main():
    """All dimensions, or those whose names are given."""
    top = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    kvol, rows = os.environ.get("KVOL_BIN", f"{top}/bin/kvol"), []
    for name in sys.argv[1:] or DIMENSIONS:
        kind, most, commands = DIMENSIONS[name]
        for count in (c for c in COUNTS if c <= most):
            with tempfile.TemporaryDirectory(prefix="kvol-scale-") as scratch:
                scene = Scene(kvol, scratch, kind)
                with scene.place:
                    getattr(scene, name)(count)
                    for command, undo in commands:
                        rows.append((name, count, " ".join(command), *measure(scene, command, undo)))
                        print(*rows[-1], flush=True)
    where = f"{top}/bench" if len(sys.argv) == 1 else f"{top}/obj/bench"
    with open(f"{where}/scale.csv", "w", encoding="ascii", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("many", "count", "command", "seconds", "processor", "memory_kib", "calls"))
        out.writerows((n, c, k, f"{s:.4f}", f"{p:.4f}", m, calls) for n, c, k, s, p, m, calls in rows)
    curves = {}
    for name, count, command, _, processor, _, _ in rows:
        curves.setdefault(name, {}).setdefault(command, []).append((count, processor))
    with open(f"{where}/scale.svg", "w", encoding="ascii") as file:
        file.write(plot.charts(curves))
    for name, commands in curves.items():
        for command, points in commands.items():
            (n, t), (m, u) = points[-2:]
            print(f"{name}: {command}: exponent {math.log(u / t) / math.log(m / n):.2f} from {n:,} to {m:,}")


if __name__ == "__main__":
    main()
