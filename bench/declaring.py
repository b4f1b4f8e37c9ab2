"""Data that become a volume where they lie, and a file of what should be: against mv(1), and against the list of what is there."""
import os
import shutil

import places
import trees
from measure import Side, seconds, turns

MV, SH = (shutil.which(c) for c in ("mv", "sh"))
VOLUMES, ROOTS, SIZE = 200, 50, 10 << 30


def adopted(bench, place):
    """A directory of 10 GiB becomes a volume; the same by a name on the same file system."""
    env, tree, moved = bench.environment(place), f"{place.path}/tree", f"{place.path}/moved"
    os.mkdir(tree)
    trees.small(tree, 2000)
    for i in range(10):
        with open(f"{tree}/{i}", "wb") as file:
            os.posix_fallocate(file.fileno(), 0, SIZE // 10)
    seconds([bench.kvol, "create", "other"], env)
    ours = Side("kvol", [[bench.kvol, "adopt", tree, "adopted"]], [[bench.kvol, "release", "adopted", tree]], env)
    theirs = Side("mv", [[MV, tree, moved]], [[MV, moved, tree]])
    bench.add(turns(f"adopt of 10 GiB, {place.name}", ours, [(theirs, 3)], max(bench.pairs, 51)))
    before = place.written()
    seconds(ours.commands[0], env)
    bench.facts.append(f"adopt of 10 GiB writes {(place.written() - before) / 1024:.0f} KiB (goal 1024)")


def applied(bench, place):
    """A file of 200 volumes and 50 roots that are as it says."""
    env, file = bench.environment(place), f"{place.path}/host.json"
    for i in range(ROOTS):
        os.makedirs(f"{place.path}/jails/{i}")
        specs = [f"v{n}:/d{n}" for n in range(i, VOLUMES, ROOTS)]
        seconds([bench.kvol, "attach", "-q", f"j{i}", f"{place.path}/jails/{i}", *specs], env)
    seconds([SH, "-c", '"$1" dump >"$2"', "sh", bench.kvol, file], env)
    seconds([bench.kvol, "diff", file], env)
    ours, listing = Side("kvol", [[bench.kvol, "apply", file]], env=env), Side("kvol ls --json", [[bench.kvol, "ls", "--json"]], env=env)
    bench.add(turns(f"apply of {VOLUMES} volumes and {ROOTS} roots as they are", ours, [(listing, 1.5)], max(bench.pairs, 51)))
