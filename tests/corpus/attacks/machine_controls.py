# /// attack
# kind = "escape"
# aim = "change the machine: its clock, name, modules, swap, log, ports, quotas"
# outcome = "exited"
# machine = "x86_64"
# ///
import ctypes
import errno
import os
import time

libc = ctypes.CDLL(None, use_errno=True)
nowhere = b"/no/such/place"
before = os.uname().nodename
for name, arguments in (
    ("settimeofday", (164, bytes(16), bytes(8))),
    ("clock_settime", (227, 99, bytes(16))),
    ("adjtimex", (159, b"\xff" * 256)),
    ("clock_adjtime", (305, 0, b"\xff" * 256)),
    ("sethostname", (170, b"attacked", -1)),
    ("setdomainname", (171, b"attacked", -1)),
    ("init_module", (175, None, 0, b"")),
    ("finit_module", (313, -1, b"", 0)),
    ("delete_module", (176, b"no-such-module", 0)),
    ("kexec_load", (246, 0, 0, None, 0xFFFF)),
    ("kexec_file_load", (320, -1, -1, 0, None, 0)),
    ("reboot", (169, 0, 0, 0, None)),  # without the magic numbers: were it to be looked at, it would be EINVAL
    ("iopl", (172, 3)),
    ("ioperm", (173, 0x80, 1, 1)),
    ("swapon", (167, nowhere, 0)),
    ("swapoff", (168, nowhere)),
    ("acct", (163, nowhere)),
    ("syslog", (103, 2, bytes(64), 64)),
    ("quotactl", (179, 0, nowhere, 0, None)),
    ("vhangup", (153,)),
    ("modify_ldt", (154, 0, bytes(16), 16)),
    ("personality", (135, 0x0040000)),
    ("fanotify_init", (300, 0, 0)),
    ("inotify_init1", (294, 0)),
    ("pkey_alloc", (330, 0, 0)),
    ("lookup_dcookie", (212, 0, bytes(8), 8)),
    ("remap_file_pages", (216, 0, 0, 0, 0, 0)),
    ("mbind", (237, 0, 4096, 0, None, 0, 0)),
    ("set_mempolicy", (238, 0, None, 0)),
    ("ioprio_set", (251, 1, 0, 0)),
    ("rseq of others", (435, None, 0)),
    ("memfd_secret", (447, 0)),
    ("quotactl_fd", (443, 0, 0, 0, None)),
    ("lsm_set_self_attr", (460, 100, bytes(32), 32, 0)),
    ("futex_requeue", (456, None, 0, 0, 0)),
    ("cachestat", (451, 0, bytes(16), bytes(40), 0)),
):
    if libc.syscall(*arguments) >= 0 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
        print("managed", name, ctypes.get_errno())
for clock in (time.CLOCK_REALTIME, time.CLOCK_MONOTONIC):
    try:
        time.clock_settime(clock, 0.0)
        print("managed to set the clock")
    except OSError:
        pass
if os.uname().nodename != before:
    print("managed to rename the machine")
print("contained")
