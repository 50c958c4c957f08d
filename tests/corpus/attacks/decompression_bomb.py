# /// attack
# kind = "bomb"
# aim = "unpack a little into very much"
# outcome = ["memory_limit", "cpu_limit"]
# ///
import zlib

packer = zlib.compressobj()
data = b"".join(packer.compress(bytes(10_000_000)) for _ in range(40)) + packer.flush()
kept = zlib.decompress(data)
