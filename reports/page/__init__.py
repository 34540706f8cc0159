"""The page: records as one HTML file that needs no network, made of templates and of the record as data."""
