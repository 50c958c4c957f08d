"""`python -m lcb_ray.gateway`: start the gateway of a cluster, print its URL, and end; the gateway goes on.

With `--wait` the cluster may still be starting: the head of a RayCluster runs this as it starts, if its image has this
code.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import socket
import sys
import time
from functools import partial
from typing import Any

from lcb_ray.errors import PoolUnavailable, SandboxError
from lcb_ray.gateway.actor import PORT, GatewayConfig
from lcb_ray.gateway.protocol import TOKEN_VARIABLE
from lcb_ray.gateway.serving import GATEWAY_NAME, serve
from lcb_ray.ray_pool.driver import RayPool
from lcb_ray.rules.state import PoolRules

_AGAIN_S = 0.5


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status: 0, or 4 where there is no gateway."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(format="%(message)s")
    try:
        print(_served(options))  # noqa: T201 - its result
    except SandboxError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 4
    return 0


def _served(options: argparse.Namespace) -> str:
    until = time.monotonic() + options.wait
    config = _config(options)
    while True:
        waits = time.monotonic() < until
        try:
            if not waits or _listens(options.address):
                return serve(config, name=options.name, address=options.address)
        except PoolUnavailable:
            if not waits:
                raise
        time.sleep(_AGAIN_S)


def _listens(address: str | None) -> bool:
    """Whether a cluster may be there; Ray takes half a minute to find that out."""
    host, _, port = (address or "").partition(":")
    try:
        if port:
            socket.create_connection((host, int(port)), timeout=1.0).close()
    except OSError:
        return False
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m lcb_ray.gateway", description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--codec", metavar="MODULE:NAME", required=True, help="function that returns what may travel")
    parser.add_argument(
        "--code", metavar="A,B", default="lcb_ray", help="packages of which both sides need one version"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address of the head node to listen on")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument(
        "--token-file", metavar="PATH", help=f"of the head node; without it the environment's {TOKEN_VARIABLE} is used"
    )
    parser.add_argument("--backend", default="ray", help="name of the pool's backend in reports")
    parser.add_argument("--grace", type=float, metavar="S", help="seconds that a pool stays after its last client")
    parser.add_argument("--source", metavar="MODULE:NAME", help="function that starts an agent, where a sandbox is")
    parser.add_argument("--name", default=GATEWAY_NAME, help="of the actor")
    parser.add_argument("--address", help="of the cluster; default: RAY_ADDRESS")
    parser.add_argument(
        "--wait", type=float, metavar="S", default=0.0, help="go on so long where no cluster answers yet"
    )
    return parser


def _config(options: argparse.Namespace) -> GatewayConfig:
    code = tuple(options.code.split(","))
    pool: dict[str, Any] = {"code": code, "backend": options.backend}
    if options.grace is not None:
        pool["rules"] = PoolRules(grace_s=options.grace)
    if options.source is not None:
        pool["source"] = _named(options.source)
    return GatewayConfig(
        codec=_named(options.codec)(),
        code=code,
        open_pool=partial(RayPool, **pool),
        host=options.host,
        port=options.port,
        token_file=options.token_file,
    )


def _named(path: str) -> Any:  # noqa: ANN401 - whatever has that name
    module, _, name = path.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise SystemExit(f"{path} is not MODULE:NAME of something that can be imported: {error}") from None


if __name__ == "__main__":
    sys.exit(main())
