"""A scenario's YAML: its content as plain types, and the line of each key, so that an error can name it."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

import yaml

from smartlic.errors import InputError

__all__ = ["read"]


class _Loader(yaml.SafeLoader):
    """Times stay text: ``smartlic.times.instant`` reads them, as in Python, and says what it expected."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def read(text: str, source: str, known: Sequence[str]) -> tuple[dict[str, Any], dict[tuple[str, ...], int]]:
    """The content, and lines by place: ``("outages",)``, ``("outages", "0")``, ``("requested", "CUSP-5")``.

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


def _lines(root: yaml.MappingNode, source: str, known: Sequence[str]) -> dict[tuple[str, ...], int]:
    lines: dict[tuple[str, ...], int] = {}

    def note(place: tuple[str, ...], node: yaml.Node) -> None:
        line = node.start_mark.line + 1
        if place in lines:
            raise _unreadable(source, line, f"'{place[-1]}' is here a second time; the first is in line {lines[place]}")
        lines[place] = line

    for key, value in root.value:
        name = str(key.value)
        if name not in known:
            raise _unreadable(source, key.start_mark.line + 1, _unknown(name, known))
        note((name,), key)
        if isinstance(value, yaml.MappingNode):
            for inner, _ in value.value:
                note((name, str(inner.value)), inner)
        elif isinstance(value, yaml.SequenceNode):
            for index, item in enumerate(value.value):
                note((name, str(index)), item)
    return lines


def _unknown(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(known)}"
    return f"unknown key '{name}'; {hint}"


def _unreadable(source: str, line: int, what: str) -> InputError:
    return InputError(f"{source} line {line}: {what}", "invalid_argument", "never")
