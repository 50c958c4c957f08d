"""The process inside a sandbox that runs untrusted programs. Standard library only, relative imports only."""
