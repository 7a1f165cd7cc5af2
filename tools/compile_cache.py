"""Runs a compiler-like check on many files, and remembers by content which of them were clean."""

import concurrent.futures
import os
import subprocess
import sys


class CleanCache:
    """A clean result is an empty file named by its digest; a finding is never remembered."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def has(self, digest):
        path = self.folder / digest
        if path.exists():
            path.touch()  # in use: see forget_old
            return True
        return False

    def add(self, digest):
        (self.folder / digest).touch()

    def forget_old(self, keep=4000):
        entries = sorted(self.folder.iterdir(), key=lambda entry: entry.stat().st_mtime)
        for entry in entries[:-keep]:
            entry.unlink()


def run_all(title, jobs, cache):
    """jobs: [(name, digest, argv, standard input)]. Prints what fails; returns how many did."""
    todo = [job for job in jobs if not cache.has(job[1])]
    failed = 0

    def run(job):
        name, digest, argv, text = job
        done = subprocess.run(argv, input=text, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            cache.add(digest)
        return name, done

    workers = int(os.environ.get("JOBS", os.cpu_count() or 1))
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for name, done in pool.map(run, todo):
            if done.returncode != 0:
                failed += 1
                print(f"--- {name}\n{done.stdout.strip() or done.stderr.strip()}")
            sys.stdout.flush()
    cache.forget_old()
    print(f"{title}: {len(jobs)} files, {len(todo)} looked at, {failed} with findings")
    return failed
