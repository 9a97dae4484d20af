"""SIGNAL: frames, mu-law, resampling, voice activity, end of turn. Pure: no clock, no engine of speech, no I/O."""
