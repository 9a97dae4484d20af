"""Twilio: its media messages, webhooks, TwiML and REST interface. Decides nothing about a call."""
