"""What happens to a program's text before it is run."""

import ast

_IMPORTED = (
    *("string", "re", "datetime", "collections", "heapq", "bisect", "copy", "math", "random", "statistics"),
    *("itertools", "functools", "operator", "io", "sys", "json"),
)
import_string = (
    "".join(f"from {name} import *\n" for name in (*_IMPORTED, "builtins", "typing"))
    + "".join(f"import {name}\n" for name in _IMPORTED)
    + "sys.setrecursionlimit(50000)\n"
)


def clean_if_name(code: str) -> str:
    """Put the body of a closing `if __name__ == '__main__'` in its place; any other stays, and is never true."""
    try:
        tree = ast.parse(code)
        last = tree.body[-1]
        if isinstance(last, ast.If) and ast.unparse(last.test).strip() == "__name__ == '__main__'":
            code = ast.unparse(tree.body[:-1]) + "\n" + ast.unparse(last.body)  # type: ignore[arg-type]
    except:  # noqa: E722 - the time limit, too: as there
        pass
    return code


def make_function(code: str) -> str:
    """Wrap all but the imports in a function; code that cannot be parsed is left alone, and fails when it is run."""
    try:
        statements = ast.parse(code).body
        imports = [node for node in statements if isinstance(node, ast.Import | ast.ImportFrom)]
        others = [node for node in statements if not isinstance(node, ast.Import | ast.ImportFrom)]
        nothing = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
        function = ast.FunctionDef(name="wrapped_function", args=nothing, body=others, decorator_list=[], lineno=-1)
        return import_string + "\n" + ast.unparse(imports) + "\n" + ast.unparse(function)  # type: ignore[arg-type]
    except Exception:
        return code
