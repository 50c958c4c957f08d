"""From a submission to a judgement: gradings, checkers, and the pools that run the programs."""
