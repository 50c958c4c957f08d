"""From an answer to a reward, with no framework in it: what every way in shares.

`reward` has the rule from a judgement to a number, `scorer` goes from a model's text to that number, and the others say
which problems and which sandboxes an environment means. Frameworks are named above this package only.
"""
