"""What somebody who calls a customer needs to see: whom, when, what to say, and what it is about."""
