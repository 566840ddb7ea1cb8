"""The approval engine: which levels a document needs, who decides each of them, and what was decided.

``rules`` says what is asked, ``people`` who may answer today, ``engine`` walks a document through its levels.
"""
