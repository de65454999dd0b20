"""The ABI's golden files hold, and would notice: mutated copies of the headers must fail both checks.

  abi_test.py PROVIDER_API_FOLDER [LIBRARY_OF_A_PROVIDER]
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

PROVIDER_API = pathlib.Path(sys.argv.pop(1)).resolve()
LIBRARY = sys.argv.pop(1) if len(sys.argv) > 1 and sys.argv[1].endswith(".so") else None
sys.path.insert(0, str(PROVIDER_API / "abi"))

import abi  # noqa: E402
import comments  # noqa: E402
import header_parser  # noqa: E402
import layout  # noqa: E402
import rust_bindings  # noqa: E402
import witness  # noqa: E402

INCLUDE = PROVIDER_API / "include"
GOLDEN = PROVIDER_API / "abi"
WARNINGS = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only"]
COMPILERS = [name for name in ("gcc", "clang") if shutil.which(name)]


def headers(folder, suffix):
    return sorted(path.relative_to(INCLUDE).as_posix() for path in (INCLUDE / "backplane" / folder).rglob("*" + suffix))


class Golden(unittest.TestCase):
    def test_headers_agree_with_the_golden_files(self):
        for compiler in COMPILERS:
            with self.subTest(compiler):
                self.assertEqual(abi.check(INCLUDE, GOLDEN, compiler), [])

    def test_every_struct_that_a_compiler_sees_is_listed(self):
        listed = set(layout.parse((GOLDEN / "layout.txt").read_text())[0])
        source = "".join(f"#include <{name}>\n" for name in headers("provider", ".h") if "draft" not in name)
        text = layout.run(["cc", "-std=c11", "-E", "-P", "-I", str(INCLUDE), "-xc", "-"], input=source)
        self.assertEqual(set(re.findall(r"struct (bp_\w+)\s*\{", text)), listed)
        self.assertGreater(len(listed), 40)

    def test_a_provider_exports_the_listed_symbols_only(self):
        listed = (GOLDEN / "symbols.txt").read_text().split()
        exported = re.search(r"global:(.*?)local:", (PROVIDER_API / "cmake" / "provider.map").read_text(), re.DOTALL)
        self.assertEqual(re.findall(r"\w+", exported[1]), listed)
        if LIBRARY:
            text = layout.run(["nm", "-D", "--defined-only", LIBRARY])
            self.assertEqual([line.split()[-1] for line in text.splitlines()], listed)


    def test_the_rust_module_is_that_of_the_headers(self):
        module = PROVIDER_API.parent / "examples" / "provider_rust" / "src" / "backplane.rs"
        self.assertEqual(module.read_text(), rust_bindings.write(INCLUDE, "cc"), "run rust_bindings.py anew")

    def test_the_frozen_headers_of_1_0_are_what_the_golden_layout_began_with(self):
        frozen = pathlib.Path(__file__).parent / "frozen_1_0" / "include"
        broken, _ = layout.compare(layout.measure(frozen), (GOLDEN / "layout.txt").read_text())
        self.assertEqual(broken, [])
        base = (frozen / "backplane" / "provider" / "base.h").read_text()
        self.assertIn("#define BP_ABI_MINOR 0u", base)


class StandAlone(unittest.TestCase):
    def compile(self, language, compiler, standard, header):
        done = subprocess.run([compiler, f"-x{language}", f"-std={standard}", *WARNINGS, "-I", str(INCLUDE),
                               "-include", header, "/dev/null"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""), f"{compiler} {standard} {header}")

    def test_each_header_compiles_alone(self):
        for compiler in COMPILERS:
            for header in headers("provider", ".h"):
                self.compile("c", compiler, "c11", header)
                self.compile("c++", compiler, "c++20", header)
            for header in headers("provider_cpp", ".hpp"):
                self.compile("c++", compiler, "c++20", header)

    def test_short_enums_and_other_alignment_habits_move_nothing(self):
        golden = (GOLDEN / "layout.txt").read_text()
        with tempfile.TemporaryDirectory() as folder:
            wrapper = pathlib.Path(folder, "cc-odd")
            wrapper.write_text('#!/bin/sh\nexec cc -fshort-enums -fshort-wchar -funsigned-char "$@"\n')
            wrapper.chmod(0o755)
            self.assertEqual(layout.measure(INCLUDE, str(wrapper)), golden)


class Mutation(unittest.TestCase):
    """A check that cannot fail is none."""

    def mutate(self, header, before, after):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        include = pathlib.Path(folder.name, "include")
        shutil.copytree(INCLUDE, include)
        path = include / "backplane" / "provider" / header
        text = path.read_text()
        self.assertEqual(text.count(before), 1, before)
        path.write_text(text.replace(before, after))
        return include

    def broken(self, include):
        return layout.compare((GOLDEN / "layout.txt").read_text(), layout.measure(include))

    def test_an_inserted_field_fails_both_checks(self):
        include = self.mutate("graph.h", "  uint32_t producer;", "  uint64_t inserted;\n  uint32_t producer;")
        broken, _ = self.broken(include)
        self.assertEqual(len(broken), 1)
        self.assertIn("bp_value: expected 'uint32_t producer' at 56, found 'uint64_t inserted' at 56", broken[0])
        if shutil.which("abidiff"):
            self.assertIn("inserted", witness.difference(GOLDEN / "witness.abi", include))

    def test_a_field_in_tail_padding_is_noticed(self):
        include = self.mutate("base.h", "typedef struct bp_string {",
                              "typedef struct bp_padded {\n  uint32_t struct_size;\n  uint64_t wide;\n} bp_padded;\n\n"
                              "typedef struct bp_string {")
        self.assertTrue(any("bp_padded: 4 bytes of padding" in line
                            for line in layout.padding(layout.measure(include))))

    def test_a_changed_parameter_fails_both_checks(self):
        include = self.mutate("stream.h", "bp_status (*wait_event)(bp_stream stream, bp_event event);",
                              "bp_status (*wait_event)(bp_stream stream, bp_event event, uint32_t flags);")
        self.assertIn("bp_stream_api", self.broken(include)[0][0])
        if shutil.which("abidiff"):
            self.assertIn("wait_event", witness.difference(GOLDEN / "witness.abi", include))

    def test_a_changed_constant_is_noticed(self):
        include = self.mutate("status.h", "#define BP_STATUS_IO 12u ", "#define BP_STATUS_IO 14u ")
        self.assertEqual(self.broken(include)[0], ["is gone or changed: constant BP_STATUS_IO 12"])

    def test_growth_at_the_end_is_new_and_not_broken(self):
        include = self.mutate("memory.h", "} bp_memory_kind_info;", "  uint64_t latency_ns;\n} bp_memory_kind_info;")
        broken, new = self.broken(include)
        self.assertEqual(broken, [])
        self.assertEqual(len(new), 1)
        self.assertTrue(any("new, not in layout.txt" in line for line in abi.check(include, GOLDEN, "cc")))

    def test_a_new_struct_cannot_be_forgotten(self):
        include = self.mutate("stream.h", "#endif",
                              "/* New. */\ntypedef struct bp_new {\n  uint32_t struct_size;\n} bp_new;\n#endif")
        self.assertEqual(self.broken(include), ([], ["struct bp_new"]))

    def test_what_the_parser_cannot_read_is_an_error(self):
        for text in ("struct bp_loose { int a; };", "typedef union bp_union { int a; } bp_union;",
                     "typedef struct bp_a { uint32_t a, b; } bp_a;", "enum { BP_SOMETHING };", "#define BP_ODD (1 << 3)"):
            include = self.mutate("types.h", "/* One dimension of", text + "\n/* One dimension of")
            with self.subTest(text), self.assertRaises(header_parser.HeaderError):
                header_parser.parse(include)

    def test_a_function_without_its_comment_is_noticed(self):
        include = self.mutate("stream.h", "Frees a stream whose work is complete, poisoned or not. NULL is ignored. "
                              "Mandatory. Since 1.0. [any-thread]", "Frees a stream.")
        found = comments.missing(header_parser.parse(include))
        self.assertEqual(len(found), 3)

    def test_update_refuses_to_break_what_is_released(self):
        include = self.mutate("status.h", "#define BP_STATUS_IO 12u ", "#define BP_STATUS_IO 14u ")
        with tempfile.TemporaryDirectory() as golden:
            shutil.copy(GOLDEN / "layout.txt", golden)
            done = subprocess.run([sys.executable, "-B", str(GOLDEN / "abi.py"), "update", "--accept", "--include",
                                   str(include), "--golden", golden], capture_output=True, text=True)
            self.assertEqual(done.returncode, 1)
            self.assertEqual(pathlib.Path(golden, "layout.txt").read_text(), (GOLDEN / "layout.txt").read_text())


if __name__ == "__main__":
    unittest.main()
