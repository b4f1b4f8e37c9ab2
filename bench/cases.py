"""What is compared, and the goals."""
import os
import shutil

import places
import trees
from measure import Failed, Ratio, Side, peak_memory, seconds, turns

RM = shutil.which("rm")
SYNC, CP, RSYNC, SH, TRUE, MOUNT, UMOUNT, MKDIR, RMDIR = (shutil.which(c) for c in ("sync", "cp", "rsync", "sh", "true", "mount", "umount", "mkdir", "rmdir"))


class Bench:
    """One run: where the programs are, and how much is to be done."""

    def __init__(self, kvol, limit, empty, same_tree, scratch, pairs, files, many):
        self.kvol, self.limit, self.empty, self.same_tree, self.scratch = kvol, limit, empty, same_tree, scratch
        self.pairs, self.files, self.many = pairs, files, many
        self.jobs = str(min(os.cpu_count(), 8))
        self.results, self.facts = [], []

    def environment(self, place):
        """Everything of kvol's on the file system that is measured."""
        conf = f"{place.path}/kvol.conf"
        open(conf, "a").close()
        return {"KVOL_ROOT": f"{place.path}/store", "KVOL_RUN": f"{self.scratch}/run", "KVOL_CONFIG": conf}

    def add(self, ratios):
        """Remembers and prints."""
        for r in ratios:
            self.results.append(r)
            print(f"{r.work}, against {r.peer}: {r.median:.2f} ({r.low:.2f} to {r.high:.2f})" + ("" if r.goal is None else f", goal {r.goal}{'' if r.met else ': MISSED'}"), flush=True)


class Seeding:
    """A first mount of a volume, whole, against programs that copy the same tree."""

    def __init__(self, bench, place, name, fill):
        self.bench, self.place, self.name = bench, place, name
        self.jail, self.copy = f"{place.path}/jail", f"{place.path}/copy"
        self.source = f"{self.jail}/{name}"
        os.makedirs(self.source)
        fill(self.source)
        places.run("sync", "-f", place.path)
        self.env = bench.environment(place)
        self.sync = [[SYNC, "-f", place.path]] if place.on_disk else []

    def ours(self):
        """kvol: its copy is durable when it returns."""
        k = self.bench.kvol
        return Side("kvol", [[k, "mount", self.jail, f"bench:/{self.name}"]], [[k, "umount", self.jail], [k, "rm", "bench"], [SYNC, "-f", self.place.path]], self.env)

    def peer(self, name):
        """A program that copies a tree, with the sync that makes it durable."""
        commands = {
            "cp -a": [[CP, "-a", self.source, self.copy]],
            "cp": [[CP, "-r", self.source, self.copy]],
            "cp --reflink=always": [[CP, "-a", "--reflink=always", self.source, self.copy]],
            "rsync -aHAX": [[RSYNC, "-aHAX", f"{self.source}/", f"{self.copy}/"]],
            "tar | tar": [[SH, "-c", 'mkdir "$2" && tar -C "$1" -cf - . | tar -C "$2" -xpf -', "sh", self.source, self.copy]],
            "limit": [[self.bench.limit, self.source, self.copy, self.bench.jobs]],
        }[name]
        sync = [] if name == "limit" else self.sync  # it syncs itself
        return Side(name, commands + sync, [[RM, "-rf", self.copy], [SYNC, "-f", self.place.path]])

    def verify(self):
        """Whether the volume is the tree, by the manifest of the tests."""
        k = self.bench.kvol
        seconds([k, "mount", self.jail, f"bench:/{self.name}"], self.env)
        seconds([k, "umount", self.jail], self.env)
        seconds(self.bench.same_tree, {"KVOL_BENCH_EXPECTED": self.source, "KVOL_BENCH_FOUND": f"{self.place.path}/store/volumes/bench/data"})
        seconds([k, "rm", "bench"], self.env)

    def run(self, peers):
        """Compares, once the result was found to be right. peers: name → goal or None."""
        self.verify()
        self.bench.add(turns(f"seed {self.name}, {self.place.name}", self.ours(), [(self.peer(n), g) for n, g in peers.items()], self.bench.pairs))

    def written(self):
        """Says how much a seeding takes of the file system."""
        before = self.place.used()
        seconds([self.bench.kvol, "mount", self.jail, f"bench:/{self.name}"], self.env)
        self.bench.facts.append(f"seeding {self.name} on {self.place.name} takes {(self.place.used() - before) / (1 << 20):.1f} MiB of the file system")
        seconds([self.bench.kvol, "umount", self.jail], self.env)
        seconds([self.bench.kvol, "rm", "bench"], self.env)

    def remove(self):
        """Makes room for the next tree."""
        places.run(RM, "-rf", self.source)


