"""Questions from documents and personas: what to ask of a model, and what to keep of its replies.

Pure rules, one file per kind of question, prompts beside them: no file is opened for writing, no
model is called, no clock is read.
"""
