"""File systems to measure on: tmpfs, and XFS and Btrfs on loop devices whose files lie in memory, because a disk's own swings hide everything."""
import os
import subprocess


def run(*argv, **more):
    """A command that is not measured."""
    return subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True, **more).stdout


class Place:
    """A file system mounted for the bench; its name is what the tables call it."""

    def __init__(self, name, scratch, size):
        self.name, self.path = name, os.path.join(scratch, name)
        self.image = os.path.join(scratch, name + ".img")
        self.on_disk = name != "tmpfs"
        os.mkdir(self.path)
        if self.on_disk:
            run("truncate", "-s", size, self.image)
            run(*{"xfs": ("mkfs.xfs", "-q", "-m", "reflink=1"), "btrfs": ("mkfs.btrfs", "-q", "-m", "single", "-d", "single")}[name], self.image)
            run("mount", "-o", "loop", self.image, self.path)
        else:
            run("mount", "-t", "tmpfs", "-o", f"size={size},nr_inodes=0", "tmpfs", self.path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        run("umount", "--recursive", self.path)
        os.rmdir(self.path)
        if self.on_disk:
            os.unlink(self.image)

    def used(self):
        """The bytes that are taken, once all that was written is on its way."""
        run("sync", "-f", self.path)
        s = os.statvfs(self.path)
        return (s.f_blocks - s.f_bfree) * s.f_frsize

    def written(self):
        """The bytes that the disk has been given to write, once all that was written is on its way."""
        run("sync", "-f", self.path)
        device = os.path.basename(os.path.realpath(f"/sys/dev/block/{os.major(d := os.stat(self.path).st_dev)}:{os.minor(d)}"))
        with open(f"/sys/block/{device}/stat", encoding="ascii") as counts:
            return int(counts.read().split()[6]) * 512
