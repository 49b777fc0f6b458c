"""What a message carries besides its words: whom it answers and names, reactions, earlier versions, files, pins."""
