"""The verbs that ask a model: synth; and status, how far such a run is."""
