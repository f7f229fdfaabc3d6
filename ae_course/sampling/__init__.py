"""Drawing from a model: text and points."""
