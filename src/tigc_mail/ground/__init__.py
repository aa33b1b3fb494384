"""The ground floor: what every other floor stands on (languages, markings, files, the database)."""
