"""Layers that torch.nn does not have: tied decoders, corruptions, sparse codes."""
