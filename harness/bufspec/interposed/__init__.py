"""The requests that an application makes while it runs: recorded, read again, and judged."""
