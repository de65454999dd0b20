"""What every function of the headers has to say in its comment, checked."""

import re

THREADS = re.compile(r"\[(any-thread|serial per [a-z]+)\]")
SINCE = re.compile(r"Since (\d+\.\d+|revision \d+)\.")


def missing(api):
    found = []
    for struct in api.structs:
        functions = [field for field in struct.fields if field.is_function]
        for field in functions:
            label = f"{struct.header}: {struct.name}::{field.name}"
            if not SINCE.search(field.comment):
                found.append(f"{label}: the comment does not say since when it exists")
            if not THREADS.search(field.comment):
                found.append(f"{label}: the comment has no thread tag")
            if field.declaration.startswith("bp_status ") and "Status:" not in field.comment \
                    and struct.name != "bp_host":
                found.append(f"{label}: the comment names no status codes")
            if struct.name.endswith("_api") and not re.search(r"\b(Mandatory|Optional)\b", field.comment):
                found.append(f"{label}: the comment does not say whether it is mandatory")
        if not functions and not struct.comment and not struct.fields[0].comment:
            found.append(f"{struct.header}: {struct.name} has no comment")
    for callback in api.callbacks:
        if not callback.comment:
            found.append(f"{callback.name} has no comment")
    return found
