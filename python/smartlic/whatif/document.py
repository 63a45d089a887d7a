"""A scenario's YAML: its content as plain types, and the line of each key, so that an error can name it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from smartlic.errors import InputError
from smartlic.whatif.reading import Misfit, Place, unknown_key

__all__ = ["located", "read", "text_of"]


class _Loader(yaml.SafeLoader):
    """Times stay text: ``smartlic.times.instant`` reads them, as in Python, and says what it expected."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def read(text: str, source: str, known: Sequence[str]) -> tuple[dict[str, Any], dict[Place, int]]:
    """The content, and lines by place: ``("outages",)``, ``("outages", "0")``, ``("refusals", "0", "code")``.

    Raises ``InputError`` for what is not YAML, not a mapping, a key that is not ``known``, and one that occurs twice.
    """
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        if not isinstance(root, yaml.MappingNode):
            raise _unreadable(source, 1, f"expected keys such as {', '.join(known[:3])}, each with a value")
        lines = _lines(root, source, known)
        return loader.construct_document(root), lines
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise _unreadable(
            source, mark.line + 1 if mark else 1, f"this is not YAML: {getattr(error, 'problem', error)}"
        ) from error
    finally:
        loader.dispose()


def located(error: Misfit, source: str, lines: Mapping[Place, int]) -> InputError:
    """The error with its line: that of the value's place, or of the nearest one around it that is written there."""
    places = (error.place[:length] for length in range(len(error.place), 0, -1))
    line = next((lines[place] for place in places if place in lines), 1)
    return InputError(f"{source} line {line}: {error}", error.code, error.retry)


def text_of(path: Path) -> str:
    """A YAML file's text. Raises ``InputError`` if it cannot be read or is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}", "not_found", "after_change") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text", "invalid_argument", "never") from error


def _lines(root: yaml.MappingNode, source: str, known: Sequence[str]) -> dict[Place, int]:
    """The line of every key and item, however deep."""
    for key, _ in root.value:
        if str(key.value) not in known:
            raise _unreadable(source, key.start_mark.line + 1, unknown_key(str(key.value), known))
    lines: dict[Place, int] = {}
    inner: list[tuple[Place, yaml.Node]] = [((), root)]
    seen: set[int] = set()  # an alias may lead back to what it is part of
    for place, node in inner:  # grows while it is read
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            parts = [((*place, str(key.value)), key, value) for key, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            parts = [((*place, str(index)), item, item) for index, item in enumerate(node.value)]
        else:
            continue
        for where, mark, value in parts:
            line = mark.start_mark.line + 1
            if where in lines:
                first = lines[where]
                raise _unreadable(source, line, f"'{where[-1]}' is here a second time; the first is in line {first}")
            lines[where] = line
            inner.append((where, value))
    return lines


def _unreadable(source: str, line: int, what: str) -> InputError:
    return InputError(f"{source} line {line}: {what}", "invalid_argument", "never")
