"""The training loop, checkpoints, logs, and more than one process; it knows no model."""
