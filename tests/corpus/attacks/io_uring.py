# /// attack
# kind = "escape"
# aim = "have a ring of the kernel make the calls that the filter refuses"
# outcome = "exited"
# ///
import ctypes
import errno

libc = ctypes.CDLL(None, use_errno=True)
parameters = ctypes.create_string_buffer(120)
for flags in (0, 2, 1 << 6, 1 << 12, 1 << 14):  # none, kernel thread, disabled, single issuer, no mapping
    parameters[8:12] = flags.to_bytes(4, "little")
    ring = libc.syscall(425, 4, parameters)
    if ring >= 0 or ctypes.get_errno() not in (errno.ENOSYS, errno.EPERM):
        print("managed a ring", flags, ring)
for call in (426, 427):  # io_uring_enter, io_uring_register
    for number in range(-1, 8):
        if libc.syscall(call, number, 0, 0, 0, None, 0) >= 0 or ctypes.get_errno() not in (errno.ENOSYS, errno.EPERM):
            print("managed call", call)
contexts = ctypes.c_ulong(0)
if libc.syscall({True: 206}.get(ctypes.sizeof(ctypes.c_void_p) == 8, 0), 4, ctypes.byref(contexts)) == 0 and contexts:
    print("managed the older kind")
print("contained")
