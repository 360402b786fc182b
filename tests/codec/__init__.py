"""Tests of typed JSON."""
