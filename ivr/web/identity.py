"""What a page's scripts and the gateway ask about the person signed in: who they are, and a key for their phone."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from ivr.accounts.users import ROLES
from ivr.web.access import current_user, problem, requires
from ivr.web.parts import Parts


def identity(parts: Parts) -> Blueprint:
    """The blueprint of ``/console/whoami`` and ``/console/token``."""
    blueprint = Blueprint("identity", __name__, url_prefix="/console")

    @blueprint.get("/whoami")
    @requires(*ROLES)
    def whoami() -> Response:
        user = current_user()
        return jsonify(agent_id=user.login, name=user.name, roles=user.roles, queues=user.queues)

    @blueprint.post("/token")
    @requires("agent")
    def token() -> Response:
        if parts.phone_token is None:
            return problem(503, "No browser phone", "No API key is set: twilio.api_key_sid and its secret.")
        return jsonify(identity=current_user().login, token=parts.phone_token(current_user().login))

    return blueprint
