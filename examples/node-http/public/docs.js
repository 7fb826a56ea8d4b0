// The document says who may call what; the gate wrote that into it.
globalThis.SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui' })
