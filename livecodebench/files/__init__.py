"""Files of lines and of JSON: read with a bound and a place for every error, written so that a kill loses nothing."""
