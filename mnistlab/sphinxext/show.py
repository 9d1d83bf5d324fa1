"""The ``show`` directive: an object's own source, as short as a page needs it.

    ```{show} mnistlab.evaluate
    ```

prints the function as the package has it, comments included, but without its docstring, without
type annotations in its signature (both are on the API page, to which a link leads), without the
calls that only check its arguments (named ``_check...``), and without private decorators. Several
names are shown one after the other. ``:options: hide`` writes ``...`` for keyword-only parameters.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import textwrap
from dataclasses import dataclass
from types import ModuleType
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)

SIGNATURE_COLUMNS = 50
"""A signature that is longer is wrapped."""
COLUMNS = 52
"""What fits a phone's width; longer lines give a warning."""
LINES = 25
"""What a reader takes in at once; longer code gives a warning."""

TOOL_COMMENT = re.compile(r"\s+# (fmt:|noqa|type: ignore).*$")
"""A comment that speaks to a tool, not to a reader."""

CHECK = re.compile(r"_check|_torch\.check")
"""Beginning of a call that does nothing but check arguments: a page leaves it out."""

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class ShowError(ValueError):
    """What a page asks to show can't be shown. The message says why."""


@dataclass(frozen=True)
class Shown:
    """The code of one object, and the name under which the API page has it."""

    code: str
    target: str


def find(name: str) -> tuple[ModuleType, str]:
    """The module that defines an object, and the object's name within that module."""
    module, rest = _longest_module(name.split("."))
    if not rest:
        raise ShowError(f"can't show {name!r}: it is a module; name a function or class in it")
    value: Any = module
    for part in rest:
        if not hasattr(value, part):
            raise ShowError(f"can't show {name!r}: {module.__name__!r} has no {'.'.join(rest)!r}")
        value = getattr(value, part)
    if inspect.isfunction(value) or inspect.isclass(value):
        return importlib.import_module(value.__module__), value.__qualname__
    return module, ".".join(rest)


def _longest_module(parts: list[str]) -> tuple[ModuleType, list[str]]:
    for end in range(len(parts), 0, -1):
        name = ".".join(parts[:end])
        try:
            return importlib.import_module(name), parts[end:]
        except ModuleNotFoundError as error:
            if not name.startswith(error.name or name):
                raise  # the module is there, but lacks something that it needs
    raise ShowError(f"can't show {'.'.join(parts)!r}: there is no module {parts[0]!r}")


def shown(name: str, *, hide_options: bool = False) -> Shown:
    """The code of an object as pages show it.

    Parameters
    ----------
    name : str
        Dotted name, such as ``"mnistlab.evaluate"``: a function, a class, a method or a constant.
    hide_options : bool
        Write ``...`` instead of keyword-only parameters.

    Raises
    ------
    ShowError
        If there is no such object, or its source can't be found.
    """
    module, qualified = find(name)
    try:
        source = inspect.getsource(module)
    except (OSError, TypeError) as error:
        raise ShowError(f"can't show {name!r}: no source of {module.__name__!r}") from error
    node = _statement(ast.parse(source), qualified.split("."))
    if node is None:
        raise ShowError(
            f"can't show {name!r}: {module.__name__!r} does not define {qualified!r}; "
            "name the module that does"
        )
    code = _without_docs(source.splitlines(), node, hide_options)
    code = [TOOL_COMMENT.sub("", line) for line in code]
    return Shown(textwrap.dedent("\n".join(code)), f"{module.__name__}.{qualified}")


def _statement(tree: ast.AST, path: list[str]) -> ast.stmt | None:
    """The statement that defines the name at ``path``, looked up level by level."""
    found: ast.stmt | None = None
    for part in path:
        body = getattr(found or tree, "body", [])
        found = next((statement for statement in body if part in _names(statement)), None)
        if found is None:
            return None
    return found


def _names(statement: ast.stmt) -> list[str]:
    if isinstance(statement, Definition):
        return [statement.name]
    if isinstance(statement, ast.AnnAssign):
        return [ast.unparse(statement.target)]
    if isinstance(statement, ast.Assign):
        return [ast.unparse(target) for target in statement.targets]
    return []


def _without_docs(lines: list[str], node: ast.stmt, hide_options: bool) -> list[str]:
    """The lines of a statement, its definitions short, every other line as it is."""
    shorter: dict[int, tuple[int, list[str]]] = {}
    for definition in ast.walk(node):
        if isinstance(definition, Definition):
            start, end, text = _head(lines, definition, hide_options)
            shorter[start] = (end, text)
            shorter |= {check.lineno: (check.end_lineno, []) for check in _checks(definition)}
    for decorator in _private_decorators(node):
        shorter[decorator.lineno] = (decorator.end_lineno, [])
    number, result = _first_line(node), []
    while number <= node.end_lineno:
        end, text = shorter.get(number, (number, [lines[number - 1]]))
        result += text
        number = end + 1
    return result


def _private_decorators(node: ast.stmt) -> list[ast.expr]:
    """Decorators of the package's own, such as ``@_threads.suits_its_network``: no reader needs them."""
    decorators = getattr(node, "decorator_list", [])
    return [one for one in decorators if ast.unparse(one).startswith("_")]


def _checks(definition: Definition) -> list[ast.stmt]:
    """The statements of a body that only check arguments: calls of ``_check...`` and the like."""
    if len(definition.body) < 2:
        return []
    return [
        statement
        for statement in definition.body
        if isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Call)
        and CHECK.match(ast.unparse(statement.value.func))
    ]


def _first_line(statement: ast.stmt) -> int:
    """Line on which a statement starts, with its decorators."""
    decorators = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


