"""Twilio: its media messages, its webhooks, its TwiML and its REST interface. Decides nothing about a call."""
