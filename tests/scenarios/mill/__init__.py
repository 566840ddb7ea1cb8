"""G-08, stage by stage: a mill from its invitation to its money."""
