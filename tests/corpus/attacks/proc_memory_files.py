# /// attack
# kind = "escape"
# aim = "open the memory, descriptors, roots of others through /proc, by every name that leads there"
# outcome = "exited"
# ///
import json
import os

given = json.loads(input())
names = """mem environ maps smaps auxv stack syscall personality io wchan timers ns/net ns/mnt ns/pid pagemap
map_files fdinfo/0 fd/0 fd/1 fd/2 fd/3 root cwd exe attr/current sessionid loginuid numa_maps""".split()
for pid in (os.getppid(), given["agent"], given["victim"], given["neighbour"], 1, "thread-self/../../1"):
    for name in names:
        for base in (f"/proc/{pid}", f"/proc/{pid}/task/{pid}", f"/proc/self/../{pid}"):
            try:
                number = os.open(f"{base}/{name}", os.O_NONBLOCK)  # to read; it may be an empty pipe
            except OSError:
                continue
            try:
                found = os.fstat(number).st_size == 0 and os.read(number, 1)
            except OSError:  # some may be opened by anyone, and read by few
                found = b""
            if found and name not in ("sessionid", "loginuid", "wchan", "attr/current"):
                print("managed to read", base, name)
            os.close(number)
print("contained")
