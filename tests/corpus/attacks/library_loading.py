# /// attack
# kind = "escape"
# aim = "load code from where others may write, or that the user has installed"
# outcome = "exited"
# needs_landlock = true
# ///
import ctypes
import importlib.machinery
import importlib.util
import json
import sys

given = json.loads(input())
for path in (given["secret"], "/tmp/x.so", "/dev/shm/x.so", *given["packages"]):
    try:
        ctypes.CDLL(path)
        print("managed to load", path)
    except OSError as error:
        if "invalid ELF" in str(error) or "too short" in str(error):
            print("managed to read", path)
for path in given["packages"]:
    sys.path.insert(0, path.rpartition("/")[0])
    try:
        loader = importlib.machinery.SourceFileLoader("loaded", path)  # whatever its name ends in
        spec = importlib.util.spec_from_file_location("loaded", path, loader=loader)
        loader.exec_module(importlib.util.module_from_spec(spec))
        print("managed to run", path)
    except (OSError, ImportError, SyntaxError, ValueError):
        pass
for name in ("pytest", "livecodebench", "ray", "lcb_ray"):
    try:
        __import__(name)
        print("managed to import", name)
    except ImportError:
        pass
print("contained")
