"""LiveCodeBench: real contest problems, hidden tests, programs judged in a jail. Importing this is cheap."""
