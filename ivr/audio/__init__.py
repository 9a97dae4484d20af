"""SIGNAL: frames, mu-law, resampling, voice activity, end of turn, music. Pure: no clock, no engine."""
