"""Tests of the static forms."""
