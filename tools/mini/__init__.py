"""Makes the bundled `mini` dataset: problems, stored answers of two fictional models, and the verdicts they must get.

Run `python -m tools.mini` in the repository. The files come out the same, byte for byte, each time. All problems,
programs and answers were written for this project.
"""
