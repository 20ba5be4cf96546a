"""The service over HTTP: what other systems call, as the OpenAPI document says it."""
