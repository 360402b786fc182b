"""Tests of the embedded runtime: a real server process, real HTTP, real sockets."""
