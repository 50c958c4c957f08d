# /// attack
# kind = "bomb"
# aim = "unpack a little into very much"
# outcome = ["memory_limit", "cpu_limit"]
# limits = { memory_bytes = 50_000_000 }
# ///
import zlib

packer = zlib.compressobj()
data = b"".join(packer.compress(bytes(10_000_000)) for _ in range(10)) + packer.flush()
kept = zlib.decompress(data)
