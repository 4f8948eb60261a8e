"""Web archives and documents to clean text, through datatrove; every dropped record counted."""
