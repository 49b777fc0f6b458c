"""The finance dashboard: filters from the address, figures from the selectors, pictures from the charts."""
