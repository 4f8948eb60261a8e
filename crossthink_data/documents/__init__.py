"""Web archives and documents to clean text, through datatrove; every dropped record counted."""

from crossthink_data.documents.inputs import InputFile
from crossthink_data.documents.settings import DocumentSettings
from crossthink_data.documents.stage import (
    CleanDocuments,
    FileAccount,
    clean_documents,
    documents_digest,
)

__all__ = [
    "CleanDocuments",
    "DocumentSettings",
    "FileAccount",
    "InputFile",
    "clean_documents",
    "documents_digest",
]
