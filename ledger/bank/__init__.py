"""Bank statements and what is done with their money: readers, booking, cash application."""
