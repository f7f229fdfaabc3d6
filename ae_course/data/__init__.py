"""MNIST and its relatives, Shakespeare, vocabularies, datasets, and batches."""
