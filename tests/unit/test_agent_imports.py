"""The agent runs beside a bare Python: it may import the standard library and itself, relatively, and nothing else."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import lcb_ray.agent

FOLDER = Path(lcb_ray.agent.__file__).parent
MODULES = sorted(FOLDER.glob("*.py"))
_IMPORT_ALL = """
import importlib.util, sys
folder, *names = sys.argv[1:]
spec = importlib.util.spec_from_file_location("other", folder + "/__init__.py", submodule_search_locations=[folder])
module = sys.modules["other"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
for name in names:
    importlib.import_module("other." + name)
outside = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names) - {"__main__", "other"}
assert not outside, outside
"""


def imports(path):
    """(level, module) of every import statement, wherever it stands."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.level, node.module or ""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_imports_the_standard_library_and_its_siblings(path):
    for level, module in imports(path):
        if level == 0:
            assert module.partition(".")[0] in sys.stdlib_module_names
        else:
            assert level == 1, f"{module} is outside the agent"
            assert not module or (FOLDER / f"{module}.py").exists()


def test_there_is_no_folder_below_the_agent_s():
    assert [path.name for path in FOLDER.iterdir() if path.is_dir() and path.name != "__pycache__"] == []


def test_it_can_be_imported_under_another_name_without_site_packages():
    """As a launched agent and as the one file are: isolated, no site, no package of ours around it."""
    names = [path.stem for path in MODULES if path.stem != "__init__"]
    subprocess.run([sys.executable, "-I", "-S", "-c", _IMPORT_ALL, FOLDER, *names], check=True, timeout=60)
