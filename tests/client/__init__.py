"""Tests of the runtime client."""
