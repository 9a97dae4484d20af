"""THE ONE PUBLIC PORT: an ASGI front that carries media sockets, streams live events and forwards all else.

It decides nothing about a call and renders no page: sockets go to ``carry``, pages and webhooks to the web
process over its Unix socket, telephones at a desk to the local exchange where one is configured.
"""

from ivr.gateway.front import Gateway, MediaSocket
from ivr.gateway.live import Journal
from ivr.gateway.server import Server

__all__ = ["Gateway", "Journal", "MediaSocket", "Server"]
