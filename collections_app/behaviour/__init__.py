"""How customers pay: learned from what they did, said in words."""
