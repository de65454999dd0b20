"""The HTML page in a real browser: nothing is wider than the screen on a phone or a desk, in light and dark, and it
prints. Skipped where there is no Chromium.

usage: page_layout_test.py SAMPLE_WRITER
"""

import html
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)
if BROWSER is None:
    print("skipped: none of " + ", ".join(BROWSERS) + " is installed")
    sys.exit(77)
WRITER = sys.argv[1]

# What sticks out of the window, and what is wider than its own box. Everything unfolded.
PROBE = """
<script>
for (const fold of document.querySelectorAll("details")) fold.open = true;
const width = document.documentElement.clientWidth, wide = [];
for (const element of document.body.querySelectorAll("*")) {
  const box = element.getBoundingClientRect();
  const spills = element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1;
  if (box.right > width + 1 || box.left < -1 || spills) {
    wide.push(element.tagName + "." + element.className + " to " + Math.round(box.right) + ": " +
      element.textContent.slice(0, 60));
  }
}
const style = getComputedStyle(document.body);
document.title = JSON.stringify({
  width, scroll: document.documentElement.scrollWidth, wide: wide.slice(0, 8), background: style.backgroundColor,
  height: document.documentElement.scrollHeight});
</script>
"""


class PageLayout(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.scratch.cleanup)
        cls.folder = pathlib.Path(cls.scratch.name)
        for kind, operators in (("sample", "170"), ("hostile", "6")):
            subprocess.run([WRITER, cls.folder / kind, kind, operators], check=True)
            page = (cls.folder / kind / "report.html").read_text(encoding="utf-8")
            # The page's own policy forbids scripts; the copy that is measured has to run one.
            probed, removed = re.subn(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", page)
            assert removed == 1
            (cls.folder / f"{kind}.html").write_text(probed.replace("</body>", PROBE + "</body>"), encoding="utf-8")

    def browse(self, *arguments):
        command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                   f"--user-data-dir={self.folder / 'profile'}", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout

    def measure(self, kind, width, *arguments):
        dom = self.browse(f"--window-size={width},900", "--dump-dom", *arguments, f"file://{self.folder}/{kind}.html")
        return json.loads(html.unescape(re.search("<title>(.*?)</title>", dom, re.DOTALL).group(1)))

    def test_nothing_is_wider_than_the_screen(self):
        for kind, widths in (("sample", (360, 390, 768, 1280)), ("hostile", (390, 1280))):
            for width in widths:
                with self.subTest(kind=kind, width=width):
                    found = self.measure(kind, width)
                    self.assertEqual(found["width"], width, "the browser did not take the width")
                    self.assertEqual(found["wide"], [])
                    self.assertLessEqual(found["scroll"], width)

    def test_dark(self):
        light = self.measure("sample", 390, "--blink-settings=preferredColorScheme=1")
        dark = self.measure("sample", 390, "--blink-settings=preferredColorScheme=0")
        self.assertEqual(light["background"], "rgb(255, 255, 255)")
        self.assertNotEqual(dark["background"], light["background"])
        self.assertEqual(dark["height"], light["height"], "colours alone differ")

    def test_prints(self):
        for kind in ("sample", "hostile"):
            file = self.folder / f"{kind}.pdf"
            self.browse(f"--print-to-pdf={file}", f"file://{self.folder}/{kind}/report.html")
            data = file.read_bytes()
            self.assertTrue(data.startswith(b"%PDF"))
            pages = len(re.findall(rb"/Type\s*/Page\b", data))
            self.assertGreaterEqual(pages, 3)
            if kind == "sample":
                self.assertLessEqual(pages, 16, "a table has probably collapsed to a column of letters")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
