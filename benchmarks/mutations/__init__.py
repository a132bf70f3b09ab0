"""Does the verifier see what is wrong? Seeded semantic mutations of correct translations.

    python -m benchmarks.mutations FOLDER [--count 200] [--seed 0] [--mode MODES] [--only NAME]...
        [--results FILE]

FOLDER holds programs with [[tool.tfjax.verify]] settings (`examples/`) or a list of them in
`cases.toml` (`tests/programs`); those that do not verify are left out. Each mutation
changes one expression or statement of the translation. Counted: how many are caught, of how many of
these the report names the mutated line (where the values part, the last line at which they agree,
or where a module is made), and of how many it lies between the last two. A mutation that changes no
value on any input (the transpose of a vector) is an equivalent: those that are not caught are
listed with their text, to be judged by a person. One in code that the program does not come to
(a branch, which raises unnoticed when made to) does not count.

What came of each goes into the results file, a line each; a run takes up where another was cut off.
`--again` runs those of the file once more that were not caught, or whose line was not named.
"""
