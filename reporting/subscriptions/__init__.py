"""Reports that come by mail: who wants which, how often, and what was sent."""
