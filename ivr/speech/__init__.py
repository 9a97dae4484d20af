"""Engines behind two Protocols: ears (``stt``: Vosk, PocketSphinx) and voice (``tts``: pyttsx3, Piper).

Decides nothing about a call: sound in, hypotheses out; text in, mu-law out. ``engines`` picks by settings.
This file imports nothing, because the worker processes are modules of this room and must start quickly.
"""
