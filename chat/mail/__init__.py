"""E-mail as the same thread: what is written by mail is said in the room, what is said goes out as mail."""
