"""Rewards for RL trainers that are not verifiers: a module for each trainer, in the shape that it calls.

None of them imports verifiers, nor its trainer's training code. prime-rl is not here: it uses verifiers' v1 API.
"""
