"""The ground of the business API: who calls, what they may, pages of lists, and nouns. Every app's operations stand on it."""
