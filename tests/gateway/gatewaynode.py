"""One gateway process for tests: ``python gatewaynode.py DESCRIPTOR END_S``; a call says who carries it."""

import os
import sys
from pathlib import Path

from ivr.gateway import Gateway, MediaSocket, Server


async def carry(media: MediaSocket) -> None:
    while await media.receive() is not None:
        await media.send(str(os.getpid()))


if __name__ == "__main__":
    gateway = Gateway(
        carry=carry,
        is_signed=lambda target, headers: True,
        web=Path("nowhere"),
        fallback_twiml=lambda: "<Response />",
        journal=None,
        desks=None,
        newsroom=None,
    )
    Server(gateway, int(sys.argv[1]), end_s=float(sys.argv[2]), linger_s=0.3).run()
