"""The generation layer, the only place that talks to a model: engine, journal, backends."""
