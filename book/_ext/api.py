"""Pages of the package's public names, with their signatures and docstrings.

`{api} training` is one group of `ae_course.__all__`, where comments name the groups, and
`{api} ae_course.exercises` a module that is not in it; with `:list:` it is one line for each name.
griffe reads the source. Nothing is imported, since torch alone would take as long as the book.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from textwrap import indent
from typing import Any

import griffe
from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx import addnodes
from sphinx.ext.napoleon import Config
from sphinx.ext.napoleon.docstring import NumpyDocstring
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[2]
STYLE: Any = Config(napoleon_use_param=False, napoleon_use_rtype=False)  # types in words
HOOKS = {"extra_repr"}  # public, since torch calls it; nobody else does
# Sphinx writes one argument a line as definitions without terms, which is no valid list
ARGUMENTS = re.compile(r'<dl>\n((?:<dd><em class="sig-param">.*</dd>\n)+)</dl>')


@cache
def package() -> Any:
    """What griffe finds in the source of the package."""
    return griffe.load("ae_course", search_paths=[ROOT], resolve_aliases=True)


def find(path: str) -> Any:
    """The object that a public name such as `ae_course.train` stands for."""
    thing = package()[path.partition(".")[2]]
    # a module may give its name to what a package takes from it: from .check import check
    return thing.members.get(thing.name, thing) if thing.is_module else thing


@cache
def groups() -> dict[str, list[str]]:
    """The public names below each comment in `ae_course.__all__`."""
    text = package().filepath.read_text(encoding="utf-8").partition("\n__all__")[2]
    _, *parts = re.split(r"\n    # (.+)", text)
    return {
        group: [f"ae_course.{name}" for name in re.findall(r'"(\w+)"', names)]
        for group, names in zip(parts[::2], parts[1::2], strict=True)
    }


def entries(group: str) -> Iterator[str]:
    """The public names of a group; a module is followed by its own."""
    for path in groups().get(group, [group]):
        yield path
        if find(path).is_module:
            yield from (f"{path}.{name}" for name in find(path).exports)


@cache
def public() -> dict[str, str]:
    """Where a public object is defined -> its public name."""
    return {find(path).canonical_path: path for group in groups() for path in entries(group)}


def methods(thing: Any) -> list[Any]:
    """The methods of a class that are meant for its users."""
    found = [one for one in thing.members.values() if one.is_function and one.is_public]
    return [one for one in found if one.docstring and one.name not in HOOKS]


def text(thing: Any) -> list[str]:
    """A docstring as reStructuredText."""
    return list(NumpyDocstring(thing.docstring.value, STYLE, what=thing.kind.value).lines())


def described(path: str) -> str:
    """The entry of a public name, as reStructuredText."""
    thing, (module, _, name) = find(path), path.rpartition(".")
    if thing.is_module:
        return "\n".join([f".. py:module:: {path}", "", *text(thing), ""])
    if thing.is_attribute:
        lines = [f".. py:data:: {name}", f"   :type: {thing.annotation}"]
    else:
        signature = thing.signature(return_type=thing.is_function) or name
        lines = [f".. py:{thing.kind.value}:: {signature}"]
    lines.append(f"   :module: {module}")
    body = text(thing)
    for method in methods(thing) if thing.is_class else []:
        body += ["", f".. py:method:: {method.signature(return_type=True)}", ""]
        body += [indent(line, "   ") for line in text(method)]
    return "\n".join([*lines, "", *(indent(line, "   ") for line in body), ""])


def link_types(entry: addnodes.desc_signature) -> None:
    """Give each name in a signature its full form, so that it finds its page, or no link."""
    scope = find(f"{entry['module']}.{entry['fullname']}")
    for link in list(entry.findall(addnodes.pending_xref)):
        first, dot, rest = link["reftarget"].partition(".")
        try:
            full = scope.resolve(first) + dot + rest
        except griffe.NameResolutionError:  # built in
            continue
        link["reftarget"] = public().get(full, full)
        if link["reftarget"].startswith("ae_course.") and full not in public():
            link.replace_self(link.children)


class Api(SphinxDirective):
    """The entries of a group, or a list of them."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec = {"list": directives.flag}  # noqa: RUF012  as docutils has it

    def run(self) -> list[nodes.Node]:
        """Write them in reStructuredText and let Sphinx's own domain read it."""
        paths = list(entries(self.arguments[0]))
        for path in paths:
            self.env.note_dependency(str(find(path).filepath))
        if "list" in self.options:
            lines = [".. py:currentmodule:: ae_course", ""]
            lines += [
                f"* :py:obj:`{short(path)} <{path}>`: {text(find(path))[0]}" for path in paths
            ]
        else:
            lines = "\n".join(map(described, paths)).splitlines()
        holder = nodes.Element()
        self.state.nested_parse(StringList(["~~~{eval-rst}", *lines, "~~~"]), 0, holder)
        for words in holder.findall(nodes.emphasis):
            words["support_smartquotes"] = False  # types: "gru" is a string of Python
        for entry in holder.findall(addnodes.desc_signature):
            link_types(entry)
            for place in entry.findall(addnodes.desc_addname):
                place[:] = [nodes.Text(short(place.astext()))]
        return list(holder.children)


def short(path: str) -> str:
    """A name as a lesson writes it; of the exercises, which it imports by name, as it is."""
    return path if path.startswith("ae_course.exercises") else path.replace("ae_course.", "ae.", 1)


def lines_of_arguments(app: Any, page: str, template: str, context: dict[str, Any], _: Any) -> None:
    """Write long signatures as lines that a style sheet can indent."""
    if "body" in context:
        context["body"] = ARGUMENTS.sub(
            lambda found: (
                found[1].replace("<dd>", '<span class="ae-argument">').replace("</dd>", "</span>")
            ),
            context["body"],
        )


def setup(app: Any) -> dict[str, Any]:
    """Register the directive and the pass over signatures."""
    app.add_directive("api", Api)
    app.connect("html-page-context", lines_of_arguments)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
