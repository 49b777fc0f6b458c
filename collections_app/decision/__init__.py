"""The rule of dunning: pure facts in, what to ask and why out. Reads everything, writes nothing."""
