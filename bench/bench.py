"""Prints and writes how kvol compares with what its users would pick instead. Started by run.sh, as root, in a mount namespace of its own."""
import datetime
import os
import platform
import subprocess
import sys
import tempfile

import cases
import crowd
import declaring
import latency
import places
import trees

GIB = 1 << 30


def main():
    """All cases, or those whose names are given."""
    top = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    wanted = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="kvol-bench-") as scratch:
        places.run("mount", "-t", "tmpfs", "-o", "size=90%,nr_inodes=0", "tmpfs", scratch)
        places.run("mount", "-t", "tmpfs", "tmpfs", "/dev/shm")  # podman's locks of earlier runs would run out
        try:
            bench = cases.Bench(
                os.environ.get("KVOL_BIN", f"{top}/bin/kvol"), f"{top}/obj/bench/limit", f"{top}/obj/bench/empty/empty",
                [f"{top}/obj/tests/kvol-tests", "-class", "Kvol.Tests.SameTree", "-explicit", "only", "-noLogo"],
                scratch, int(os.environ.get("PAIRS", "7")), int(os.environ.get("FILES", "50000")), int(os.environ.get("MANY", "1000000")))
            bench.facts.append(f"executable: {os.stat(bench.kvol).st_size / 1e6:.2f} MB (goal 5.8)")
            for name, run in CASES.items():
                if not wanted or name in wanted:
                    run(bench)
                    with open(f"{top}/bench/RESULTS.md" if not wanted else f"{top}/obj/bench/results.md", "w", encoding="utf-8") as out:
                        out.write(report(bench))
            print("\n".join(bench.facts))
        finally:
            places.run("umount", "--lazy", scratch)


def on(kind, size, *jobs):
    """Runs jobs on a fresh file system."""
    def run(bench):
        with places.Place(kind, bench.scratch, size) as place:
            for job in jobs:
                job(bench, place)
    return run


def seed(name, fill, peers, written=False):
    """A seeding to compare."""
    return lambda bench, place: cases.seeding(bench, place, name, fill(bench), peers, written)


def small_files(bench):
    """The tree of the goals."""
    return lambda top: trees.small(top, bench.files)


def fixed(fill):
    """A tree that has one size."""
    return lambda _: fill


DISK = {"cp -a": 0.7, "rsync -aHAX": 0.3, "tar | tar": None, "limit": None}
ALL = {"cp -a": None, "rsync -aHAX": None, "tar | tar": None, "limit": None}
CASES = {
    "processes": on("tmpfs", "1g", cases.whole_processes),
    "ls": on("tmpfs", "2g", cases.listing),
    "crowd": on("tmpfs", "4g", crowd.crowded),
    "storm": on("tmpfs", "4g", crowd.boot_storm),
    "adopt": on("xfs", "12g", declaring.adopted),
    "apply": on("tmpfs", "1g", declaring.applied),
    "small-tmpfs": on("tmpfs", "4g", seed("small", small_files, {"cp -a": 0.5, "rsync -aHAX": None, "tar | tar": None, "limit": 1.12})),
    "small-xfs": on("xfs", "4g", seed("small", small_files, DISK)),
    "small-btrfs": on("btrfs", "4g", seed("small", small_files, DISK)),
    "latency": on("xfs", "4g", latency.beside_seeding),
    "real": on("tmpfs", "6g", seed("real", fixed(trees.real), ALL)),
    "real-xfs": on("xfs", "6g", seed("real", fixed(trees.real), ALL)),
    "links": on("tmpfs", "4g", seed("links", fixed(trees.links), ALL | {"cp -a": 0.8, "tar | tar": 0.8})),
    "nested": on("tmpfs", "4g", seed("nested", fixed(trees.nested), {"cp -a": None, "tar | tar": None, "limit": None})),  # rsync cannot: its paths are too long
    "sparse": on("tmpfs", "4g", seed("sparse", fixed(trees.sparse), {"cp -a": None, "limit": 1.2})),
    "sparse-xfs": on("xfs", "4g", seed("sparse", fixed(trees.sparse), {"cp -a": None, "limit": 1.2})),
    "big-tmpfs": on("tmpfs", "9g", seed("big", fixed(trees.big), {"cp": 1.0})),
    "big-xfs": on("xfs", "6g", seed("big", fixed(trees.big), {"cp --reflink=always": 1.3}, written=True)),
    "big-btrfs": on("btrfs", "6g", seed("big", fixed(trees.big), {"cp --reflink=always": 1.3}, written=True)),
    "podman": on("tmpfs", "6g", cases.first_mount),
    "memory": on("tmpfs", "12g", cases.memory),
}


def report(bench):
    """The page bench/RESULTS.md."""
    def version(*argv):
        return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.splitlines()[0]

    lines = [
        "# Measured", "",
        f"By `make bench` on {datetime.date.today().isoformat()}: {os.cpu_count()} cores, {os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / GIB:.0f} GiB, Linux {platform.release()};"
        f" {version('cp', '--version')}, {version('rsync', '--version')}, {version('tar', '--version')}, {version('podman', '--version')}, {version('mount', '--version')}.", "",
        f"Ratios of kvol to each peer, run in turn (A B A B), {bench.pairs} pairs or more: below 1 kvol is faster. XFS and Btrfs lie on loop devices in memory, and there",
        "every peer is timed with the `sync -f` of its result, because kvol's copy is durable when it returns. `limit` is bench/limit: the calls that no copy can do without.",
        f"Trees: `small` {bench.files:,} files of up to 8 KiB in 500 directories, `real` the .NET SDK, `links` 20,000 hard links, `nested` 2,000 directories inside each other,",
        "`sparse` 10 GiB with 160 pages of data, `big` 4 GiB. Before it is measured, each result is compared with its source by the manifest of the tests.", "",
        "| work | against | median | spread | goal |", "| --- | --- | --- | --- | --- |"]
    for r in bench.results:
        goal = "" if r.goal is None else f"≤ {r.goal}" + ("" if r.met else " **missed**")
        peer = r.peer.replace("|", "\\|")
        lines.append(f"| {r.work} | {peer} | {r.median:.2f} | {r.low:.2f} – {r.high:.2f} | {goal} |")
    return "\n".join(lines + [""] + [f"- {fact}" for fact in bench.facts]) + "\n"


if __name__ == "__main__":
    main()
