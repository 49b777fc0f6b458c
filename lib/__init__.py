"""Tools of the house: money, dates, icons, errors, HTTP helpers. No models; imports no app."""
