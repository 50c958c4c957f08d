# /// attack
# kind = "environment"
# aim = "find the folder that the judge was started in, and read what lies there"
# outcome = "exited"
# needs_landlock = true
# ///
import os
import sys

if os.getcwd() != "/":
    print("managed to be in", os.getcwd())
for path in (".", "..", "./etc/passwd", "pyproject.toml", "tests", "../../proc/self/environ", "//etc//passwd"):
    try:
        if os.path.isdir(path):
            os.listdir(path)
        else:
            open(path).read()
        print("managed to read", path)
    except OSError:
        pass
for path in ("/root", "/home", "/tmp", "/etc", "/proc/self/cwd", "/proc/1/root"):
    try:
        os.chdir(path)
        os.listdir(".")
        print("managed to list", path)
    except OSError:
        pass
if sys.argv != ["solution.py"] or sys.orig_argv != ["solution.py"]:
    print("managed to see", sys.argv, sys.orig_argv)
print("contained")
