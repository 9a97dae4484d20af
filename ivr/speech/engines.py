"""Which ears and which voice, by settings and by what this machine has. Starts no process and loads no
sound."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable

from ivr.config import Config
from ivr.errors import SpeechError
from ivr.speech import models, synth
from ivr.speech.cache import Cache
from ivr.speech.sphinx import Sphinx
from ivr.speech.stt import Recogniser
from ivr.speech.tongues import Tongues
from ivr.speech.vosk import Vosk

log = logging.getLogger(__name__)

_DEFAULT_MODEL = {"en": "vosk-model-small-en-us-0.15"}


def pick(config: Config, *, has_domain_model: bool = True, has_second_pass: bool = True) -> Recogniser:
    """The recogniser in force: Vosk where a model for the language is found, else the built-in one.

    Loads the Vosk model (seconds). Raises SpeechError with the remedy. What was picked: ``describe()``. Both
    parts can be left out, to measure what they are worth.
    """
    speech = config.speech
    workers = speech.workers or max(1, (os.cpu_count() or 1) // config.server.gateways)
    fetch = f"run: ivr models fetch {_DEFAULT_MODEL.get(speech.language, '(see ivr models list)')}"
    model = models.find(config)
    if model is not None:
        return Vosk(
            model,
            language=speech.language,
            workers=workers,
            has_domain_model=has_domain_model,
            has_second_pass=has_second_pass,
        )
    if speech.engine == "vosk":
        raise SpeechError(f"speech.engine is vosk, but no model for {speech.language!r} is here; {fetch}")
    if speech.language != Sphinx.language:
        raise SpeechError(
            f"no Vosk model for {speech.language!r} is here, and the built-in engine knows English only; "
            f"put a model into {speech.models_dir} or name it in speech.model"
        )
    note = f"for better understanding {fetch}" if speech.engine == "auto" else ""
    return Sphinx(
        workers=workers, note=note, has_domain_model=has_domain_model, has_second_pass=has_second_pass
    )


def ears(config: Config, languages: Iterable[str]) -> Recogniser:
    """The recogniser in force, and one for each further language; where no model for one is here, its callers answer
    by keys.

    Loads the models. Raises SpeechError for the main language alone.
    """
    main = pick(config)
    others: dict[str, Recogniser | None] = {}
    for language in languages:
        speech = config.speech.model_copy(update={"language": language, "model": None, "engine": "auto"})
        try:
            others[language] = pick(config.model_copy(update={"speech": speech}))
        except SpeechError as error:
            log.warning("callers who speak %r can only use keys: %s", language, error)
            others[language] = None
    return Tongues(main, others) if others else main


def voice(config: Config) -> Cache:
    """The voice in force, with its cache in the data folder. Raises SpeechError with the remedy."""
    wanted = config.voice
    make = {"pyttsx3": synth.pyttsx3, "piper": synth.piper}[wanted.engine]
    made = make(
        workers=wanted.workers, rate_wpm=wanted.rate_wpm, voice=wanted.name, timeout_s=wanted.render_timeout_s
    )
    identity = f"{wanted.engine}\0{wanted.name}\0{wanted.rate_wpm}"
    return Cache(made, config.data.folder / "voice", identity)
