"""Runs in a sandbox's container, as the programs' own user: a victim that listens, and eyes that see what has changed.

Its text is given to the container's Python; nothing but the standard library is there. The first line of its input is
a JSON object {"token": …, "folders": [where it may write]}; its answer says who and where it is. Each further line is a
list of process numbers, answered with the state of all that must not change, and with the listeners that something has
arrived at since.
"""

import json
import os
import select
import socket
import sys
from pathlib import Path


def listen(token, folder):
    """Listeners of every kind: by name, and what an attack is told of them."""
    path = f"{folder}/listener-{token}"
    wanted = {
        "tcp": (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
        "raylet": (socket.AF_INET, socket.SOCK_STREAM, ("0.0.0.0", 0)),
        "udp": (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
        "abstract": (socket.AF_UNIX, socket.SOCK_STREAM, f"\0stream-{token}"),
        "abstract_datagram": (socket.AF_UNIX, socket.SOCK_DGRAM, f"\0datagram-{token}"),
        "path": (socket.AF_UNIX, socket.SOCK_STREAM, path),
        "path_datagram": (socket.AF_UNIX, socket.SOCK_DGRAM, f"{path}-datagram"),
    }
    listeners, told = {}, {"path": path, "path_datagram": f"{path}-datagram"}
    for name, (family, kind, address) in wanted.items():
        listener = socket.socket(family, kind)
        listener.bind(address)
        if kind == socket.SOCK_STREAM:
            listener.listen()
        if family == socket.AF_INET:
            told[name] = listener.getsockname()[1]
        listeners[listener] = name
    told |= {"tcp6": told["tcp"], "abstract": f"stream-{token}", "abstract_datagram": f"datagram-{token}"}
    return listeners, told


def first_writable(folders):
    """Where it may make files."""
    for folder in folders:
        if os.access(folder, os.W_OK):
            return folder
    raise SystemExit(f"nothing to write in {folders}")


def processes():
    """Every process's parent, session and name, zombies left out, and those that the engine has put in from outside."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            about, _, rest = (folder / "stat").read_bytes().rpartition(b")")
        except OSError:
            continue
        state, parent, _, session = rest.split()[:4]
        if state not in b"ZX":
            name = about.partition(b"(")[2].decode("utf-8", "replace")
            found[int(folder.name)] = int(parent), int(session), name
    return {pid: one for pid, one in found.items() if began_with(found, pid) == 1}


def began_with(found, pid):
    while found.get(pid, (0,))[0] in found:
        pid = found[pid][0]
    return pid


def listed(folder):
    try:
        return sorted((entry.name, entry.stat(follow_symlinks=False).st_size) for entry in os.scandir(folder))
    except OSError as error:
        return type(error).__name__


def read(path):
    try:
        return Path(path).read_bytes().decode("utf-8", "replace")
    except OSError as error:
        return type(error).__name__


def asked(call, *arguments):
    try:
        return repr(call(*arguments))
    except OSError as error:
        return type(error).__name__


def about(path):
    """Less the times of access: they are ours."""
    found = Path(path).stat()
    return found.st_mode, found.st_uid, found.st_gid, found.st_nlink, found.st_size, found.st_mtime_ns


def state(secret, folders, pids):
    """What must not change."""
    here = [os.getpid(), *pids]
    return {
        "processes": sorted(processes().items()),
        "files": {folder: listed(folder) for folder in folders},
        "shared objects": {kind: read(f"/proc/sysvipc/{kind}") for kind in ("shm", "msg", "sem")},
        "secret": [read(secret), asked(about, secret)],
        "cores": [asked(os.sched_getaffinity, pid) for pid in here],
        "priorities": [asked(os.getpriority, os.PRIO_PROCESS, pid) for pid in here],
        "schedulers": [asked(os.sched_getscheduler, pid) for pid in here],
        "groups": [asked(os.getpgid, pid) for pid in here],
        "limits": [read(f"/proc/{pid}/limits") for pid in here],
        "fate in need": [read(f"/proc/{pid}/oom_score_adj") for pid in here],
        "names": [read(f"/proc/{pid}/comm") for pid in here],
        "host name": socket.gethostname(),
    }


def answer(words):
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def main():
    first = json.loads(sys.stdin.readline())
    folders = first["folders"]
    mine = first_writable(folders)
    folder = Path(mine, f"attacked-{first['token']}")
    folder.mkdir()
    secret = folder / "secret"
    secret.write_text(first["token"])
    listeners, told = listen(first["token"], mine)
    answer({**told, "victim": os.getpid(), "folder": str(folder), "secret": str(secret)})
    for line in sys.stdin:
        ready = select.select(list(listeners), [], [], 0)[0]
        touched = [listeners.pop(one) for one in ready]
        answer({"touched": touched, "state": state(secret, [*folders, str(folder)], json.loads(line))})


main()
