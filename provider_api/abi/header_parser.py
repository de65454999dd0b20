"""Reads the ABI's headers: every struct with its fields, every numeric and string constant, every comment.

It knows the few forms of declaration that the headers use and refuses anything else, so that nothing can be
overlooked: a struct that is not parsed is an error, not a gap in the golden files.
"""

import dataclasses
import pathlib
import re


class HeaderError(Exception):
    pass


@dataclasses.dataclass
class Field:
    name: str
    declaration: str  # as written, white space folded: "bp_status (*create)(bp_device device, bp_stream* stream)"
    comment: str

    @property
    def is_function(self):
        return "(*" in self.declaration


@dataclasses.dataclass
class Struct:
    name: str
    header: str
    fields: list
    comment: str


@dataclasses.dataclass
class Constant:
    name: str
    header: str
    value: str


@dataclasses.dataclass
class Api:
    headers: list  # paths relative to the include folder
    structs: list
    constants: list
    callbacks: list  # function typedefs: Field


# Macros that are no constants: helpers of base.h, and the minor, which every release counts up.
HELPERS = {
    "BP_ABI_MINOR",
    "BP_EXTERN_C", "BP_EXTERN_C_BEGIN", "BP_EXTERN_C_END", "BP_EXPORT", "BP_STRUCT_SIZE", "BP_HAS_FIELD", "BP_AT",
}
CONSTANT = re.compile(r'^(?:0x[0-9A-Fa-f]+|\d+)u$|^INT64_C\(-?\d+\)$|^"[^"]*"$')
TOKEN = re.compile(
    r"(?P<comment>/\*.*?\*/)"
    r"|(?P<struct>typedef struct (?P<name>\w+) \{(?P<body>[^{}]*)\} (?P<alias>\w+);)"
    r"|(?P<handle>typedef struct \w+_object\* \w+;)"
    r"|(?P<callback>typedef \w+ \(\*(?P<callback_name>\w+)\)\([^()]*\);)"
    r"|(?P<function>BP_EXTERN_C_BEGIN\s+BP_EXPORT [^;{}]*;\s+BP_EXTERN_C_END)"
    r"|(?P<space>\s+)", re.DOTALL)
FIELD = re.compile(r"(?P<comment>/\*.*?\*/)|(?P<field>[^;/]+;)|(?P<space>\s+)", re.DOTALL)


def fold(text):
    return re.sub(r"\s+", " ", text).strip()


def comment_text(comment):
    return fold(re.sub(r"^/\*|\*/$|^\s*\* ?", " ", comment, flags=re.MULTILINE))


def parse_fields(body, where):
    fields, position, pending = [], 0, []
    while position < len(body):
        match = FIELD.match(body, position)
        if not match:
            raise HeaderError(f"{where}: cannot read {body[position:position + 60]!r}")
        position = match.end()
        if match["comment"]:
            trailing = fields and "\n" not in body[fields[-1].end:match.start()]
            if trailing:
                fields[-1].comment = fold(fields[-1].comment + " " + comment_text(match["comment"]))
            else:
                pending.append(comment_text(match["comment"]))
        elif match["field"]:
            declaration = fold(match["field"][:-1])
            name = re.search(r"\(\*(\w+)\)\(", declaration) or re.search(r"(\w+)$", declaration)
            if not name or "[" in declaration or ("," in declaration and "(*" not in declaration):
                raise HeaderError(f"{where}: one plain field per declaration, not {declaration!r}")
            field = Field(name[1], declaration, " ".join(pending))
            field.end = match.end()
            fields.append(field)
            pending = []
    return fields


def parse_header(path, header, api):
    text = path.read_text()
    lines, skipped = [], False
    for line in text.splitlines():  # conditionals and includes go, constants are taken
        if line.startswith("#") or skipped:
            define = re.match(r"#define (\w+)(\(?)\s*(.*?)\s*(/\*.*)?$", line)
            if define and define[1] not in HELPERS and not define[1].endswith("_H"):
                if define[2] or not CONSTANT.match(define[3]):
                    raise HeaderError(f"{header}: #define {define[1]} is no constant that this tool can read")
                api.constants.append(Constant(define[1], header, define[3]))
            skipped = line.endswith("\\")
            lines.append(re.sub(r"/\*[^*]*\*/", "", line[line.index("/*"):]) if "/*" in line else "")
            if lines[-1].strip() and not lines[-1].lstrip().startswith("/*"):
                raise HeaderError(f"{header}: cannot read {line!r}")
        else:
            lines.append(line)
    text, position, comment = "\n".join(lines), 0, ""
    while position < len(text):
        match = TOKEN.match(text, position)
        if not match:
            raise HeaderError(f"{header}: cannot read {text[position:position + 60]!r}")
        position = match.end()
        if match["comment"]:
            comment = comment_text(match["comment"])
        elif match["struct"]:
            if match["name"] != match["alias"]:
                raise HeaderError(f"{header}: struct {match['name']} is also called {match['alias']}")
            fields = parse_fields(match["body"], f"{header}: {match['name']}")
            api.structs.append(Struct(match["name"], header, fields, comment))
            comment = ""
        elif match["callback"]:
            api.callbacks.append(Field(match["callback_name"], fold(match["callback"]), comment))
            comment = ""


def parse(include, drafts=False):
    """The API under `include`, a folder that holds backplane/provider. Drafts may change and are left out."""
    root = pathlib.Path(include)
    folder = root / "backplane" / "provider"
    api = Api([], [], [], [])
    for path in sorted(folder.rglob("*.h")):
        if "draft" in path.relative_to(folder).parts and not drafts:
            continue
        header = path.relative_to(root).as_posix()
        api.headers.append(header)
        parse_header(path, header, api)
    if not api.structs:
        raise HeaderError(f"no struct found under {folder}")
    return api
