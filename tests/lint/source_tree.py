"""The files of a source tree, and C or C++ text taken apart as far as the rules need it."""

import pathlib
import re
import subprocess

CODE_SUFFIXES = (".c", ".h", ".cpp", ".hpp", ".cc", ".cl", ".cu")

_TOKEN = re.compile(
    r'''(?P<comment>//[^\n]*|/\*.*?\*/)'''
    r'''|(?P<raw>R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)")'''
    r'''|(?P<string>"(?:\\.|[^"\\\n])*")'''
    r"""|(?P<char>'(?:\\.|[^'\\\n])+')""",
    re.DOTALL,
)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.MULTILINE)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def without_comments(text):
    """The text with every comment blanked; lines keep their numbers."""

    def blank(match):
        if match.lastgroup == "comment" or match.group("comment"):
            return re.sub(r"[^\n]", " ", match.group(0))
        return match.group(0)

    return _TOKEN.sub(blank, text)


def string_literals(text):
    """(line, content) of each string literal that is not in a comment."""
    for match in _TOKEN.finditer(text):
        if match.group("string"):
            yield line_of(text, match.start()), match.group("string")[1:-1]
        elif match.group("raw"):
            yield line_of(text, match.start()), match.group("raw")


def includes(text):
    """(line, quote, path) of each include directive."""
    for match in _INCLUDE.finditer(without_comments(text)):
        yield line_of(text, match.start()), match.group(1), match.group(2)


class SourceTree:
    """A folder; its files are what git tracks or would track, or all of them where there is no git."""

    def __init__(self, root):
        self.root = pathlib.Path(root).resolve()
        self.files = sorted(self._list())

    def _list(self):
        if (self.root / ".git").exists():
            command = ["git", "-C", str(self.root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
            listed = subprocess.run(command, check=True, capture_output=True).stdout.decode()
            names = [name for name in listed.split("\0") if name]
        else:
            names = [str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file()]
        return [name for name in set(names) if (self.root / name).is_file()]

    def code_files(self, *folders):
        """Tracked C and C++ files, all of them or those below the given folders."""
        for name in self.files:
            if name.endswith(CODE_SUFFIXES) and (not folders or name.startswith(tuple(f + "/" for f in folders))):
                yield name

    def text(self, name):
        """A file's text, or None for a binary one."""
        data = (self.root / name).read_bytes()
        if b"\0" in data[:8192]:
            return None
        return data.decode("utf-8", errors="replace")
