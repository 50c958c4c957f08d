# /// attack
# kind = "escape"
# aim = "mount over others' folders, by the old calls and the new"
# outcome = "exited"
# ///
import ctypes
import errno
import json
import os

given = json.loads(input())
libc = ctypes.CDLL(None, use_errno=True)
folder = given["folder"].encode()
for kind, flags in (
    (b"tmpfs", 0),
    (b"proc", 0),
    (b"sysfs", 0),
    (b"overlay", 0),
    (None, 4096),
    (None, 32),
    (None, 1 << 18),
):
    if libc.mount(folder, folder, kind, flags, None) == 0:
        print("managed to mount", kind, flags)
for flags in (0, 1, 2, 8):
    if libc.umount2(b"/proc", flags) == 0 or libc.umount2(folder, flags) == 0:
        print("managed to unmount")
for name, arguments in (
    ("open_tree", (428, -100, folder, 1)),
    ("move_mount", (429, -100, folder, -100, folder, 0)),
    ("fsopen", (430, b"tmpfs", 0)),
    ("fsconfig", (431, 0, 0, 0, 0, 0)),
    ("fsmount", (432, 0, 0, 0)),
    ("fspick", (433, -100, folder, 0)),
    ("mount_setattr", (442, -100, folder, 0, bytes(32), 32)),
    ("statmount", (457, bytes(24), bytes(512), 512, 0)),
    ("listmount", (458, bytes(24), bytes(512), 64, 0)),
    ("open_tree_attr", (467, -100, folder, 1, bytes(32), 32)),
):
    if libc.syscall(*arguments) >= 0 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
        print("managed", name, ctypes.get_errno())
for path in (folder, b"/", b"."):
    if libc.chroot(path) == 0:
        print("managed chroot", path)
if libc.pivot_root(folder, folder) == 0 if hasattr(libc, "pivot_root") else False:
    print("managed pivot_root")
if os.path.ismount(folder):
    print("managed a mount")
print("contained")