def _head(lines: list[str], node: Definition, hide_options: bool) -> tuple[int, int, list[str]]:
    """Where a definition's head (signature and docstring) starts and ends, and what replaces it."""
    start, last = node.lineno, _first_line(node.body[0]) - 1
    documented = ast.get_docstring(node, clean=False) is not None
    if documented:
        last = node.body[0].end_lineno
    while documented and last < node.end_lineno and not lines[last].strip():
        last += 1
    if isinstance(node, ast.ClassDef):
        head = lines[start - 1 : _first_line(node.body[0]) - 1]
    elif node.body[0].lineno == start:  # all on one line
        return start, start, [lines[start - 1]]
    else:
        head = textwrap.indent(signature(node, hide_options=hide_options), " " * node.col_offset)
        head = head.splitlines() + _comments_after_signature(lines, node)
    if documented and len(node.body) == 1:
        head.append(" " * (node.col_offset + 4) + "...")
    return start, last, head


def _comments_after_signature(lines: list[str], node: ast.FunctionDef) -> list[str]:
    """Comment lines between the signature and the first statement."""
    between: list[str] = []
    for line in reversed(lines[node.lineno - 1 : _first_line(node.body[0]) - 1]):
        if not line.lstrip().startswith("#"):
            break
        between.insert(0, line)
    return between


def signature(node: ast.FunctionDef | ast.AsyncFunctionDef, *, hide_options: bool = False) -> str:
    """``def name(parameters):`` without annotations, wrapped to `SIGNATURE_COLUMNS`."""
    start = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    start += f" {node.name}("
    parameters = _parameters(node.args, hide_options)
    line = f"{start}{', '.join(parameters)}):"
    if len(line) + node.col_offset <= SIGNATURE_COLUMNS:
        return line
    bare = parameters.index("*") if "*" in parameters else len(parameters)
    width = SIGNATURE_COLUMNS - node.col_offset
    wrapped = [*_fill(parameters[:bare], width), *_fill(parameters[bare:], width)]
    wrapped[-1] = wrapped[-1].replace("...,", "...")
    return "\n".join([start, *wrapped, "):"])


def _fill(parameters: list[str], width: int) -> list[str]:
    """Parameters on as few indented lines as they need; none is broken."""
    lines: list[str] = []
    for parameter in parameters:
        joined = f"{lines[-1]} {parameter}," if lines else ""
        if lines and len(joined) <= width:
            lines[-1] = joined
        else:
            lines.append(f"    {parameter},")
    return lines


def _parameters(arguments: ast.arguments, hide_options: bool) -> list[str]:
    """Each parameter with its default, and the marks ``/`` and ``*`` where they belong."""
    positional = [*arguments.posonlyargs, *arguments.args]
    missing = len(positional) - len(arguments.defaults)
    defaults = [None] * missing + list(arguments.defaults)
    result = [_parameter(a, d) for a, d in zip(positional, defaults, strict=True)]
    if arguments.posonlyargs:
        result.insert(len(arguments.posonlyargs), "/")
    if arguments.vararg:
        result.append(f"*{arguments.vararg.arg}")
    if arguments.kwonlyargs and hide_options:
        result.append("...")
    elif arguments.kwonlyargs:
        result += [] if arguments.vararg else ["*"]
        pairs = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        result += [_parameter(a, d) for a, d in pairs]
    if arguments.kwarg:
        result.append(f"**{arguments.kwarg.arg}")
    return result


def _parameter(argument: ast.arg, default: ast.expr | None) -> str:
    return argument.arg if default is None else f"{argument.arg}={ast.unparse(default)}"


class Show(SphinxDirective):
    """Print the source of one or more objects of the package; see the module's docstring."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = False
    option_spec: ClassVar[dict[str, Any]] = {
        "options": lambda value: directives.choice(value, ("show", "hide")),
    }

    def run(self) -> list[nodes.Node]:
        """One box per name, or a warning for each that can't be shown."""
        hide = self.options.get("options") == "hide"
        boxes: list[nodes.Node] = []
        for name in self.arguments[0].replace(",", " ").split():
            try:
                boxes.append(self._box(name, shown(name, hide_options=hide)))
            except ShowError as error:
                logger.warning(str(error), location=self.get_location(), type="show")
        return boxes

    def _box(self, name: str, result: Shown) -> nodes.container:
        self._complain(name, result.code)
        block = nodes.literal_block(result.code, result.code, language="python")
        self.set_source_info(block)
        box = nodes.container("", block, self._link(result), classes=["shown"])
        self.set_source_info(box)
        return box

    def _link(self, result: Shown) -> nodes.paragraph:
        """A small line below the code: where the object is, linked to its documentation."""
        module, _, name = result.target.rpartition(".")
        link = addnodes.pending_xref(
            "",
            nodes.literal("", name, classes=["xref", "py", "py-obj"]),
            refdomain="py",
            reftype="obj",
            reftarget=result.target,
            refdoc=self.env.docname,
            refwarn=True,
        )
        self.set_source_info(link)
        return nodes.paragraph("", "", link, nodes.Text(f" in {module}"), classes=["shown-link"])

    def _complain(self, name: str, code: str) -> None:
        lines = code.splitlines()
        widest = max(map(len, lines))
        if widest > COLUMNS:
            message = f"{name} has a line of {widest} columns; a page shows at most {COLUMNS}"
            logger.warning(message, location=self.get_location(), type="show", subtype="wide")
        if len(lines) > LINES:
            message = f"{name} has {len(lines)} lines; a page shows at most {LINES}"
            logger.warning(message, location=self.get_location(), type="show", subtype="long")


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("show", Show)
