"""The report's files seen from outside: the schema, the digests, JUnit and CSV as other programs read them, and the
commands that read a report.

usage: report_files_test.py SAMPLE_WRITER SCHEMA BACKPLANE_CONFORMANCE BROKEN_PROVIDERS
"""

import csv
import hashlib
import html.parser
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)

WRITER, SCHEMA, PROGRAM, BROKEN = sys.argv[1:5]
FOLDERS = {}


def setUpModule():
    scratch = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(scratch.cleanup)
    for kind in ("sample", "hostile"):
        FOLDERS[kind] = pathlib.Path(scratch.name, kind)
        subprocess.run([WRITER, FOLDERS[kind], kind], check=True)


def report(kind="sample"):
    return json.loads((FOLDERS[kind] / "report.json").read_text(encoding="utf-8"))


class Schema(unittest.TestCase):
    validator = jsonschema.Draft7Validator(json.loads(pathlib.Path(SCHEMA).read_text()))

    def errors(self, document):
        return [f"{list(error.path)}: {error.message}" for error in self.validator.iter_errors(document)]

    def test_is_a_schema(self):
        jsonschema.Draft7Validator.check_schema(self.validator.schema)

    def test_takes_a_report(self):
        self.assertEqual(self.errors(report()), [])

    def test_every_object_is_closed(self):
        def objects(value):
            if isinstance(value, dict):
                if value.get("type") == "object":
                    yield value
                for member in value.values():
                    yield from objects(member)

        for value in objects(self.validator.schema):
            self.assertIn("additionalProperties", value)

    def test_refuses(self):
        def case(document):
            return document["cases"][0]

        changes = {
            "unknown outcome": lambda d: case(d).update(outcome="Passed"),
            "unknown member": lambda d: case(d).update(verdict="Pass"),
            "missing id": lambda d: case(d).pop("id"),
            "number as text": lambda d: case(d).update(duration_us="7"),
            "seed as number": lambda d: case(d).update(seed=7),
            "negative count": lambda d: d["totals"].update(planned=-1),
            "missing outcome in totals": lambda d: d["totals"]["outcomes"].pop("Flake"),
            "level as number": lambda d: d["run"].update(level=2),
            "short digest": lambda d: d["digests"].update(report="abc"),
            "other format": lambda d: d.update(format="backplane.conformance.report/2"),
            "missing section": lambda d: d.pop("waivers"),
        }
        for name, change in changes.items():
            document = report()
            change(document)
            self.assertNotEqual(self.errors(document), [], name)


class Digests(unittest.TestCase):
    """docs/reports.md tells how they are made; this is that in another language."""

    @staticmethod
    def digest(value):
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def test_sections(self):
        for kind in FOLDERS:
            document = report(kind)
            digests = document.pop("digests")
            expected = {name: self.digest(value) for name, value in document.items() if name != "format"}
            expected["report"] = self.digest(document)
            self.assertEqual(digests, expected)

    def test_cases(self):
        for case in report()["cases"]:
            digest = case.pop("digest")
            self.assertEqual(digest, self.digest(case)[:16], case["id"])


class JUnit(unittest.TestCase):
    def test_parses_and_adds_up(self):
        for kind in FOLDERS:
            suites = xml.etree.ElementTree.parse(FOLDERS[kind] / "junit.xml").getroot()
            total = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
            for suite in suites.findall("testsuite"):
                found = {
                    "tests": len(suite.findall("testcase")),
                    "failures": len(suite.findall("testcase/failure")),
                    "errors": len(suite.findall("testcase/error")),
                    "skipped": len(suite.findall("testcase/skipped")),
                }
                self.assertEqual({name: int(suite.get(name)) for name in found}, found)
                total = {name: total[name] + found[name] for name in total}
            self.assertEqual({name: int(suites.get(name)) for name in total}, total)
            self.assertEqual(total["tests"], report(kind)["totals"]["planned"])


class Csv(unittest.TestCase):
    def test_one_line_per_case(self):
        for kind in FOLDERS:
            with open(FOLDERS[kind] / "cases.csv", newline="", encoding="utf-8") as file:
                rows = list(csv.DictReader(file, strict=True))
            cases = report(kind)["cases"]
            self.assertEqual([row["outcome"] for row in rows], [case["outcome"] for case in cases])
            self.assertEqual([row["seed"] for row in rows], [case["seed"] for case in cases])
            for row in rows:
                self.assertNotIn(None, row, "more cells than columns")
                self.assertFalse(row["text"].startswith("="))


class Page(unittest.TestCase):
    def test_tags_match(self):
        void = {"meta", "link", "col", "wbr", "br"}

        class Parser(html.parser.HTMLParser):
            def __init__(self):
                super().__init__()
                self.open, self.seen = [], set()

            def handle_starttag(self, tag, attributes):
                self.seen.add(tag)
                if tag not in void:
                    self.open.append(tag)

            def handle_endtag(self, tag):
                assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-3:]} at {self.getpos()}"
                self.open.pop()

        for kind in FOLDERS:
            parser = Parser()
            parser.feed((FOLDERS[kind] / "report.html").read_text(encoding="utf-8"))
            self.assertEqual(parser.open, [])
            self.assertNotIn("x-evil", parser.seen)
            self.assertNotIn("script", parser.seen)

    def test_text_is_legible(self):
        """WCAG 2's contrast of every colour that text has, in light and in dark."""

        def luminance(colour):
            parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
            linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
            return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

        page = (FOLDERS["sample"] / "report.html").read_text(encoding="utf-8")
        schemes = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in re.findall(r":root {[^}]*}", page)]
        self.assertGreaterEqual(len(schemes), 2)
        for colours in schemes[:2]:
            for text in ("fg", "muted", "accent", "pass", "bad", "host", "waived", "untested"):
                for ground in ("bg", "panel") + ((text + "-soft",) if text in ("pass", "bad") else ()):
                    light, dark = sorted((luminance(colours[text]), luminance(colours[ground])), reverse=True)
                    self.assertGreaterEqual((light + 0.05) / (dark + 0.05), 4.5, f"{text} on {ground} in {colours}")

    def test_badge_is_svg(self):
        for kind in FOLDERS:
            root = xml.etree.ElementTree.parse(FOLDERS[kind] / "badge.svg").getroot()
            self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg")


