# /// attack
# kind = "bomb"
# aim = "hold memory that outlives the process: System V segments, message queues, semaphores, again and again"
# outcome = "exited"
# ///
import ctypes
import json

given = json.loads(input())
libc = ctypes.CDLL(None, use_errno=True)
made = []
for number in range(20):
    segment = libc.shmget(0, ctypes.c_size_t(1_000_000), 0o1600)
    queue = libc.msgget(0, 0o1600)
    semaphores = libc.semget(0, 100, 0o1600)
    made += [value for value in (segment, queue, semaphores) if value >= 0]
    for value, remove in ((segment, libc.shmctl), (queue, libc.msgctl)):
        if value >= 0:
            remove(value, 0, None)
    if semaphores >= 0:
        libc.semctl(semaphores, 0, 0)
if made:
    print("managed", len(made), "objects")
if libc.shmat(0, None, 0) not in (-1, 0xFFFFFFFF):
    print("managed to attach")
print("contained")
