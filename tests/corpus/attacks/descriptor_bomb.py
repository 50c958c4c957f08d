# /// attack
# kind = "bomb"
# aim = "open files without end: copies, pipes, events, watches, and watches of watches"
# outcome = "exited"
# ///
import ctypes
import os
import resource
import select

libc = ctypes.CDLL(None, use_errno=True)
kept = []
makers = (
    lambda: os.dup(0),
    lambda: os.open(os.__file__, os.O_RDONLY),
    lambda: os.pipe()[0],
    lambda: os.eventfd(0),
    lambda: select.epoll(),
    lambda: libc.timerfd_create(1, 0),
    lambda: libc.inotify_init1(0),
    lambda: libc.signalfd(-1, bytes(8), 0),
)
try:
    resource.setrlimit(resource.RLIMIT_NOFILE, (100_000, 100_000))
    print("managed to raise the limit")
except (OSError, ValueError):
    pass
for make in makers:
    try:
        while len(kept) < 10_000:
            made = make()
            if made == -1:
                break
            kept.append(made)
    except OSError:
        pass
watches = [thing for thing in kept if isinstance(thing, select.epoll)]
for one in watches:
    for other in watches:
        try:
            one.register(other)
        except (OSError, ValueError):
            pass
if len(kept) > 64:
    print("managed to open", len(kept))
if libc.dup2(0, 1000) >= 0:
    print("managed a high number")
print("contained")
