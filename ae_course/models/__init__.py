"""The models of the course, each in a file of its own."""
