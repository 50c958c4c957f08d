# /// attack
# kind = "environment"
# aim = "read names of the environment that tell of the user, the cluster or secrets"
# outcome = "exited"
# ///
import ctypes
import json
import os

given = json.loads(input())
libc = ctypes.CDLL(None)
libc.getenv.restype = ctypes.c_char_p
wanted = """USER LOGNAME SHELL MAIL SSH_CLIENT SSH_AUTH_SOCK HF_TOKEN OPENAI_API_KEY AWS_SECRET_ACCESS_KEY KUBECONFIG PWD OLDPWD
KUBERNETES_SERVICE_HOST RAY_ADDRESS RAY_AUTH_TOKEN VIRTUAL_ENV PYTHONPATH LCB_TEST_SECRET LCB_CORPUS _ HOSTNAME TMPDIR""".split()
for name in wanted:
    if name in os.environ or libc.getenv(name.encode()):
        print("managed to read", name)
allowed = {"PATH", "LANG", "LC_CTYPE", "HOME", "PYTHONHASHSEED", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"}
allowed |= {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "LD_LIBRARY_PATH"}
if more := set(os.environ) - allowed:
    print("managed to see", more)
if os.environ.get("HOME") != "/nonexistent":
    print("managed to find a home")
print("contained")
