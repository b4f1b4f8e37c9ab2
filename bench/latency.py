"""What a seeding does to other programs on the same file system: the latency of their small writes."""
import os
import random
import signal
import statistics
import time

import cases
import places
import trees
from measure import Side, seconds, turns

BLOCK, BLOCKS = 4096, 1024


class Load:
    """A process that writes blocks of a file, each made durable, until it is told to end. It waits as long as it writes, so that it is a
    load and not a flood."""

    def __init__(self, path):
        self.results, out = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.results)
            signal.signal(signal.SIGTERM, lambda *_: setattr(self, "ended", True))
            self.ended = False
            os.write(out, b"\n")  # ready
            for taken in self.writes(path):
                os.write(out, b"%d\n" % taken)
            os._exit(0)
        os.close(out)
        os.read(self.results, 1)

    def writes(self, path):
        """The nanoseconds of each write."""
        file, place, block = os.open(path, os.O_WRONLY), random.Random(4), b"x" * BLOCK
        while not self.ended:
            start = time.perf_counter_ns()
            os.pwrite(file, block, place.randrange(BLOCKS) * BLOCK)
            os.fdatasync(file)
            yield (taken := time.perf_counter_ns() - start)
            time.sleep(taken / 1e9)

    def end(self):
        """Ends it; the seconds of the slowest write of a hundred."""
        os.kill(self.pid, signal.SIGTERM)
        with open(self.results, "rb") as lines:
            taken = [int(line) / 1e9 for line in lines]
        os.waitpid(self.pid, 0)
        return statistics.quantiles(taken, n=100)[-1]


def beside_seeding(bench, place):
    """The first mount of a volume against cp -a, both durable."""
    job = cases.Seeding(bench, place, "small", lambda top: trees.small(top, bench.files))
    file = f"{place.path}/written"
    with open(file, "wb") as out:
        out.write(b"x" * BLOCK * BLOCKS)
    places.run("sync", "-f", place.path)

    def slowest(argv, env):
        load = Load(file)
        seconds(argv, env)
        return load.end()

    ours, copy = job.ours(), job.peer("cp -a")
    ours.clock = slowest
    theirs = Side("the same beside cp -a", [["/bin/sh", "-c", 'cp -a "$1" "$2" && sync -f "$2"', "sh", job.source, job.copy]], copy.after, clock=slowest)
    bench.add(turns(f"latency (p99) of small writes beside seed small, {place.name}", ours, [(theirs, 1.0)], bench.pairs))
    job.remove()
