"""What a trained model does, measured without changing it."""