class Commands(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.changed = pathlib.Path(scratch.name, "changed.json")

    def write_changed(self, change):
        document = report()
        change(document)
        self.changed.write_text(json.dumps(document), encoding="utf-8")

    def run_program(self, *arguments):
        done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def test_verify_takes_a_file_or_its_folder(self):
        for path in (FOLDERS["sample"], FOLDERS["sample"] / "report.json"):
            code, text = self.run_program("verify", path)
            self.assertEqual(code, 0, text)
            self.assertIn(report()["digests"]["report"], text)

    def test_verify_does_not_mind_another_layout(self):
        self.write_changed(lambda document: None)
        self.assertEqual(self.run_program("verify", self.changed)[0], 0)

    def test_verify_refuses_a_removed_case(self):
        self.write_changed(lambda document: document["cases"].pop(64))
        code, text = self.run_program("verify", self.changed)
        self.assertEqual(code, 1)
        self.assertIn("totals.planned: says", text)
        self.assertIn("groups 'ops'.planned: says", text)

    def test_verify_refuses_a_changed_number(self):
        self.write_changed(lambda document: document["cases"][64].update(duration_us=1))
        code, text = self.run_program("verify", self.changed)
        self.assertEqual(code, 1)
        self.assertIn(f"cases[64] '{report()['cases'][64]['id']}': was changed", text)

    def test_verify_shows_no_more_than_asked(self):
        self.write_changed(lambda document: document["cases"].clear())
        code, text = self.run_program("verify", self.changed, "--most", "2")
        self.assertEqual((code, text.count("\n")), (1, 4), text)

    def test_verify_without_a_file(self):
        code, text = self.run_program("verify", self.changed)
        self.assertEqual(code, 2)
        self.assertIn(f"cannot read '{self.changed}': No such file", text)

    def run_on(self, provider):
        folder = self.changed.parent / provider
        manifest = f"{BROKEN}/bp_broken_{provider}.json"
        code, text = self.run_program("run", "--provider", manifest, "--group", "abi", "--report", folder)
        return code, text, folder, manifest

    def test_a_run_writes_a_whole_report(self):
        code, text, folder, manifest = self.run_on("good")
        self.assertEqual(code, 0, text)
        for name in ("report.json", "report.html", "junit.xml", "cases.csv", "badge.svg"):
            self.assertTrue((folder / name).is_file(), name)
        document = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        self.assertEqual(Schema().errors(document), [])
        self.assertEqual(document["provider"]["device_name"], "reference device")
        self.assertEqual(document["run"]["filters"], ["--group abi"])
        self.assertEqual(self.run_program("verify", folder, "--provider", manifest)[0], 0)
        code, text = self.run_program("verify", folder, "--provider", f"{BROKEN}/bp_broken_crashes_in_open.json")
        self.assertEqual(code, 1)
        self.assertIn("provider.library_sha256: the report is about " + document["provider"]["library_sha256"], text)

    def test_a_provider_that_does_not_open_has_a_report(self):
        code, text, folder, _ = self.run_on("crashes_in_open")
        self.assertEqual(code, 1, text)
        document = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        self.assertEqual(Schema().errors(document), [])
        self.assertEqual(document["provider"]["device_label"], "")
        self.assertGreater(document["totals"]["outcomes"]["Crash"], 0)
        self.assertIn("opened no device", (folder / "report.html").read_text(encoding="utf-8"))
        self.assertEqual(self.run_program("verify", folder)[0], 0)

    def test_a_report_that_cannot_be_written_stops_the_run(self):
        self.changed.write_text("")
        code, text = self.run_program("run", "--provider", f"{BROKEN}/bp_broken_good.json", "--report", self.changed / "x")
        self.assertEqual(code, 2)
        self.assertIn(str(self.changed / "x"), text)
        self.assertNotIn("cases:", text)

    def test_diff_of_the_same(self):
        code, text = self.run_program("diff", FOLDERS["sample"], FOLDERS["sample"])
        self.assertEqual(code, 0, text)
        self.assertTrue(text.startswith("0 worse, 0 better"), text)

    def test_diff_of_others(self):
        code, text = self.run_program("diff", FOLDERS["sample"], FOLDERS["hostile"])
        self.assertEqual(code, 2, text)  # the hostile one is not whole: its groups are not its ids' first words
        self.assertIn("is not whole", text)

    def test_diff_finds_what_is_gone(self):
        fewer = FOLDERS["sample"].parent / "fewer"
        subprocess.run([WRITER, fewer, "sample", "11"], check=True)
        code, text = self.run_program("diff", FOLDERS["sample"], fewer, "--most", "3")
        self.assertEqual(code, 1, text)
        self.assertIn("Gone (", text)

    def test_diff_refuses_a_report_that_is_not_whole(self):
        self.write_changed(lambda document: document["cases"].pop(64))
        code, text = self.run_program("diff", FOLDERS["sample"], self.changed)
        self.assertEqual(code, 2)
        self.assertIn("totals.planned: says", text)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
