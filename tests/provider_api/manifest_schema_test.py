"""The manifest's JSON Schema is one, takes the manifests of this tree, and refuses what the loader refuses.

  manifest_schema_test.py SOURCE_ROOT
"""

import json
import pathlib
import sys
import unittest

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)

ROOT = pathlib.Path(sys.argv.pop(1)).resolve()
SCHEMA = json.loads((ROOT / "provider_api" / "manifest.schema.json").read_text())
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)

CASES = json.loads(pathlib.Path(__file__).with_name("manifest_cases.json").read_text())


class ManifestSchema(unittest.TestCase):
    def errors(self, manifest):
        return [error.message for error in VALIDATOR.iter_errors(manifest)]

    def test_it_is_a_schema(self):
        jsonschema.Draft7Validator.check_schema(SCHEMA)

    def test_it_takes_the_manifests_of_this_tree(self):
        manifests = [path for folder in ("providers", "examples") for path in (ROOT / folder).rglob("manifest.json")]
        self.assertGreaterEqual(len(manifests), 1)
        for path in manifests:
            self.assertEqual(self.errors(json.loads(path.read_text())), [], path)

    def test_it_judges_every_case_as_said(self):
        # The loader's parser is held to the same cases: tests/core/provider/manifest_cases_test.cpp.
        self.assertGreater(len(CASES), 40)
        for case in CASES:
            errors = self.errors(case["manifest"])
            self.assertEqual(not errors, case["valid"], f"{case['name']}: {errors}")


if __name__ == "__main__":
    unittest.main()
