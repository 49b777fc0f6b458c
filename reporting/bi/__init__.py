"""The tables for BI tools: views in a schema of their own, and roles of the database that may read only them."""
