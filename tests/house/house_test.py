"""The house's own rules, tried on small trees made for the purpose: what must be refused, is."""

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

LAYERS = "0 base\n1 wire crypto\n2 io\n"
CMAKE = "pm_component(NAME base)\npm_component(NAME wire DEPS base)\npm_component(NAME io DEPS wire)\n"


class Tree(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp(prefix="house-test-"))
        self.addCleanup(shutil.rmtree, self.root)

    def write(self, name, text=""):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run_tool(self, *argv):
        return subprocess.run(argv, capture_output=True, text=True, check=False, cwd=self.root)


class CheckLayers(Tree):
    def setUp(self):
        super().setUp()
        self.write("tools/layers.txt", LAYERS)
        self.write("CMakeLists.txt", CMAKE)
        self.write("src/base/bytes.h", "#include <cstdint>\n")
        self.write("src/wire/ip.h", '#include "base/bytes.h"\n')
        self.write("src/io/udp.cpp", '#include "wire/ip.h"\n')

    def refused(self, *words):
        done = self.run_tool(ROOT / "tools/check_layers", self.root)
        self.assertEqual(done.returncode, 1, "was accepted")
        for word in words:
            self.assertIn(word, done.stdout)

    def test_accepts_a_tree_that_looks_down(self):
        done = self.run_tool(ROOT / "tools/check_layers", self.root)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.returncode, 0)

    def test_refuses_an_upward_include(self):
        self.write("src/base/bytes.h", '#include <cstdint>\n#include "wire/ip.h"\n')
        self.refused("src/base/bytes.h:2", "base (rank 0) may not include wire (rank 1)")

    def test_refuses_an_equal_rank(self):
        self.write("CMakeLists.txt", CMAKE + "pm_component(NAME crypto DEPS base)\n")
        self.write("src/crypto/aead.h", "")
        self.write("src/wire/ip.h", '#include "crypto/aead.h"\n')
        self.refused("wire (rank 1) may not include crypto (rank 1)")

    def test_refuses_a_cycle_between_headers(self):
        self.write("src/wire/ip.h", '#include "wire/udp.h"\n')
        self.write("src/wire/udp.h", '#include "wire/ip.h"\n')
        self.refused("src/wire/ip.h -> src/wire/udp.h -> src/wire/ip.h: a cycle")

    def test_refuses_a_folder_without_rank(self):
        self.write("src/extra/thing.h")
        self.refused("src/extra: unknown folder")

    def test_refuses_a_folder_without_component(self):
        self.write("src/crypto/aead.h")
        self.refused("src/crypto: has no pm_component")

    def test_refuses_an_include_that_is_not_among_the_deps(self):
        self.write("src/io/udp.cpp", '#include "base/bytes.h"\n')
        self.refused("base is not among the DEPS of pm_component(NAME io ...)")

    def test_refuses_a_file_outside_a_component(self):
        self.write("src/loose.h")
        self.refused("src/loose.h: a source file lives in src/COMPONENT/")

    def test_refuses_an_include_without_its_folder(self):
        self.write("src/wire/ip.h", '#include "bytes.h"\n')
        self.refused('"bytes.h" is not "component/header.h"')


class PmComponent(Tree):
    def configure(self, components):
        self.write("tools/layers.txt", LAYERS)
        self.write("CMakeLists.txt", (
            "cmake_minimum_required(VERSION 3.25)\nproject(fixture LANGUAGES NONE)\n"
            f"include({ROOT}/cmake/PmComponent.cmake)\nadd_library(pm_options INTERFACE)\n"
        ) + components)
        return self.run_tool("cmake", "-S", ".", "-B", "build")

    def refused(self, components, words):
        done = self.configure(components)
        self.assertNotEqual(done.returncode, 0, "was accepted")
        self.assertIn(words, " ".join(done.stderr.split()))

    def test_accepts_a_lower_rank(self):
        done = self.configure("pm_component(NAME base)\npm_component(NAME wire DEPS base)\n")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_refuses_a_higher_rank(self):
        self.refused("pm_component(NAME base DEPS wire)\n", "may not depend on wire of rank 1")

    def test_refuses_an_equal_rank(self):
        self.refused("pm_component(NAME wire DEPS crypto)\n", "may not depend on crypto of rank 1")

    def test_refuses_a_component_without_rank(self):
        self.refused("pm_component(NAME extra)\n", "extra has no rank")


JUNIT = """<testsuite>
<testcase name="wire" status="run"><system-out>
</system-out></testcase>
<testcase name="io" status="fail"><failure message="Timeout"/></testcase>
<testcase name="netns.wg" status="run"><system-out>ok 1 - up
ok 2 - down # SKIP no wg
</system-out></testcase>
<testcase name="netns.nat" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/>
<system-out>needs root</system-out></testcase>
<testcase name="netns.bad" status="fail"><failure message=""/><system-out>ok 1 - up
not ok 2 - down
</system-out></testcase>
</testsuite>"""

GTEST = """<testsuites><testsuite name="Ip">
<testcase name="good" status="run" result="completed" classname="Ip"/>
<testcase name="bad" status="run" result="completed" classname="Ip"><failure message="no"/></testcase>
<testcase name="later" status="run" result="skipped" classname="Ip">
<skipped message="src/wire/ip_test.cpp:3&#x0A;no data"/></testcase>
<testcase name="DISABLED_off" status="notrun" result="suppressed" classname="Ip"/>
</testsuite></testsuites>"""


class TestReport(Tree):
    def test_counts_cases_crashes_tap_and_skips_by_name(self):
        self.write("build/asan/results/unit.xml", JUNIT)
        self.write("build/asan/results/gtest/wire.xml", GTEST)
        done = self.run_tool(
            ROOT / "tools/test_report", "--broken", "tsan (does not build)",
            "build/asan/results/unit.xml",
        )
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout.splitlines(), [
            "skipped: asan/wire Ip.later: no data",
            "skipped: asan/wire Ip.DISABLED_off: disabled",
            "skipped: asan/netns.wg down: no wg",
            "skipped: asan/netns.nat: needs root",
            "FAILED: tsan (does not build)",
            "FAILED: asan/wire Ip.bad",
            "FAILED: asan/io (Timeout)",
            "FAILED: asan/netns.bad down",
            "3 passed, 4 failed, 4 skipped",
        ])

    def test_nothing_run_is_a_failure(self):
        done = self.run_tool(ROOT / "tools/test_report")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, "0 passed, 0 failed, 0 skipped\n")


if __name__ == "__main__":
    unittest.main()