def seeding(bench, place, name, fill, peers, written=False):
    """One tree on one file system."""
    job = Seeding(bench, place, name, fill)
    job.run(peers)
    if written:
        job.written()
    job.remove()


def first_mount(bench, place):
    """Against podman, which copies up what a new volume covers when a container is prepared; only that step is timed."""
    job = Seeding(bench, place, "small", lambda top: trees.small(top, bench.files))
    state = f"{place.path}/podman"
    podman = [shutil.which("podman"), "--root", f"{state}/root", "--runroot", f"{bench.scratch}/podman-run", "--storage-driver", "vfs", "--cgroup-manager", "cgroupfs", "--events-backend", "none"]
    places.run(SH, "-c", 'source=$1; shift; tar -C "$source" -cf - . | "$@" import - bench >/dev/null', "sh", job.jail, *podman)
    inside = f"{state}/root/volumes/bench/_data"
    ratios = []
    for _ in range(bench.pairs):
        ours = job.ours().time()
        places.run(*podman, "create", "--name", "bench", "--network", "none", "-v", "bench:/small", "bench", "/none")
        try:
            theirs = copied_up(podman, inside)
        finally:
            places.run(*podman, "rm", "-f", "bench")
            places.run(*podman, "volume", "rm", "bench")
        ratios.append(ours / theirs)
    bench.add([Ratio(f"first mount of a jail with small, {place.name}", "podman init", ratios, 0.25)])
    job.remove()
    places.run(RM, "-rf", state)


def copied_up(podman, inside):
    """The seconds that the copy-up takes. The container itself may fail to start here: what counts is that its volume was filled."""
    try:
        taken = timed_even_if_failed([*podman, "init", "bench"])
    finally:
        filled = len(os.listdir(inside))
    if not filled:
        raise Failed("podman init: copied nothing up")
    return taken


def timed_even_if_failed(argv):
    """The time of a command whose exit status does not matter."""
    return seconds([SH, "-c", '"$@" 2>/dev/null; :', "sh", *argv])


def whole_processes(bench, place):
    """What every start of a jail pays, and what a person waits for."""
    env, k = bench.environment(place), bench.kvol
    jail, there, covered = f"{place.path}/host", f"{place.path}/there", f"{place.path}/covered"
    for d in (f"{jail}/data", there, covered):
        os.makedirs(d)
    seconds([k, "create", "one"], env)
    pairs = max(bench.pairs, 51)
    ours = Side("kvol", [[k, "mount", jail, "one:/data"]], [[UMOUNT, f"{jail}/data"]], env)
    bench.add(turns("mount of an existing volume", ours, [(Side("mount --bind", [[MOUNT, "--bind", there, covered]], [[UMOUNT, covered]]), 1.5)], pairs))

    create = Side("kvol", [[k, "create", "new"]], [[k, "rm", "new"]], env)
    podman = [shutil.which("podman"), "--root", f"{place.path}/podman/root", "--runroot", f"{bench.scratch}/podman-run", "--storage-driver", "vfs"]
    made = f"{place.path}/made"
    bench.add(turns("create", create, [
        (Side("podman volume create", [[*podman, "volume", "create", "new"]], [[*podman, "volume", "rm", "new"]]), 0.15),
        (Side("mkdir", [[MKDIR, made]], [[RMDIR, made]]), 4)], pairs))

    names = [f"v{i}" for i in range(10)]
    for n in names:
        os.makedirs(f"{jail}/{n}")
        os.makedirs(f"{covered}/{n}")
        seconds([k, "create", n], env)
    attach = Side("kvol", [[k, "attach", "jail", jail, *(f"{n}:/{n}" for n in names)]], [[k, "detach", "jail"]], env)
    binds = Side("ten mount --bind", [[MOUNT, "--bind", there, f"{covered}/{n}"] for n in names], [[UMOUNT, f"{covered}/{n}"] for n in names])
    bench.add(turns("attach of 10 existing volumes", attach, [(binds, 0.3)], bench.pairs))
    bench.add(turns("start-up, ls -q", Side("kvol", [[k, "ls", "-q"]], env=env), [
        (Side("an empty native-AOT program", [[bench.empty]]), 1.1), (Side("/bin/true", [["/bin/true"]]), None)], max(bench.pairs, 101)))
    places.run(UMOUNT, "-R", "-q", jail) if os.path.ismount(jail) else None
    seconds([RM, "-rf", f"{place.path}/store", jail, there, covered])


