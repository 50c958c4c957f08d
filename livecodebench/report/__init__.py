"""Results for a person: tables and progress in the terminal."""
