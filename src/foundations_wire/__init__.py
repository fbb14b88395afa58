"""Words that both sides share: ids, states, job specs, messages, errors, codec.

Standard library only, written for Python 3.9, because the SDK that stands on it is
mounted into images that we did not build.
"""
