"""Commands timed in turn: A B A B, as ratios of the two, with the median and the spread."""
import os
import statistics
import subprocess
import time


class Failed(Exception):
    """A measured command failed, so there is nothing to compare."""


class Side:
    """One of two ways to do a job: its commands are timed, what comes before and after them is not."""

    def __init__(self, name, commands, after=(), env=None, clock=None):
        self.name, self.commands, self.after, self.env, self.clock = name, commands, after, env, clock or seconds

    def time(self):
        """Runs the commands once; the seconds they took."""
        taken = sum(self.clock(argv, self.env) for argv in self.commands)
        for argv in self.after:
            self.clock(argv, self.env)
        return taken


def seconds(argv, env=None):
    """The time of one whole process, from before it is started until after it is gone. Its output is discarded."""
    return cost(argv, env)[0]


def processor(argv, env=None):
    """The processor time of one whole process and of those that it waited for."""
    return cost(argv, env)[1]


def cost(argv, env=None):
    """The seconds and the seconds of processor time that a process takes."""
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    start = time.perf_counter_ns()
    pid = os.posix_spawn(argv[0], argv, os.environ | (env or {}), file_actions=quiet)
    _, status, used = os.wait4(pid, 0)
    taken = (time.perf_counter_ns() - start) / 1e9
    if os.waitstatus_to_exitcode(status) != 0:
        raise Failed(" ".join(argv[:8]))
    return taken, used.ru_utime + used.ru_stime


class Ratio:
    """kvol against a peer."""

    def __init__(self, work, peer, values, goal=None, per=1):
        self.work, self.peer, self.goal = work, peer, goal
        self.values = [v / per for v in values]

    median = property(lambda self: statistics.median(self.values))
    low = property(lambda self: min(self.values))
    high = property(lambda self: max(self.values))
    met = property(lambda self: self.goal is None or self.median <= self.goal)


def turns(work, ours, peers, pairs, per=1):
    """Runs our side before each peer, again and again. peers: (side, goal or None)."""
    values = [[] for _ in peers]
    for _ in range(pairs):
        for i, (peer, _) in enumerate(peers):
            values[i].append(ours.time() / peer.time())
    return [Ratio(work, peer.name, values[i], goal, per) for i, (peer, goal) in enumerate(peers)]


def peak_memory(argv, env=None):
    """The peak resident set of a command in KiB, by time(1): a process started from here would be charged with Python's own."""
    done = subprocess.run(["/usr/bin/time", "-f", "%M", *argv], env=os.environ | (env or {}), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"{argv}: {done.stderr}")
    return int(done.stderr.split()[-1])
