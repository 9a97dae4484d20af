"""Twilio's REST API as far as this project calls it."""

from __future__ import annotations

from aiohttp import web

from ivr.exchange.hub import Hub

ROOT = "/2010-04-01/"


def add_routes(application: web.Application, hub: Hub) -> None:
    return None
