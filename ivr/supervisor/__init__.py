"""STARTS AND WATCHES THE PROCESSES OF ONE NODE: Redis where none is configured, web, gateways, dispatch, exchange.

Every child is this program again (``python -m ivr run PART``), told its settings by the environment and
holding a pipe from here: when this process ends, however it ends, its children do. A child that dies is
started again, with growing pauses. It carries no call itself.
"""

from ivr.supervisor.child import Child
from ivr.supervisor.node import Node, asked_to_end, drain, running, serve
from ivr.supervisor.notice import NODE_FILE, attach
from ivr.supervisor.settings import as_environment

__all__ = [
    "NODE_FILE",
    "Child",
    "Node",
    "as_environment",
    "asked_to_end",
    "attach",
    "drain",
    "running",
    "serve",
]
