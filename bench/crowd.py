"""What else a host has mounted: commands where a thousand jails are attached, against the same commands where nothing is."""
import ctypes
import os
import shutil

import places
import trees
from measure import Side, processor, seconds, turns

SH, LS, MOUNT, UMOUNT = (shutil.which(c) for c in ("sh", "ls", "mount", "umount"))
JAILS, EACH = 1000, 10
CLONE_NEWNS = 0x20000
libc = ctypes.CDLL(None, use_errno=True)


class Host:
    """A mount namespace with a store, a root directory and a volume in use."""

    def __init__(self, bench, place, name):
        self.kvol, self.top = bench.kvol, f"{place.path}/{name}"
        os.mkdir(self.top)
        succeed(libc.unshare(CLONE_NEWNS))
        self.namespace = os.open("/proc/self/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
        places.run(MOUNT, "-t", "tmpfs", "-o", "nr_inodes=0", "tmpfs", self.top)
        conf = f"{self.top}/kvol.conf"
        open(conf, "a", encoding="ascii").close()
        self.env = {"KVOL_ROOT": f"{self.top}/store", "KVOL_RUN": f"{self.top}/run", "KVOL_CONFIG": conf}
        self.root = f"{self.top}/root"
        os.makedirs(f"{self.root}/old")
        self.run("create", "old")
        trees.write(f"{self.top}/store/volumes/old/data/text", b"text")

    def run(self, *arguments):
        """A command that is not measured."""
        seconds([self.kvol, *arguments], self.env)

    def fill(self):
        """The jails, each with its volumes."""
        specs = " ".join(f"v{{}}-{i}:/d{i}" for i in range(EACH))
        os.mkdir(f"{self.top}/jails")
        for i in range(JAILS):
            os.mkdir(f"{self.top}/jails/{i}")
        seconds(at_once(f"seq 0 {JAILS - 1}", f"{self.kvol} attach -q j{{}} {self.top}/jails/{{}} {specs}"), self.env)

    def side(self, name, command, *after):
        """A command in this namespace, by its processor time."""
        def there(argv, env):
            succeed(libc.setns(self.namespace, CLONE_NEWNS))
            return processor(argv, env)
        return Side(name, [[self.kvol, *command]], [[self.kvol, *a] for a in after], self.env, there)


def succeed(result):
    """Checks what a call of libc returned."""
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def at_once(names, command):
    """Runs a command for each of the names that another one prints, 8 at a time."""
    return [SH, "-c", f'{names} | xargs -P 8 -I "{{}}" {command}']


def crowded(bench, place):
    """attach, detach, mount and umount; and the lists that name every volume."""
    before = os.open("/proc/self/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
    try:
        alone = Host(bench, place, "alone")
        full = Host(bench, place, "full")
        full.fill()
        pairs = max(bench.pairs, 15)
        what = f"with {JAILS * EACH:,} mounts and {JAILS:,} attachments, processor time"
        for verb, command, after in (
                ("attach of two new volumes", ("attach", "-q", "x", "ROOT", "a:/a", "b:/b"), (("detach", "x"), ("rm", "a", "b"))),
                ("mount of an existing volume", ("mount", "-q", "ROOT", "old:/old"), (("umount", "ROOT"),)),
                ("umount", ("umount", "ROOT"), (("mount", "-q", "ROOT", "old:/old"),)),
                ("detach", ("detach", "x"), (("attach", "-q", "x", "ROOT", "old:/old"),))):
            ours, theirs = (host.side(name, *([w if w != "ROOT" else host.root for w in words] for words in (command, *after)))
                            for host, name in ((full, "kvol"), (alone, "the same with none")))
            if verb in ("umount", "detach"):
                for side in (ours, theirs):
                    for argv in side.after:
                        side.clock(argv, side.env)
            bench.add(turns(f"{verb} {what}", ours, [(theirs, 1.3)], pairs))
            if verb == "umount":
                for host in (alone, full):
                    host.side("", ("umount", host.root)).time()
        names = Side("ls(1)", [[LS, f"{full.top}/store/volumes"]])
        listing = Side("kvol ls", [[bench.kvol, "ls"]], env=full.env)
        full.side("", ("exists", "old")).time()  # in its namespace
        bench.add(turns(f"ls -q of {JAILS * EACH:,} volumes", Side("kvol", [[bench.kvol, "ls", "-q"]], env=full.env), [(names, 3)], pairs))
        bench.add(turns(f"gc with nothing to do, {JAILS * EACH:,} volumes", Side("kvol", [[bench.kvol, "gc"]], env=full.env), [(listing, 1)], bench.pairs))
    finally:
        succeed(libc.setns(before, CLONE_NEWNS))


def boot_storm(bench, place):
    """500 jails that start at once, each with three volumes that exist."""
    before = os.open("/proc/self/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
    try:
        host = Host(bench, place, "storm")
        jails = f"{host.top}/jails"
        for i in range(500):
            for name in "abc":
                os.makedirs(f"{jails}/{i}/{name}")
        names = [f"v{i}{name}" for i in range(500) for name in "abc"]
        for name in names:
            host.run("create", name)
            trees.write(f"{host.top}/store/volumes/{name}/data/text", b"text")
        attach = f'{host.kvol} attach -q j{{}} {jails}/{{}} v{{}}a:/a v{{}}b:/b v{{}}c:/c'
        binds = f"seq 0 499 | xargs -I \"{{}}\" printf '%s\\n' {{}}/a {{}}/b {{}}/c"
        ours = Side("kvol", [at_once("seq 0 499", attach)], [at_once("seq 0 499", f"{host.kvol} detach j{{}}")], host.env)
        theirs = Side("1,500 mount --bind, 8 at a time", [at_once(binds, f"{MOUNT} --bind {host.top}/root/old {jails}/{{}}")],
                      [at_once(binds, f"{UMOUNT} {jails}/{{}}")])
        bench.add(turns("attach of 500 jails with three existing volumes each, 8 at a time", ours, [(theirs, 0.5)], bench.pairs))
    finally:
        succeed(libc.setns(before, CLONE_NEWNS))
