"""The app on the phone: its cards, its worker, and what makes it installable."""
