"""Problems: from a name, a release or a file, through filters, with hidden tests left on the disk until asked for."""
