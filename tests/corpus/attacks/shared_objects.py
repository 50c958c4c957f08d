# /// attack
# kind = "bomb"
# aim = "leave shared memory, queues or semaphores behind"
# outcome = "exited"
# ///
import ctypes
import json
import mmap

given = json.loads(input())
libc = ctypes.CDLL(None, use_errno=True)
key, name, create = given["key"], given["token"].encode(), 0o1000 | 0o666
for what, result in (
    ("shared memory", libc.shmget(key, 4096, create)),
    ("a message queue", libc.msgget(key, create)),
    ("semaphores", libc.semget(key, 1, create)),
    ("POSIX shared memory", libc.shm_open(b"/" + name, 0o102, 0o666)),
    ("a POSIX queue", libc.syscall(240, name, 0o102, 0o666, 0)),
    ("a POSIX queue", libc.syscall(180, name, 0o102, 0o666, 0)),
    ("a memory file", libc.memfd_create(b"x", 0)),
    ("a secret memory file", libc.syscall(447, 0)),
    ("a key", libc.syscall(248, b"user", name, b"x", 1, -4)),
    ("a key", libc.syscall(217, b"user", name, b"x", 1, -4)),
):
    if result >= 0:
        print("managed", what)
if libc.sem_open(b"/" + name, 0o100, 0o666, 1):
    print("managed a POSIX semaphore")
try:
    from multiprocessing import shared_memory

    shared_memory.SharedMemory(given["token"], create=True, size=10)
    print("managed shared memory by Python")
except OSError:
    pass
mmap.mmap(-1, 4096)[:1]  # one's own memory is fine
print("contained")
