"""Where a program runs: the agent and its jail, and pools of sandboxes. Knows no problem and no expected output."""
