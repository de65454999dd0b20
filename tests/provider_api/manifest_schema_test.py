"""The manifest's JSON Schema is one, takes the manifests of this tree, and refuses what the loader refuses.

  manifest_schema_test.py SOURCE_ROOT
"""

import copy
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

FULL = {
    "manifest_version": "1.0",
    "provider": {"id": "com.acme.npu", "name": "Acme NPU", "vendor": "Acme", "version": "2.1.0", "license": "Apache-2.0"},
    "abi": {"major": 1, "min_minor": 0, "max_minor": 3},
    "library": {"path": "libacme_npu.so", "sha256": "ab" * 32, "arch": "x86_64", "os": "linux"},
    "variants": [{"path": "libacme_npu_avx512.so", "priority": 30, "requires": {"cpu": ["avx512f", "avx512bw"]}}],
    "requires": {"shared_libraries": [{"soname": "libacme.so.4", "hint": "install acme-runtime 4.x"}]},
    "hints": {"priority": 50, "device_kinds": ["npu"]},
    "options": {"power_mode": "balanced", "cores": 4, "boost": 0.5, "quiet": True},
    "isolation": "in_process",
}


def changed(path, value):
    """FULL with the field at `path` set; None removes it."""
    manifest = copy.deepcopy(FULL)
    place = manifest
    for key in path[:-1]:
        place = place[key]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return manifest


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

    def test_it_takes_a_full_one_and_unknown_fields(self):
        self.assertEqual(self.errors(FULL), [])
        self.assertEqual(self.errors(changed(["provider", "colour"], "red")), [])
        self.assertEqual(self.errors(changed(["library", "path"], "sub/..hidden/lib.so")), [])

    def test_it_refuses_what_is_missing(self):
        for path in (["manifest_version"], ["provider"], ["abi"], ["library"], ["provider", "id"],
                     ["provider", "version"], ["abi", "major"], ["library", "path"],
                     ["requires", "shared_libraries", 0, "soname"]):
            self.assertNotEqual(self.errors(changed(path, None)), [], path)

    def test_it_refuses_what_is_wrong(self):
        for path, value in ((["manifest_version"], "2.0"), (["manifest_version"], 1),
                            (["provider", "id"], ".acme"), (["provider", "id"], "acme npu"),
                            (["library", "path"], "/usr/lib/libacme.so"), (["library", "path"], "../libacme.so"),
                            (["library", "path"], "a/../../b.so"), (["library", "path"], "a/.."),
                            (["library", "path"], ""), (["library", "sha256"], "abc"),
                            (["abi", "max_minor"], -1), (["abi", "major"], 1.5), (["hints", "priority"], 10 ** 9),
                            (["options", "power_mode"], ["a"]), (["variants"], {}),
                            (["requires", "shared_libraries", 0, "soname"], "/lib/libacme.so.4")):
            self.assertNotEqual(self.errors(changed(path, value)), [], (path, value))


if __name__ == "__main__":
    unittest.main()
