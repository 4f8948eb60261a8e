"""One file per verb, `run(settings, progress) -> Report`; the only place where rules meet files."""
