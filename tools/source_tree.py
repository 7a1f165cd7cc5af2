"""What the checks know of the source tree: components, ranks, includes, compile commands."""

import dataclasses
import hashlib
import json
import os
import re
import shlex
import subprocess
from pathlib import Path

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
COMMENT = re.compile(r"#.*$", re.MULTILINE)
COMPONENT = re.compile(r"\bpm_component\(([^)]*)\)")


@dataclasses.dataclass
class Component:
    """One pm_component() of CMakeLists.txt."""

    name: str
    deps: list
    test_deps: list


class SourceTree:
    def __init__(self, root):
        self.root = Path(root)
        self.ranks = self._read_ranks()
        self._digests = {}

    def _read_ranks(self):
        """tools/layers.txt: lines "RANK FOLDER [FOLDER ...]"."""
        ranks = {}
        text = (self.root / "tools/layers.txt").read_text()
        for line in COMMENT.sub("", text).splitlines():
            rank, *folders = line.split() or [None]
            ranks.update({folder: int(rank) for folder in folders})
        return ranks

    def components(self):
        text = COMMENT.sub("", (self.root / "CMakeLists.txt").read_text())
        return {made.name: made for made in map(_read_component, COMPONENT.findall(text))}

    def sources(self, *suffixes):
        """Files under src/ with these suffixes, as paths relative to the root, sorted."""
        found = (path for path in (self.root / "src").rglob("*") if path.suffix in suffixes)
        return sorted(path.relative_to(self.root) for path in found)

    def includes(self, path):
        """[(line, quote, name)] of each #include in a file."""
        text = (self.root / path).read_text()
        return [
            (text.count("\n", 0, found.start(1)) + 1, found[1], found[2])
            for found in INCLUDE.finditer(text)
        ]

    def closure(self, path):
        """The file and every file of ours that it includes, directly or not."""
        seen, todo = set(), [Path(path)]
        while todo:
            current = todo.pop()
            if current in seen or not (self.root / current).is_file():
                continue
            seen.add(current)
            todo += [Path("src") / name for _, quote, name in self.includes(current) if quote == '"']
        return seen

    def digest(self, path, *context):
        """Changes whenever the file, a header of ours that it sees, or the context does."""
        # Where the checkout lies makes no difference.
        total = hashlib.sha256("\0".join(context).replace(str(self.root), ".").encode())
        for file in sorted(self.closure(path)):
            if file not in self._digests:
                self._digests[file] = hashlib.sha256((self.root / file).read_bytes()).hexdigest()
            total.update(f"{file} {self._digests[file]}\n".encode())
        return total.hexdigest()

    def compile_commands(self, preset="tidy"):
        """{path relative to the root: compiler arguments} of a configured preset, without what a build makes itself."""
        made = self.root / "build"
        database = made / preset / "compile_commands.json"
        return {
            Path(entry["file"]).relative_to(self.root): shlex.split(entry["command"])
            for entry in json.loads(database.read_text())
            if not Path(entry["file"]).is_relative_to(made)
        }

    def all_files(self):
        """Every file of the project: what git tracks or would add; without git, what is there."""
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=self.root, capture_output=True, text=True, check=False,
        ) if has_git(self.root) else None
        if listed and listed.returncode == 0:
            names = filter(None, listed.stdout.split("\0"))
            return sorted(Path(name) for name in names if (self.root / name).is_file())
        skip = {"build", ".git", "__pycache__", "node_modules"}
        found = []
        for folder, folders, files in os.walk(self.root):
            folders[:] = [name for name in folders if name not in skip]
            found += [(Path(folder) / name).relative_to(self.root) for name in files]
        return sorted(found)


def flags_of(command):
    """The compiler and its flags without a launcher, the input, the output and dependency files."""
    start = next(index for index, word in enumerate(command) if "clang++" in word)
    flags, words = [], iter(command[start:])
    for word in words:
        if word in ("-o", "-c", "-MF", "-MT"):
            next(words)
        elif word not in ("-MD", "-Werror"):
            flags.append(word)
    return flags


def has_git(root):
    return (root / ".git").exists() and any(
        os.access(Path(folder) / "git", os.X_OK) for folder in os.get_exec_path()
    )


def _read_component(arguments):
    groups, key = {}, None
    for word in arguments.split():
        if word in ("NAME", "DEPS", "TEST_DEPS", "PROGRAM"):
            key = word
            groups[key] = []
        elif key:
            groups[key].append(word)
    return Component(groups["NAME"][0], groups.get("DEPS", []), groups.get("TEST_DEPS", []))
