"""Devices, random numbers and the checks of arguments: what every room needs."""
