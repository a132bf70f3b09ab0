"""Binding-time analysis and staging: what is built once (`__init__`) is parted from what runs on
data (`__call__`).

Start at `program.py` (one project) and `modules.py` (one module of it); `frame.py` holds the state
of one function, `values.py` what is known of an expression, `sites.py` the places where layers are
made.

- `source/`: the tree of the source before it is staged
- `class_definitions/`, `function_definitions/`, `functional_models/`: what definitions become
- `control_flow/`, `evaluation/`, `calling/`: statements, expressions, calls
- `layers/`, `chosen_layers/`: layers where they are applied, and layers that code picks
- `uses/`: calls of the project's own definitions
- `slices/`: both slices once all is evaluated
"""
