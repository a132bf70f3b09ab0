"""Clients of language models: one protocol, three back ends (HTTP, recordings, vLLM in process)."""
