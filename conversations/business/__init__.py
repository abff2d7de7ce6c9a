"""The ground of the business API, on which the operations of every app stand."""
