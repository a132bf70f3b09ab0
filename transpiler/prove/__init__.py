"""`rules prove`: the compiler's side of the ladder in `rules/prove`, and the processes it runs in.

Nothing here imports a framework, except in a worker process.
"""
