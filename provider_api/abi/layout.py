"""Layout of every struct, as a C compiler lays it out: the list comes from the headers, the numbers from a program."""

import pathlib
import subprocess
import tempfile

import header_parser


class LayoutError(Exception):
    pass


def run(command, **arguments):
    done = subprocess.run(command, capture_output=True, text=True, **arguments)
    if done.returncode != 0:
        raise LayoutError(f"{' '.join(map(str, command))}: {done.stderr}")
    return done.stdout


def program(api):
    lines = ["#include <stdio.h>"] + [f"#include <{header}>" for header in api.headers]
    lines.append("int main(void) {")
    for struct in api.structs:
        lines.append(f'  printf("struct {struct.name} size %zu align %zu\\n", sizeof({struct.name}), '
                     f"_Alignof({struct.name}));")
        for field in struct.fields:
            lines.append(f'  printf("  %3zu %3zu  %s\\n", offsetof({struct.name}, {field.name}), '
                         f"sizeof((({struct.name}*)0)->{field.name}), \"{field.declaration}\");")
    for constant in api.constants:
        form = "%s" if constant.value.startswith('"') else "%lld"
        value = constant.name if form == "%s" else f"(long long){constant.name}"
        lines.append(f'  printf("constant {constant.name} {form}\\n", {value});')
    for callback in api.callbacks:
        lines.append(f'  puts("{callback.declaration}");')
    lines += ["  return 0;", "}", ""]
    return "\n".join(lines)


def measure(include, compiler="cc"):
    """The golden text: structs with offset, size and declaration of every field; constants; callbacks."""
    api = header_parser.parse(include)
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "layout.c")
        source.write_text(program(api))
        run([compiler, "-std=c11", "-I", str(include), str(source), "-o", f"{folder}/layout"])
        return run([f"{folder}/layout"])


def parse(text):
    """Of a golden text: {struct: [(offset, size, declaration)]} and the set of all other lines."""
    structs, others, fields = {}, set(), None
    for line in text.splitlines():
        if line.startswith("struct "):
            fields = structs.setdefault(line.split()[1], [])
        elif line.startswith("  ") and fields is not None:
            offset, size, declaration = line.split(None, 2)
            fields.append((int(offset), int(size), declaration))
        elif line:
            others.add(line)
    return structs, others


def padding(text):
    """Gaps between fields: a field that fits into one would not move struct_size."""
    found = []
    for name, fields in parse(text)[0].items():
        end = 0
        for offset, size, declaration in fields:
            if offset != end:
                found.append(f"{name}: {offset - end} bytes of padding before '{declaration}'")
            end = offset + size
    return found


def compare(golden, now):
    """Lists of what is broken (never allowed) and of what is new (allowed in a new minor)."""
    broken, new = [], []
    old_structs, old_others = parse(golden)
    structs, others = parse(now)
    for name, old_fields in old_structs.items():
        fields = structs.get(name)
        if fields is None:
            broken.append(f"{name}: is gone")
            continue
        for index, old in enumerate(old_fields):
            if index >= len(fields) or fields[index] != old:
                found = f"'{fields[index][2]}' at {fields[index][0]}" if index < len(fields) else "the end"
                broken.append(f"{name}: expected '{old[2]}' at {old[0]}, found {found}")
                break
        else:
            new += [f"{name}: '{field[2]}' at {field[0]}" for field in fields[len(old_fields):]]
    broken += [f"is gone or changed: {line}" for line in sorted(old_others - others)]
    new += [f"struct {name}" for name in structs if name not in old_structs]
    new += sorted(others - old_others)
    return broken, new
