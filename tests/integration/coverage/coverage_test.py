"""Makes the table of operators anew and compares it with the committed page.

What the page says runs must still run: a promise that is gone, or an operator that is not asked about, fails. What
runs now and is not on the page yet is only printed: `build/tests/backplane_coverage build/plugins >
core/docs/onnx_coverage.md` adds it.
"""

import re
import subprocess
import sys

ROW = re.compile(r"^\| (\w+) \| (\d+) \| ([^|]*)\| ([^|]*)\| ([^|]*)\| ([^|]*)\|$")


def promises(page):
    """What runs, as (domain, operator, form, type), and all forms, as (domain, operator, form)."""
    runs, forms, domain = set(), set(), None
    for line in page.splitlines():
        if line.startswith("### "):
            domain = line[4:]
        match = ROW.match(line)
        if not match:
            continue
        form = (domain, match[1], match[2])
        forms.add(form)
        for column in (3, 4, 5):
            runs |= {(*form, word) for word in match[column].split()}
    return runs, forms


def main():
    tool, plugins, committed = sys.argv[1:]
    made = subprocess.run([tool, plugins], stdout=subprocess.PIPE, check=True, text=True).stdout
    now, now_forms = promises(made)
    with open(committed, encoding="utf-8") as file:
        page, page_forms = promises(file.read())
    lost = sorted(page - now)
    print(f"{len(now)} combinations of form and type run, {len(page)} are on the page, {len(now - page)} are new")
    for domain, operator, form, element in lost:
        print(f"does not run any more: {domain} {operator} {form} {element}")
    gone = sorted(page_forms - now_forms)
    for form in gone:
        print("not asked about any more:", *form)
    return 0 if len(now) > 500 and page and not lost and not gone else 1


if __name__ == "__main__":
    sys.exit(main())
