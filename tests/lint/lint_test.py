"""The lint's own test: a small tree in which each rule is broken once, and one in which nothing is."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import include_rules  # noqa: E402
import lint  # noqa: E402
import name_rules  # noqa: E402
import symbol_rules  # noqa: E402
import tree_rules  # noqa: E402
from source_tree import SourceTree, string_literals, without_comments  # noqa: E402


class Scratch(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def write(self, files):
        for name, text in files.items():
            path = pathlib.Path(self.folder.name, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return SourceTree(self.folder.name)

    def expect_one(self, rule, files, *words):
        findings = list(rule(self.write(files)))
        self.assertEqual(len(findings), 1, findings)
        for word in words:
            self.assertIn(word, findings[0])

    def expect_none(self, rule, files):
        self.assertEqual(list(rule(self.write(files))), [])


class Includes(Scratch):
    def refused(self, name, path, extra=(), *words):
        files = {other: "" for other in extra}
        files[name] = f'// about\n#include "{path}"\n'
        self.expect_one(include_rules.check_includes, files, f"{name}:2", *words)

    def test_graph_may_not_see_a_phase(self):
        self.refused("core/src/graph/a.cpp", "plan/arena.hpp", ["core/src/plan/arena.hpp"], "may not see")

    def test_a_phase_may_not_see_a_later_one(self):
        self.refused("core/src/load/a.cpp", "session/s.hpp", ["core/src/session/s.hpp"], "may not see")

    def test_a_relative_path_does_not_hide_it(self):
        self.refused("core/src/graph/a.cpp", "../plan/arena.hpp", ["core/src/plan/arena.hpp"], "may not see")

    def test_a_later_phase_sees_the_output_type_only(self):
        extra = ["core/src/partition/groups.hpp", "core/src/partition/partitioned_graph.hpp"]
        self.refused("core/src/plan/a.cpp", "partition/groups.hpp", extra, "may not see")
        text = '#include "partition/partitioned_graph.hpp"\n'
        self.expect_none(include_rules.check_includes, {"core/src/plan/a.cpp": text})

    def test_onnx_headers_stay_in_two_folders(self):
        self.refused("core/src/infer/a.cpp", "onnx/onnx_pb.h", (), "model format")

    def test_the_tool_uses_public_headers_only(self):
        self.refused("core/cli/a.cpp", "graph/graph.hpp", ["core/src/graph/graph.hpp"], "core/include only")

    def test_a_provider_does_not_use_the_core(self):
        self.refused("providers/one/a.cpp", "backplane/session.hpp", (), "nothing of the core")

    def test_a_provider_does_not_use_another(self):
        self.refused("providers/one/a.cpp", "../two/b.hpp", ["providers/two/b.hpp"], "no other provider")

    def test_the_abi_stands_alone(self):
        self.refused("provider_api/include/backplane/provider/a.h", "backplane/session.hpp", (), "nothing else")

    def test_public_headers_hide_internals(self):
        self.refused("core/include/backplane/a.hpp", "graph/graph.hpp", ["core/src/graph/graph.hpp"], "internals")

    def test_the_judge_sees_no_later_phase(self):
        self.refused("conformance/src/a.cpp", "plan/arena.hpp", ["core/src/plan/arena.hpp"], "may not see")
        text = '#include "infer/infer.hpp"\n'
        self.expect_none(include_rules.check_includes, {"conformance/src/a.cpp": text, "core/src/infer/infer.hpp": ""})

    def test_what_is_allowed_passes(self):
        self.expect_none(include_rules.check_includes, {
            "core/src/graph/graph.hpp": '#include "base/bytes.hpp"\n#include <vector>\n',
            "core/src/base/bytes.hpp": "",
            "core/src/load/a.cpp": '#include <onnx/onnx_pb.h>\n#include "graph/graph.hpp"\n',
            "core/src/session/s.cpp": '#include "load/a.hpp"\n#include "provider/p.hpp"\n',
            "core/src/load/a.hpp": "", "core/src/provider/p.hpp": "",
            "core/src/plan/b.cpp": '// #include "session/s.hpp"\n',
            "providers/one/a.cpp": '#include "backplane/provider/api.h"\n#include <dnnl.hpp>\n#include "ops/b.hpp"\n',
            "providers/one/ops/b.hpp": "",
            "core/cli/a.cpp": '#include "backplane/session.hpp"\n#include <CLI/CLI.hpp>\n',
        })  # fmt: skip


class Names(Scratch):
    def test_operator_in_plan(self):
        self.expect_one(name_rules.check_operator_names, {"core/src/plan/a.cpp": '\nf("Conv");\n'}, "a.cpp:2", "Conv")

    def test_operator_elsewhere_or_in_a_comment_passes(self):
        self.expect_none(name_rules.check_operator_names,
                         {"core/src/ops/a.cpp": 'f("Conv");', "core/src/plan/a.cpp": '// "Conv"\nf("Convex");'})

    def test_vendor_in_core(self):
        self.expect_one(name_rules.check_provider_names, {"core/src/base/a.cpp": "int dnnl_x;"}, "dnnl")

    def test_provider_id_in_core(self):
        manifest = '{"provider": {"id": "org.example.one"}}'
        files = {"providers/one/manifest.json": manifest, "core/cli/a.cpp": 'f("org.example.one");'}
        self.expect_one(name_rules.check_provider_names, files, "org.example.one")

    def test_machine_path(self):
        path = "/".join(("", "home", "someone", "x"))
        self.expect_one(name_rules.check_machine_paths, {"README.md": f"see {path}\n"}, "README.md:1")

    def test_part_of_a_longer_path_passes(self):
        self.expect_none(name_rules.check_machine_paths, {"a.md": "see build/" + "tmp/x and $HOME/" + "work/y"})


class TopLevel(Scratch):
    def test_a_new_name(self):
        self.expect_one(tree_rules.check_top_level, {"stuff/a.cpp": "", ".ci/run": "", "core/x": ""}, "stuff")

    def test_long_file_is_reported(self):
        tree = self.write({"core/a.cpp": "\n" * 401, "core/b.cpp": "\n" * 400})
        self.assertEqual(tree_rules.long_files(tree), [(401, "core/a.cpp")])


class Text(unittest.TestCase):
    def test_comments_go_and_lines_stay(self):
        text = 'a /* x\ny */ b // c\n"// not a comment" d'
        self.assertEqual(without_comments(text).split(), ["a", "b", '"//', "not", "a", 'comment"', "d"])
        self.assertEqual(without_comments(text).count("\n"), 2)

    def test_literals_of_both_kinds(self):
        text = 'f("a\\"b");\n// "no"\ng(R"x(c"d)x");'
        self.assertEqual([line for line, _ in string_literals(text)], [1, 3])


class Format(Scratch):
    def test_bad_layout_is_found(self):
        self.write({".clang-format": "BasedOnStyle: Google\n", "core/a.cpp": "int  main( ) {return 0;}\n"})
        try:
            self.assertEqual(len(lint.lint_format(self.folder.name)), 1)
        except FileNotFoundError:
            self.skipTest("no clang-format")


class Symbols(Scratch):
    def build(self, name, source, *options):
        source_file = pathlib.Path(self.folder.name, name + ".c")
        source_file.write_text(source)
        library = pathlib.Path(self.folder.name, f"lib{name}.so")
        subprocess.run(["cc", "-shared", "-fPIC", *options, "-o", library, source_file], check=True)
        return library

    def test_provider(self):
        good = self.build("good", "int bp_provider_open_v1(void) { return 0; }")
        self.assertEqual(list(symbol_rules.check_provider_library(good)), [])
        bad = self.build("bad", "int bp_provider_open_v1(void) { return 0; } int helper(void) { return 1; }")
        self.assertIn("helper", next(symbol_rules.check_provider_library(bad)))
        none = self.build("none", "static int x; int *f(void); ", "-fvisibility=hidden")
        self.assertIn("nothing", next(symbol_rules.check_provider_library(none)))

    def test_judge(self):
        def compile(name, source):
            folder = pathlib.Path(self.folder.name, "src", name)
            folder.mkdir(parents=True)
            (folder / "a.c").write_text(source)
            subprocess.run(["cc", "-c", "-o", folder / "a.o", folder / "a.c"], check=True)
            return folder / "a.o"

        graph = compile("graph", "int graph(void) { return 0; } int main(void) { return 0; }")
        plan = compile("plan", "int plan(void) { return 0; }")
        program = pathlib.Path(self.folder.name, "program")
        subprocess.run(["cc", "-o", program, graph], check=True)
        self.assertEqual(lint.lint_judge(pathlib.Path(self.folder.name, "src"), program), [])
        subprocess.run(["cc", "-o", program, graph, plan], check=True)
        self.assertIn("plan the first", lint.lint_judge(pathlib.Path(self.folder.name, "src"), program)[0])

    def test_core(self):
        good = self.build("core", "int bp_version(void) { return 0; } int _ZN2bp7versionEv(void) { return 0; }")
        self.assertEqual(list(symbol_rules.check_core_library(good)), [])
        bad = self.build("leaky", "int onnx_x(void) { return 0; }")
        self.assertIn("onnx_x", next(symbol_rules.check_core_library(bad)))
        fat = self.build("fat", f"char bp_fat[{symbol_rules.MAX_CORE_BYTES + 1}] = {{1}};")
        self.assertIn("bytes stripped", next(symbol_rules.check_core_library(fat)))
        vendor = self.build("gomp", "int bp_x(void) { return 0; }", "-Wl,--no-as-needed", "-l:libgomp.so.1")
        self.assertIn("gomp", next(symbol_rules.check_core_library(vendor)))


if __name__ == "__main__":
    unittest.main()
