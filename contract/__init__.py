"""What crosses MQTT and the API: topics, messages, readings and the model manifest."""