def listing(bench, place):
    """ls of 10,000 volumes of which 1,000 are mounted, against podman with 1,000 volumes, and against a tenth of itself."""
    k, pairs = bench.kvol, bench.pairs
    full, tenth = fill_store(bench, place, "full", 10000, 1000), fill_store(bench, place, "tenth", 1000, 100)
    podman = [shutil.which("podman"), "--root", f"{place.path}/podman/root", "--runroot", f"{bench.scratch}/podman-run", "--storage-driver", "vfs"]
    for i in range(1000):
        seconds([*podman, "volume", "create", f"v{i}"])
    ls = Side("kvol", [[k, "ls"]], env=full)
    bench.add(turns("ls of 10,000 volumes, per volume", ls, [(Side("podman volume ls of 1,000", [[*podman, "volume", "ls"]]), 0.1)], pairs, per=10))
    small = Side("kvol ls of 1,000, 100 mounted", [["/usr/bin/env", *(f"{a}={b}" for a, b in tenth.items()), k, "ls"]])
    bench.add(turns("ls of 10,000 volumes, 1,000 mounted", ls, [(small, 11)], pairs))
    bench.facts.append(f"peak memory of ls of 10,000 volumes: {peak_memory([k, 'ls'], full) / 1024:.1f} MiB (goal 16)")
    for store in ("full", "tenth"):
        places.run(UMOUNT, "-R", f"{place.path}/{store}")


def fill_store(bench, place, name, volumes, mounted):
    """A store in a file system of its own: as kvol writes it, but all volumes at once."""
    top = f"{place.path}/{name}"
    os.mkdir(top)
    places.run("mount", "-t", "tmpfs", "tmpfs", top)
    env = {"KVOL_ROOT": f"{top}/store", "KVOL_RUN": f"{top}/run", "KVOL_CONFIG": os.devnull}
    seconds([bench.kvol, "create", "v0"], env)
    with open(f"{top}/store/volumes/v0/volume.json", encoding="ascii") as f:
        model = f.read()
    for i in range(1, volumes):
        os.mkdir(f"{top}/store/volumes/v{i}", 0o700)
        os.mkdir(f"{top}/store/volumes/v{i}/data", 0o755)
        trees.write(f"{top}/store/volumes/v{i}/volume.json", model.replace('"v0"', f'"v{i}"').encode())
    for start in range(0, mounted, 100):
        os.makedirs(f"{top}/jail{start}")
        seconds([bench.kvol, "mount", f"{top}/jail{start}", *(f"v{i}:/v{i}" for i in range(start, start + 100))], env)
    return env


def memory(bench, place):
    """The memory that a very large seeding takes."""
    os.makedirs(f"{place.path}/jail/many")
    trees.empty(f"{place.path}/jail/many", bench.many)
    argv, env = [bench.kvol, "mount", f"{place.path}/jail", "many:/many"], bench.environment(place)
    bench.facts.append(f"peak memory of seeding {bench.many:,} files: {peak_memory(argv, env) / 1024:.1f} MiB (goal 64)")
    seconds([bench.kvol, "umount", f"{place.path}/jail"], env)
