"""Runs a compiler-like check on many files, and remembers by content which of them were clean."""

import concurrent.futures
import os
import subprocess
from pathlib import Path


class CleanCache:
    """A clean result is an empty file named by its digest; a finding is never remembered.

    Outside the tree, where tools/openssl.sh keeps its own, so that a fresh checkout has it too.
    """

    def __init__(self):
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        self.folder = Path(os.environ.get("PHANTOM_CACHE") or home / "phantommesh") / "clean"
        self.folder.mkdir(parents=True, exist_ok=True)

    def has(self, digest):
        path = self.folder / digest
        if path.exists():
            path.touch()  # in use: see forget_old
            return True
        return False

    def add(self, digest):
        (self.folder / digest).touch()

    def forget_old(self, keep=8000):
        entries = sorted(self.folder.iterdir(), key=lambda entry: entry.stat().st_mtime)
        for entry in entries[:-keep]:
            entry.unlink()


def run_all(title, jobs, cache):
    """jobs: [(name, digest, argv, standard input)]. Prints what fails; returns how many did."""
    todo = [job for job in jobs if not cache.has(job[1])]
    failed = 0
    for job, done in run_each([(job, *job[2:]) for job in todo]):
        if done.returncode == 0:
            cache.add(job[1])
        else:
            failed += 1
            print(f"--- {job[0]}\n{done.stdout.strip() or done.stderr.strip()}", flush=True)
    cache.forget_old()
    print(f"{title}: {len(jobs)} files, {len(todo)} looked at, {failed} with findings")
    return failed


def run_each(jobs):
    """jobs: [(key, argv[, standard input])]. (key, finished process) of each, in order, as they end."""

    def run(key, argv, text=None):
        return key, subprocess.run(argv, input=text, capture_output=True, text=True, check=False)

    workers = int(os.environ.get("JOBS", os.cpu_count() or 1))
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        yield from pool.map(lambda job: run(*job), jobs)
