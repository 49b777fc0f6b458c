"""Charts as geometry: data in, whole pixels out. No colour, no request, no database; a template draws.

Everything is an integer, so that no language writes a comma into an SVG attribute. Colours come from the CSS
classes named here (static/css/charts.css), amounts and dates come as text already written for the reader.
"""
