"""Many rows in one call of the API: good ones go in, bad ones are listed, the same call again changes nothing."""
