"""A LOCAL TELEPHONE EXCHANGE that plays the carrier: it speaks Twilio's side of every wire.

It runs TwiML fetched by signed webhooks, media streams, the REST calls in use, conferences and fault knobs,
and connects phones (browser, command line, tests) over one small WebSocket protocol. It stands for the
outside world: it shares nothing with the answering side but ``ivr.audio`` and ``ivr.errors``, and is
checked against Twilio's published facts.
"""
