"""How does a test judge?  assert_conforms(), assert_consumes(), the exporter for tests, the pytest plugin."""
