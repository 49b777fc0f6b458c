"""What reports read: sets, never rows one by one; each statement starts from the customers the reader may
see.
"""
