"""Figures; none of these functions sees a model."""
