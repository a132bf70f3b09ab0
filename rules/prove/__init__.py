"""The proof ladder for rules: what runs TensorFlow and JAX on sampled arguments of a rule.

`domain` and `derive` say which arguments, `sample` draws them, `source` and `target` run the two
sides, `compare` decides, `diagnose` looks for the cause of a difference, `ladder` puts it together.
Translation comes from outside (`translator`): this package knows rules, not the compiler.
"""
